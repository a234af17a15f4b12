#include "models/aws/gpus.h"

#include <optional>

namespace plimsoll::aws {

std::int64_t nvidia_gpus(const InstanceType& type) {
  const bool other = type.gpu_model.starts_with("Radeon") || type.family.starts_with("dl");
  return other ? 0 : type.gpu_count;
}

std::string type_with_gpus(const Catalogue& catalogue, const std::string& region, std::int64_t gpus) {
  const InstanceType* best = nullptr;
  Rate least;
  for (const InstanceType& type : catalogue.types()) {
    if (nvidia_gpus(type) < gpus || type.arch != Architecture::x86_64) continue;
    const std::optional<Rate> price = catalogue.on_demand(region, type);
    if (!price || (best != nullptr && *price >= least)) continue;
    best = &type;
    least = *price;
  }
  return best == nullptr ? "" : "such as " + std::string(best->name);
}

}  // namespace plimsoll::aws
