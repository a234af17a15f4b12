#pragma once

#include <cstdint>
#include <string>

#include "models/aws/catalogue.h"

namespace plimsoll::aws {

/// NVIDIA GPUs of an instance of the type: what ECS hands to tasks and what the device plugin of an EKS node offers as
/// nvidia.com/gpu. Types with other accelerators (g4ad: Radeon Pro V520, dl1: Gaudi) have none. SOURCE: ECS developer
/// guide, "Task definitions for GPU workloads" (NVIDIA GPUs only); NVIDIA device plugin. The plugin is taken to run on
/// every node.
std::int64_t nvidia_gpus(const InstanceType& type);

/// The cheapest type of the region that offers so many GPUs, x86_64, as a hint: "such as g4dn.xlarge"; empty when none
/// does.
std::string type_with_gpus(const Catalogue& catalogue, const std::string& region, std::int64_t gpus);

}  // namespace plimsoll::aws
