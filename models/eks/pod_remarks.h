#pragma once

#include <string>
#include <vector>

#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// Sentences for fields of the files' pods that a column takes in a way of its own: spec.nodeName (the nodes have names
/// of the simulation's; the kube-scheduler of here holds the pod to that name and all its other filters, where the real
/// pod goes to its node's kubelet at once; Fargate has no node to name), readinessGates that nobody here sets (they
/// count as true; the target health of the AWS Load Balancer Controller is waited for behind a balancer), a Deployment
/// that is paused (it has no pods), a Job with another controller (managedBy), maxUnavailable of a StatefulSet (where
/// its gate is on).
std::vector<std::string> pod_remarks(const Setting& setting, bool fargate);

}  // namespace plimsoll::eks
