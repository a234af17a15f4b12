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

/// Enters the claims that the pods of a workload name, and the generic ephemeral volumes that each of them has, with
/// their line on the bill; ties its shape to the zones of those that are bound already. A claim of a class with
/// volumeBindingMode Immediate is bound in a zone that goes by its name, as the provisioner picks one by a hash of it;
/// one whose PersistentVolume is among the files is where that is.
void add_claims(BuildContext& context, WorkloadId workload, const VendorPod* pod, Rate gp3_gb_month,
                kubernetes::VolumeClaims& claims);

/// Whether any workload, DaemonSet or job of the scenario has block volumes on nodes.
bool has_volumes(const Setting& setting);

/// A sentence for each workload whose claims a Fargate column leaves out. SOURCE: EKS user guide, "Fargate
/// considerations": EBS volumes cannot be mounted to Fargate pods.
std::vector<std::string> claims_left_out(const Setting& setting);

}  // namespace plimsoll::eks
