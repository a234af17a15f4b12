#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/policy/workload_spec.h"

namespace plimsoll {

/// What the files of one pod or task ask of its machine beyond CPU, memory and network.
struct MachineNeeds {
  std::int64_t gpus = 0;  ///< NVIDIA GPUs: nvidia.com/gpu, resourceRequirements of type GPU
  bool windows = false;   ///< operatingSystemFamily WINDOWS_*, os.name windows, a selector on kubernetes.io/os
  /// Further extended resources, by name, in the order of the file.
  std::vector<std::pair<std::string, std::int64_t>> others;
};

/// A pod of a file whose needs every column can read.
struct PodWithNeeds : VendorPod {
  MachineNeeds needs;
};

/// Whether the extended resource is a GPU or another accelerator of its own kind, which no instance type offers here:
/// a share of an NVIDIA GPU, GPUs of AMD and Intel, Neuron, Gaudi.
inline bool is_accelerator(std::string_view resource) {
  constexpr std::string_view kPrefixes[] = {"nvidia.com/", "amd.com/gpu", "gpu.intel.com/", "aws.amazon.com/neuron",
                                            "habana.ai/"};
  for (const std::string_view prefix : kPrefixes) {
    if (resource.starts_with(prefix)) return true;
  }
  return false;
}

/// Of a pod that no file describes: none.
inline const MachineNeeds& needs_of(const VendorPod* pod) {
  static const MachineNeeds none;
  const auto* known = dynamic_cast<const PodWithNeeds*>(pod);
  return known != nullptr ? known->needs : none;
}

}  // namespace plimsoll
