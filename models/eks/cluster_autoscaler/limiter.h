#pragma once

#include <cstdint>
#include <span>

#include "sim/core/time.h"

namespace plimsoll::eks::ca {

/// How many nodes one estimation may add. Each threshold is a number of nodes; 0 asks nothing, a negative one allows no
/// node; the smallest counts. A question counts as one node, also when no node is added after all.
/// `longest` > 0: once more computing time than that is spent, no node is added either; what runs by then goes on.
/// SOURCE: kubernetes/autoscaler 1.28 cluster-autoscaler/estimator/threshold_based_limiter.go.
class Limiter {
 public:
  explicit Limiter(std::span<const std::int64_t> thresholds, Duration longest = {});
  Limiter() = default;

  bool permission_to_add_node(Duration spent = {}) {
    if (limit_ < 0 || (limit_ > 0 && asked_ >= limit_)) return false;
    if (longest_ > Duration{} && spent > longest_) return false;
    ++asked_;
    return true;
  }

 private:
  std::int64_t limit_ = 0;
  std::int64_t asked_ = 0;
  Duration longest_{};
};

/// Threshold of --max-nodes-total: what is left of it; 0 when it is not set, -1 when it is used up.
constexpr std::int64_t cluster_capacity_threshold(std::int64_t max_nodes_total, std::int64_t current_nodes) {
  if (max_nodes_total == 0) return 0;
  return max_nodes_total > current_nodes ? max_nodes_total - current_nodes : -1;
}

/// Threshold of a group and the similar groups it is balanced with: their free sizes together.
constexpr std::int64_t group_capacity_threshold(std::int64_t free_nodes) { return free_nodes > 0 ? free_nodes : -1; }

}  // namespace plimsoll::eks::ca
