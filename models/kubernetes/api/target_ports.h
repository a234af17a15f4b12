#pragma once

#include <vector>

#include "models/kubernetes/api/objects.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::kubernetes::api {

/// Warns of Services whose targetPort is a name that no port of the pods has which they select: the EndpointSlices have
/// no such port, so a balancer finds no target and connections by the cluster IP are refused. Here the requests reach
/// the pods all the same. SOURCE: staging/src/k8s.io/endpointslice/utils.go getEndpointPorts and FindPort (the ports of
/// containers and of init containers with restartPolicy Always, by name and protocol; 1.20 to 1.34).
/// `documents`: those that `objects` were read from.
void check_target_ports(document::Diagnostics& diagnostics, const std::vector<document::Node>& documents,
                        const Objects& objects);

}  // namespace plimsoll::kubernetes::api
