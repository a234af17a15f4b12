#pragma once

#include <string>
#include <vector>

#include "models/kubernetes/api/object.h"

namespace plimsoll::kubernetes::api {

/// A PersistentVolume that exists already, and where it can be reached from.
struct PersistentVolume {
  std::string name, claim, claim_namespace;  ///< spec.claimRef, empty without one
  std::string zone;                          ///< empty: from everywhere
  bool zone_is_label = false;                ///< it has no node affinity, only a label
};

bool is_persistent_volume(const document::Node& node);

/// The zone is the one that its node affinity requires under a zone's key (topology.kubernetes.io/zone,
/// topology.ebs.csi.aws.com/zone, failure-domain.beta.kubernetes.io/zone); else that of its label, which VolumeZone
/// goes by. Of several zones the first counts. Faults are reported: no name, no capacity, no access mode, no volume
/// type.
/// SOURCE: pkg/apis/core/validation ValidatePersistentVolume, EBS CSI driver (static provisioning).
PersistentVolume read_persistent_volume(const document::Node& node, document::Diagnostics& diagnostics);

}  // namespace plimsoll::kubernetes::api
