#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/time.h"
#include "sim/core/units.h"
#include "sim/policy/account_quotas.h"

namespace plimsoll {

/// What a scenario says of the capacity pools that it names; absent fields keep the model's own figures. Patterns are
/// an exact name, or end in `*`.
struct PoolFaults {
  std::string type = "*", zone = "*";
  std::optional<Ppm> interruptions;   ///< share of its Spot instances interrupted in a month
  std::optional<Ppm> batch;           ///< mean share of them that one event takes
  std::optional<Duration> dry;        ///< mean time without capacity after an event
  std::optional<bool> on_demand_dry;  ///< whether on-demand launches fail too while it is dry
  std::optional<std::int64_t> limit;  ///< most instances at once
};

/// Capacity taken back at a time that the scenario gives. Times count from the start of the counted window.
struct Reclaim {
  Duration at{};
  std::string type = "*", zone = "*";
  Ppm share = percent(100);  ///< of the Spot instances of each pool
  Duration dry = minutes(30);
  bool on_demand_dry = false;
};

/// Faults of the world outside, the same on every column. Zones and nodes that fail at a given time are events.
struct Faults {
  std::vector<PoolFaults> pools;  ///< the first that matches counts
  std::vector<Reclaim> reclaims;
  Ppm node_failures{};   ///< share of instances that break in a year
  AccountQuotas quotas;  ///< what the account is not allowed beyond
};

/// Whether a name is meant by a pattern.
inline bool matches_pattern(std::string_view pattern, std::string_view name) {
  if (!pattern.empty() && pattern.back() == '*') return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == name;
}

}  // namespace plimsoll
