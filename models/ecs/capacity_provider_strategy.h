#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::ecs {

/// One item of a capacity provider strategy.
struct ProviderShare {
  std::string provider;
  std::int64_t weight = 0;  ///< 0 to 1000
  std::int64_t base = 0;    ///< 0 to 100000; at most one item has one
};

inline constexpr std::size_t kMaxStrategyItems = 20;  ///< 6 in 2023

/// "FARGATE" or "FARGATE_SPOT".
bool is_fargate_provider(std::string_view provider);

/// Why ECS would refuse the strategy, each as one sentence; empty when it is valid.
/// Source: API CapacityProviderStrategyItem; Amazon ECS Developer Guide, "Amazon ECS capacity providers"; documented.
/// One item of weight 0 alone is accepted and takes every task (our reading).
std::vector<std::string> strategy_errors(std::span<const ProviderShare> strategy);

/// How a share that is no whole number of tasks is rounded.
enum class SplitRule : std::uint8_t {
  largest_deficit,    ///< task by task to the one furthest below its share
  largest_remainder,  ///< all tasks apportioned together: whole parts, then the largest remainders
};

/// The provider of the next task, given how many tasks each has now. First the base; then the item that is furthest
/// below its share: the largest weight x (n + 1) - assigned x sum of weights, n being the tasks beyond the base; the
/// first listed of equals. The rounding is our reading: AWS does not document it, and this one gives every published
/// example (base 2, weights 1 and 3: 10 tasks are 4 and 6, 22 are 7 and 15). A provider without capacity is not
/// replaced by another: documented. @pre strategy_errors is empty; equal sizes.
std::size_t next_provider(std::span<const ProviderShare> strategy, std::span<const std::int64_t> assigned,
                          SplitRule rule = SplitRule::largest_deficit);

/// The provider that gives up a task when a service scales in: the one furthest above its share, base last, the last
/// listed of equals. Our reading; AWS does not document it. @pre some assigned > 0.
std::size_t next_provider_to_shrink(std::span<const ProviderShare> strategy, std::span<const std::int64_t> assigned);

/// Assigns tasks one by one until there are `desired`, beginning from `current` (empty: none anywhere).
std::vector<std::int64_t> split_tasks(std::span<const ProviderShare> strategy, std::int64_t desired,
                                      std::span<const std::int64_t> current = {});

}  // namespace plimsoll::ecs
