#include "models/ecs/capacity_provider_strategy.h"

#include <doctest/doctest.h>

#include <numeric>

using namespace plimsoll::ecs;
using Counts = std::vector<std::int64_t>;

TEST_CASE("base first, then the ratio of the weights") {
  const std::vector<ProviderShare> s{{"CP-OD", 1, 2}, {"CP-SPOT", 3, 0}};
  CHECK(split_tasks(s, 10) == Counts{4, 6});   // 2 + 8/4, 24/4
  CHECK(split_tasks(s, 22) == Counts{7, 15});  // 2 + 20/4, 60/4
  CHECK(split_tasks(s, 2) == Counts{2, 0});
  CHECK(split_tasks(s, 22, Counts{4, 6}) == Counts{7, 15});
}

TEST_CASE("a provider of weight zero takes its base only") {
  CHECK(split_tasks(std::vector<ProviderShare>{{"A", 0, 3}, {"B", 1, 0}}, 10) == Counts{3, 7});
}

TEST_CASE("one provider takes everything whatever its weight") {
  CHECK(split_tasks(std::vector<ProviderShare>{{"A", 0, 0}}, 5) == Counts{5});
}

TEST_CASE("no provider is ever a whole task away from its share") {
  const std::vector<ProviderShare> s{{"A", 5, 0}, {"B", 3, 0}, {"C", 2, 0}};
  for (std::int64_t n = 0; n <= 200; ++n) {
    const Counts c = split_tasks(s, n);
    CHECK(std::accumulate(c.begin(), c.end(), std::int64_t{0}) == n);
    for (std::size_t i = 0; i < s.size(); ++i) {
      const std::int64_t off = 10 * c[i] - s[i].weight * n;  // in tenths of a task
      CHECK(off > -10);
      CHECK(off < 10);
    }
  }
}

TEST_CASE("shrinking leaves the base for last") {
  const std::vector<ProviderShare> s{{"A", 1, 2}, {"B", 3, 0}};
  CHECK(split_tasks(s, 10, split_tasks(s, 22)) == Counts{4, 6});
  CHECK(split_tasks(s, 2, split_tasks(s, 22)) == Counts{2, 0});
  CHECK(split_tasks(s, 0, split_tasks(s, 22)) == Counts{0, 0});
}

TEST_CASE("strategies that ECS refuses") {
  const auto refused = [](std::vector<ProviderShare> s) { return !strategy_errors(s).empty(); };
  CHECK(refused({}));
  CHECK(refused({{"A", 1001, 0}}));
  CHECK(refused({{"A", -1, 0}}));
  CHECK(refused({{"A", 1, 100'001}}));
  CHECK(refused({{"A", 1, 1}, {"B", 1, 1}}));
  CHECK(refused({{"A", 0, 0}, {"B", 0, 0}}));
  CHECK(refused({{"FARGATE", 1, 0}, {"B", 1, 0}}));
  CHECK(refused({{"A", 1, 0}, {"A", 1, 0}}));
  CHECK_FALSE(refused({{"FARGATE", 1, 1}, {"FARGATE_SPOT", 4, 0}}));
  CHECK_FALSE(refused({{"A", 0, 0}}));
}

TEST_CASE("largest remainders apportion all tasks together") {
  const std::vector<ProviderShare> strategy{{"a", 1, 0}, {"b", 3, 0}};
  std::vector<std::int64_t> assigned{0, 0};
  // Of 1 task the shares are 0.25 and 0.75, of 2: 0.5 and 1.5, of 3: 0.75 and 2.25, of 4: 1 and 3.
  std::vector<std::size_t> order;
  for (int n = 0; n < 4; ++n) {
    order.push_back(next_provider(strategy, assigned, SplitRule::largest_remainder));
    ++assigned[order.back()];
  }
  CHECK(order == std::vector<std::size_t>{1, 0, 1, 1});
  for (int n = 4; n < 40; ++n) ++assigned[next_provider(strategy, assigned, SplitRule::largest_remainder)];
  CHECK(assigned == std::vector<std::int64_t>{10, 30});
}
