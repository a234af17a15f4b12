#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/aws/billing/ratio.h"

namespace plimsoll::aws::charges {

/// A pod or task on one instance in one hour.
struct ScadPod {
  std::string name;
  Ratio reserved_vcpu, used_vcpu;
  Ratio reserved_gb, used_gb;
};
struct ScadShare {
  std::string name;
  Ratio vcpu_split_ratio, memory_split_ratio;
  Ratio vcpu_unused_ratio, memory_unused_ratio;
  Ratio split_usd, unused_usd;
  Ratio total_usd() const { return split_usd + unused_usd; }
};
struct ScadSplit {
  Ratio usd_per_vcpu_hour, usd_per_gb_hour;
  Ratio unused_vcpu, unused_gb;
  std::vector<ScadShare> pods;
  Ratio sum() const;
};
inline constexpr std::int64_t kScadVcpuWeight = 9;
inline constexpr std::int64_t kScadGbWeight = 1;

/// Split cost allocation of one instance-hour: allocated = max(reserved, used); each pod gets its part of the capacity
/// (or of the sum, when that is larger) and, in proportion, of what is unused. Exact: the pods sum to the instance when
/// there is at least one pod that holds some of each resource.
/// SOURCE: Understanding split cost allocation data (AWS Data Exports user guide).
ScadSplit split_cost_allocation(Ratio instance_usd, Ratio vcpu, Ratio gb, std::span<const ScadPod> pods,
                                std::int64_t vcpu_weight = kScadVcpuWeight, std::int64_t gb_weight = kScadGbWeight);

}  // namespace plimsoll::aws::charges
