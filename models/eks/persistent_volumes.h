#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/controllers/volume_claims.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// The claims of a StatefulSet's file, as EBS gp3 volumes of the sizes asked for in whole GiB, with their line on the
/// bill; none when its file has no volumeClaimTemplates.
std::optional<kubernetes::ClaimTemplates> claims_of(BuildContext& context, const WorkloadSpec& spec, Rate gp3_gb_month);

/// Where the volume of a claim is before any pod comes: that of the PersistentVolume among the files, or, of a class
/// with volumeBindingMode Immediate, one of the zones that the class allows (volume_provisioner.h). A claim that waits
/// for its first consumer leaves `volume` as it is. SOURCE: kubernetes-csi/external-provisioner
/// pkg/controller/topology.go.
void tie_to_volume(World& world, const kubernetes::api::ManifestPod& file, const kubernetes::api::VolumeClaim& claim,
                   PodVolume& volume);

/// Enters the claims that the pods of a workload name, and the generic ephemeral volumes that each of them has, with
/// their line on the bill; ties its shape to the zones of those that are bound already (tie_to_volume).
void add_claims(BuildContext& context, WorkloadId workload, const VendorPod* pod, Rate gp3_gb_month,
                kubernetes::VolumeClaims& claims);

/// Whether any workload, DaemonSet or job of the scenario has block volumes on nodes.
bool has_volumes(const Setting& setting);

/// A sentence for each workload whose claims a Fargate column leaves out. SOURCE: EKS user guide, "Fargate
/// considerations": EBS volumes cannot be mounted to Fargate pods.
std::vector<std::string> claims_left_out(const Setting& setting);

/// A sentence for each workload and job with claims that name no StorageClass while no file makes one the default: from
/// 1.30 on EKS marks none. They are taken for EBS gp3 all the same. SOURCE: EKS user guide, release notes of 1.30 (the
/// default annotation of the gp2 StorageClass), pkg/scheduler volumebinding (unbound immediate claims).
std::vector<std::string> claims_without_class(const Setting& setting, int minor);

}  // namespace plimsoll::eks
