#include "models/aws/autoscaling/zone_balance.h"

#include <algorithm>

#include "sim/core/assert.h"

namespace plimsoll::aws {

std::size_t zone_for_launch(std::span<const std::int64_t> instances, const std::vector<bool>& failed) {
  PLIMSOLL_ASSERT(!instances.empty());
  const auto is_failed = [&](std::size_t z) { return z < failed.size() && failed[z]; };
  std::size_t best = instances.size();
  for (std::size_t z = 0; z < instances.size(); ++z) {
    if (!is_failed(z) && (best == instances.size() || instances[z] < instances[best])) best = z;
  }
  if (best < instances.size()) return best;
  return static_cast<std::size_t>(std::min_element(instances.begin(), instances.end()) - instances.begin());
}

std::vector<std::int64_t> even_distribution(std::int64_t count, std::size_t zones) {
  PLIMSOLL_ASSERT(zones > 0 && count >= 0);
  const auto z = static_cast<std::int64_t>(zones);
  std::vector<std::int64_t> out(zones, count / z);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count % z); ++i) ++out[i];
  return out;
}

}  // namespace plimsoll::aws
