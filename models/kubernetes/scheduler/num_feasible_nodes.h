#pragma once

#include <cstdint>

namespace plimsoll::kubernetes {

/// How many feasible nodes end the search: all below 100 nodes or at 100 percent; else `percentage`, or for 0 an
/// adaptive max(5, 50 - nodes/125) percent, but at least 100.
/// Source: pkg/scheduler/core/generic_scheduler.go numFeasibleNodesToFind (1.20.2), schedule_one.go (1.34).
constexpr std::int64_t num_feasible_nodes(std::int64_t nodes, std::int64_t percentage) {
  if (nodes < 100 || percentage >= 100) return nodes;
  std::int64_t share = percentage;
  if (share <= 0) {
    share = 50 - nodes / 125;
    if (share < 5) share = 5;
  }
  const std::int64_t found = nodes * share / 100;
  return found < 100 ? 100 : found;
}

}  // namespace plimsoll::kubernetes
