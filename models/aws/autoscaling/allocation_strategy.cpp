#include "models/aws/autoscaling/allocation_strategy.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace plimsoll::aws {

namespace {

constexpr std::pair<std::string_view, AllocationStrategy> kNames[] = {
    {"prioritized", AllocationStrategy::prioritized},
    {"lowest-price", AllocationStrategy::lowest_price},
    {"capacity-optimized", AllocationStrategy::capacity_optimized},
    {"capacity-optimized-prioritized", AllocationStrategy::capacity_optimized_prioritized},
    {"price-capacity-optimized", AllocationStrategy::price_capacity_optimized}};

}  // namespace

std::optional<AllocationStrategy> allocation_strategy(std::string_view name) {
  for (const auto& [text, strategy] : kNames) {
    if (text == name) return strategy;
  }
  return std::nullopt;
}

std::string_view to_string(AllocationStrategy strategy) { return kNames[static_cast<std::size_t>(strategy)].first; }

std::vector<std::size_t> rank_offers(std::span<const PoolOffer> offers, AllocationStrategy strategy,
                                     std::int64_t lowest_price_pools) {
  std::vector<std::size_t> order(offers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto by_price = [&](std::size_t a, std::size_t b) { return offers[a].price < offers[b].price; };
  const auto by_depth = [&](std::size_t a, std::size_t b) { return offers[a].depth > offers[b].depth; };
  const auto by_option = [&](std::size_t a, std::size_t b) { return offers[a].option < offers[b].option; };
  std::stable_sort(order.begin(), order.end(), by_option);
  switch (strategy) {
    case AllocationStrategy::prioritized:
      break;
    case AllocationStrategy::lowest_price:
      std::stable_sort(order.begin(), order.end(), by_price);
      break;
    case AllocationStrategy::capacity_optimized:
      std::stable_sort(order.begin(), order.end(), by_price);
      std::stable_sort(order.begin(), order.end(), by_depth);
      break;
    case AllocationStrategy::capacity_optimized_prioritized:
      std::stable_sort(order.begin(), order.end(), by_depth);
      break;
    case AllocationStrategy::price_capacity_optimized:
      std::stable_sort(order.begin(), order.end(), by_depth);
      break;
  }
  const auto with_capacity =
      std::stable_partition(order.begin(), order.end(), [&](std::size_t i) { return offers[i].depth > 0; });
  const auto usable = with_capacity - order.begin();
  if (strategy == AllocationStrategy::lowest_price) {
    const auto spread = std::min<std::ptrdiff_t>(usable, lowest_price_pools);
    std::stable_sort(order.begin(), order.begin() + spread,
                     [&](std::size_t a, std::size_t b) { return offers[a].used < offers[b].used; });
  } else if (strategy == AllocationStrategy::price_capacity_optimized && usable > 0) {
    // All that are as deep as the last of the deeper half belong to it.
    std::ptrdiff_t half = (usable + 1) / 2;
    while (half < usable && offers[order[static_cast<std::size_t>(half)]].depth ==
                                offers[order[static_cast<std::size_t>(half - 1)]].depth)
      ++half;
    std::stable_sort(order.begin(), order.begin() + half, by_price);
    std::stable_sort(order.begin() + half, with_capacity, by_price);
  }
  return order;
}

}  // namespace plimsoll::aws
