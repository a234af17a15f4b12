#pragma once

#include <vector>

#include "models/kubernetes/api/objects.h"

namespace plimsoll::kubernetes::api {

/// Whether callers of pods are sent to those that are not ready as well: every Service through which they come has
/// publishNotReadyAddresses, so that its EndpointSlices call each pod with an address ready. Callers come through the
/// Services with an address of their own; through headless ones when there are no others (those are mostly for the pods
/// of a StatefulSet to find each other). SOURCE: staging/src/k8s.io/endpointslice utils.go podToEndpoint (1.20
/// to 1.34).
bool publishes_not_ready(const std::vector<Service>& selecting);

}  // namespace plimsoll::kubernetes::api
