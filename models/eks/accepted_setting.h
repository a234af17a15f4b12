#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/eks/control_plane.h"
#include "models/kubernetes/api/feature_gates.h"
#include "models/kubernetes/version.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// The minor release whose feature gates a column has: that of eksVersion while the rules follow it, else the release
/// that the rules were read in (1.20, 1.26, 1.34).
int gates_minor(const ControlPlane& plane, kubernetes::KubernetesVersion version);

/// "minDomains of web is dropped: Kubernetes 1.26 does not have it on, 1.27 does"
std::string dropped_text(const kubernetes::api::DroppedField& field, const std::string& workloads, int minor);

/// The setting as the API server of release 1.`minor` keeps it: without the fields that it drops (feature_gates.h),
/// and with the sizes that follow; none when it drops nothing. A field earns one remark, with the workloads that have
/// it. What the scenario itself says of a pod's size stays. Left out: fields that come back when the control plane is
/// updated during the run.
std::optional<Setting> accepted_by(const Setting& setting, int minor, std::vector<std::string>& remarks);

}  // namespace plimsoll::eks
