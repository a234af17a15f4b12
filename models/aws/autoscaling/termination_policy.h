#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/time.h"

namespace plimsoll::aws {

enum class TerminationPolicy : std::uint8_t {
  default_policy,
  allocation_strategy,
  oldest_launch_template,
  oldest_launch_configuration,
  closest_to_next_instance_hour,
  newest_instance,
  oldest_instance
};
/// By the name of the API ("Default", "OldestInstance", ...); none when unknown.
std::optional<TerminationPolicy> termination_policy(std::string_view name);

/// An instance of an Auto Scaling group as its termination policies see it.
struct GroupInstance {
  std::string_view id;
  std::string_view zone;
  bool is_protected = false;
  bool uses_launch_configuration = false;
  /// Version of the launch template (or of the launch configuration, by age); other templates than the group's present
  /// one are older than all of its versions: give them negative numbers.
  std::int64_t launch_version = 1;
  Duration age{};
  Duration to_next_billing_hour{};
  bool spot = false;
  /// Place of its pool in the order in which the allocation strategy of its purchase option would launch now; the last
  /// goes first. 0 where the group has one type.
  std::int64_t strategy_rank = 0;
};
/// Which purchase side has too many instances for the group's distribution; none when neither has.
enum class SurplusSide : std::uint8_t { none, on_demand, spot };

/// The index of the instance that a scale-in ends; none when all are protected. Zones first: only those with the most
/// instances (protected ones count) among those that have an unprotected one. Then the policies in order, each
/// narrowing the choice; `Default` is: the surplus side, the pool that the allocation strategy likes least, launch
/// configurations, oldest template version, closest to the next billing hour. `AllocationStrategy` is the first two.
/// `pick` chooses among the last equals, given their number. SOURCE: "Control which Auto Scaling instances terminate
/// during scale in" (EC2 Auto Scaling user guide).
std::optional<std::size_t> choose_termination(std::span<const GroupInstance> instances,
                                              std::span<const TerminationPolicy> policies, SurplusSide surplus,
                                              const std::function<std::size_t(std::size_t)>& pick);

}  // namespace plimsoll::aws
