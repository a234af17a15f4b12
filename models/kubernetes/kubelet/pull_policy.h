#pragma once

#include "sim/cluster/host_agent.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::kubernetes {

/// imagePullPolicy of every container, by the images that they run: Always asks the registry for an image that is on
/// the node; Never takes what is there and waits for what is not (ErrImageNeverPull). Where containers of one pod run
/// one image, the strictest for the registry counts: Always before IfNotPresent before Never. Nothing without a
/// manifest. SOURCE: pkg/kubelet/images/image_manager.go EnsureImageExists and shouldPullImage.
void fill_pull_policies(const WorkloadSpec& spec, Names& names, PodPreparation& out);

}  // namespace plimsoll::kubernetes
