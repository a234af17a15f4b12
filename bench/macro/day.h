#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll::bench {

/// One synthetic day: how many applications, and what they grow to at its peak.
struct DaySize {
  std::string_view name;
  std::int64_t workloads, nodes, pods;
  std::int64_t pod_millis;      ///< CPU request: so that `pods / nodes` of them fill a node of 8 vCPU
  double goal_seconds;          ///< wall, both columns together
  std::int64_t goal_megabytes;  ///< peak resident memory; 0 = none
};

/// Null when there is no size of that name. Names: s, m, l, xl.
const DaySize* find_day(std::string_view name);

/// The scenario as YAML: 24 h with one wave, trough 40 % of the peak, an ECS column on EC2 and an EKS column with
/// Cluster Autoscaler. Every application is scaled by one policy: an HPA there, target tracking here.
std::string day_scenario(const DaySize& size);

}  // namespace plimsoll::bench
