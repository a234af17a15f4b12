#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "models/aws/catalogue.h"

namespace plimsoll::aws {

/// The extended resources that the device plugins of a Kubernetes node of this type offer beside nvidia.com/gpu, by
/// name: Inferentia and Trainium chips as aws.amazon.com/neuron and their cores as aws.amazon.com/neuroncore (4 a chip
/// of Inferentia, 2 of Inferentia2 and Trainium), GPUs of AMD as amd.com/gpu, and Elastic Fabric Adapters as
/// vpc.amazonaws.com/efa on types with several network cards for them. The plugins are taken to run on every node.
/// SOURCE: AWS Neuron documentation (Kubernetes environment setup, instance architectures); EC2 user guide, "Elastic
/// Fabric Adapter" (instance types with more than one). Left out: types with a single adapter, which a launch template
/// has to ask for.
std::vector<std::pair<std::string_view, std::int64_t>> device_resources(const InstanceType& type);

}  // namespace plimsoll::aws
