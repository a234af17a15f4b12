#include "models/ecs/capacity_provider_strategy.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

namespace plimsoll::ecs {
namespace {

/// Weights as they count: one item alone takes everything whatever its weight.
std::int64_t effective_weight(std::span<const ProviderShare> strategy, std::size_t i) {
  return strategy.size() == 1 ? 1 : strategy[i].weight;
}

/// Tasks of an item beyond its base.
std::int64_t beyond_base(const ProviderShare& share, std::int64_t assigned) {
  return std::max<std::int64_t>(assigned - share.base, 0);
}

/// The first listed that has less than its part of `tasks` by largest remainders (of equal ones the first listed).
std::optional<std::size_t> below_apportionment(std::span<const ProviderShare> strategy,
                                               std::span<const std::int64_t> assigned, std::int64_t tasks,
                                               std::int64_t sum) {
  std::vector<std::int64_t> part(strategy.size());
  std::vector<std::size_t> order(strategy.size());
  std::int64_t left = tasks;
  for (std::size_t i = 0; i < strategy.size(); ++i) {
    part[i] = effective_weight(strategy, i) * tasks / sum;
    left -= part[i];
    order[i] = i;
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return effective_weight(strategy, a) * tasks % sum > effective_weight(strategy, b) * tasks % sum;
  });
  for (std::size_t i = 0; left > 0; ++i, --left) ++part[order[i]];
  for (std::size_t i = 0; i < strategy.size(); ++i) {
    if (beyond_base(strategy[i], assigned[i]) < part[i]) return i;
  }
  return std::nullopt;
}

}  // namespace

bool is_fargate_provider(std::string_view provider) { return provider == "FARGATE" || provider == "FARGATE_SPOT"; }

std::vector<std::string> strategy_errors(std::span<const ProviderShare> strategy) {
  std::vector<std::string> errors;
  if (strategy.empty()) errors.emplace_back("a capacity provider strategy needs at least one provider");
  if (strategy.size() > kMaxStrategyItems) {
    errors.push_back("a capacity provider strategy has at most " + std::to_string(kMaxStrategyItems) + " providers");
  }
  std::size_t bases = 0;
  std::size_t fargate = 0;
  bool any_weight = false;
  for (std::size_t i = 0; i < strategy.size(); ++i) {
    const ProviderShare& share = strategy[i];
    if (share.provider.empty()) errors.emplace_back("capacityProvider must name a provider");
    if (share.weight < 0 || share.weight > 1000) {
      errors.push_back("weight of " + share.provider + " must be between 0 and 1000");
    }
    if (share.base < 0 || share.base > 100'000) {
      errors.push_back("base of " + share.provider + " must be between 0 and 100000");
    }
    bases += share.base > 0 ? 1 : 0;
    fargate += is_fargate_provider(share.provider) ? 1 : 0;
    any_weight = any_weight || share.weight > 0;
    for (std::size_t j = 0; j < i; ++j) {
      if (strategy[j].provider == share.provider) errors.push_back("provider " + share.provider + " is listed twice");
    }
  }
  if (bases > 1) errors.emplace_back("only one provider of a strategy can have a base");
  if (!any_weight && strategy.size() > 1) errors.emplace_back("all weights are zero with several providers");
  if (fargate > 0 && fargate < strategy.size()) {
    errors.emplace_back("a strategy holds either Fargate or Auto Scaling group providers, not both");
  }
  return errors;
}

std::size_t next_provider(std::span<const ProviderShare> strategy, std::span<const std::int64_t> assigned,
                          SplitRule rule) {
  std::int64_t weighted = 0;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < strategy.size(); ++i) {
    if (assigned[i] < strategy[i].base) return i;
    weighted += beyond_base(strategy[i], assigned[i]);
    sum += effective_weight(strategy, i);
  }
  if (rule == SplitRule::largest_remainder && sum > 0) {
    if (const auto short_of = below_apportionment(strategy, assigned, weighted + 1, sum)) return *short_of;
  }
  std::size_t best = 0;
  std::int64_t best_deficit = INT64_MIN;
  for (std::size_t i = 0; i < strategy.size(); ++i) {
    const std::int64_t weight = effective_weight(strategy, i);
    if (weight == 0) continue;
    const std::int64_t deficit = weight * (weighted + 1) - beyond_base(strategy[i], assigned[i]) * sum;
    if (deficit > best_deficit) {
      best_deficit = deficit;
      best = i;
    }
  }
  return best;
}

std::size_t next_provider_to_shrink(std::span<const ProviderShare> strategy, std::span<const std::int64_t> assigned) {
  std::int64_t weighted = 0;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < strategy.size(); ++i) {
    weighted += beyond_base(strategy[i], assigned[i]);
    sum += effective_weight(strategy, i);
  }
  std::size_t best = strategy.size();
  std::int64_t best_surplus = 0;
  for (std::size_t i = 0; i < strategy.size(); ++i) {
    const std::int64_t beyond = beyond_base(strategy[i], assigned[i]);
    if (weighted > 0 ? beyond == 0 : assigned[i] == 0) continue;
    const std::int64_t surplus = beyond * sum - effective_weight(strategy, i) * (weighted - 1);
    if (best == strategy.size() || surplus >= best_surplus) {
      best_surplus = surplus;
      best = i;
    }
  }
  return best;
}

std::vector<std::int64_t> split_tasks(std::span<const ProviderShare> strategy, std::int64_t desired,
                                      std::span<const std::int64_t> current) {
  std::vector<std::int64_t> assigned(strategy.size(), 0);
  std::copy(current.begin(), current.end(), assigned.begin());
  std::int64_t total = std::accumulate(assigned.begin(), assigned.end(), std::int64_t{0});
  for (; total < desired; ++total) ++assigned[next_provider(strategy, assigned)];
  for (; total > desired; --total) --assigned[next_provider_to_shrink(strategy, assigned)];
  return assigned;
}

}  // namespace plimsoll::ecs
