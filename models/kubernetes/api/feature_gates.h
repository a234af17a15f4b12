#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/api/manifest_reader.h"

namespace plimsoll::kubernetes::api {

/// A field that the API server of a release drops from what it is sent, because the feature behind it is not on there.
struct DroppedField {
  std::string_view name;   ///< "minDomains"
  int since = 0;           ///< minor release from which it is on by default
  std::string containers;  ///< of the pod, that it is dropped from; empty: of the object
};

/// Takes from a workload, and from the budgets that select its pods, what release 1.`minor` drops; tells of each field
/// once. minDomains of spread constraints (beta and off until 1.26, on from 1.27), restartPolicy of init containers
/// (sidecars, on from 1.29), resources of the pod as a whole (1.34), minReadySeconds (1.23) and
/// persistentVolumeClaimRetentionPolicy (1.27) of a StatefulSet, unhealthyPodEvictionPolicy of budgets (1.27).
/// What else goes by release is looked at where it is used.
/// SOURCE: pkg/features/kube_features.go (1.25, 1.26, 1.32, 1.34) and the DropDisabledFields of the registries.
std::vector<DroppedField> drop_disabled_fields(ManifestPod& pod, int minor);

}  // namespace plimsoll::kubernetes::api
