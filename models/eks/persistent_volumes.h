#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/controllers/volume_claims.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// The claims of a StatefulSet's file, as EBS gp3 volumes of the sizes asked for in whole GiB, with their line on the
/// bill; none when its file has no volumeClaimTemplates.
std::optional<kubernetes::ClaimTemplates> claims_of(BuildContext& context, const WorkloadSpec& spec, Rate gp3_gb_month);

/// From the start of a pod on a node until its volumes are attached and mounted. SOURCE: assumed; the AttachVolume
/// call, the appearance of the device and the mount of an EBS volume take 5 to 15 s.
Delay volume_attachment();

/// A sentence for each workload whose claims a Fargate column leaves out. SOURCE: EKS user guide, "Fargate
/// considerations": EBS volumes cannot be mounted to Fargate pods.
std::vector<std::string> claims_left_out(const Setting& setting);

}  // namespace plimsoll::eks
