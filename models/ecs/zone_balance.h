#pragma once

#include <cstdint>
#include <span>

namespace plimsoll::ecs {

/// Whether no zone has fewer tasks than its target (zone_targets): what rebalance_plan calls balanced. `current`: tasks
/// per zone now.
inline bool is_balanced(std::int64_t desired, std::span<const std::int64_t> current) {
  if (current.empty()) return true;
  const auto zones = static_cast<std::int64_t>(current.size());
  const std::int64_t each = desired / zones;
  // All have the equal share, and as many as there are tasks left over have one more.
  std::int64_t more = 0;
  for (const std::int64_t tasks : current) {
    if (tasks < each) return false;
    if (tasks > each) ++more;
  }
  return more >= desired % zones;
}

}  // namespace plimsoll::ecs
