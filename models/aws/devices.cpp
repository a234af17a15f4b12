#include "models/aws/devices.h"

namespace plimsoll::aws {

namespace {

struct Adapters {
  std::string_view type;
  std::int64_t count;
};
constexpr Adapters kAdapters[] = {{"p4d.24xlarge", 4},   {"p4de.24xlarge", 4},  {"p5.48xlarge", 32},
                                  {"p5e.48xlarge", 32},  {"p5en.48xlarge", 16}, {"trn1.32xlarge", 8},
                                  {"trn1n.32xlarge", 16}};

}  // namespace

std::vector<std::pair<std::string_view, std::int64_t>> device_resources(const InstanceType& type) {
  std::vector<std::pair<std::string_view, std::int64_t>> out;
  if (type.accelerator_count > 0) {
    const std::int64_t cores = type.accelerator_model == "inferentia" ? 4 : 2;
    out.emplace_back("aws.amazon.com/neuron", type.accelerator_count);
    out.emplace_back("aws.amazon.com/neuroncore", type.accelerator_count * cores);
  }
  if (type.gpu_vendor == "amd") out.emplace_back("amd.com/gpu", type.gpu_count);
  for (const Adapters& a : kAdapters) {
    if (a.type == type.name) out.emplace_back("vpc.amazonaws.com/efa", a.count);
  }
  return out;
}

}  // namespace plimsoll::aws
