#include "models/kubernetes/workloads/deployment.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

namespace plimsoll::kubernetes {
namespace {

constexpr IntOrPercent kQuarter{25, true};

TEST_CASE("surge rounds up, unavailable down, and one of them is at least one") {
  CHECK(resolve_fenceposts(kQuarter, kQuarter, 10).surge == 3);
  CHECK(resolve_fenceposts(kQuarter, kQuarter, 10).unavailable == 2);
  CHECK(resolve_fenceposts({0, false}, {10, true}, 5).unavailable == 1);
}

TEST_CASE("a rollout ends with the new set full, and never leaves the fence") {
  ReplicaSetSize fresh{0, 0};
  std::vector<ReplicaSetSize> old = {{4, 4}, {6, 6}};
  const Fenceposts posts = resolve_fenceposts(kQuarter, kQuarter, 10);
  int steps = 0;
  for (; steps < 100; ++steps) {
    const RollingStep step = rolling_step(10, kQuarter, kQuarter, fresh, old);
    if (!step.scaled_up && !step.scaled_down) {
      if (fresh.available == fresh.replicas) break;
      ++fresh.available;  // one more new pod becomes available
      continue;
    }
    fresh.replicas = step.fresh;
    for (std::size_t i = 0; i < old.size(); ++i) {
      old[i].replicas = step.old[i];
      old[i].available = std::min(old[i].available, old[i].replicas);
    }
    const std::int64_t total = fresh.replicas + old[0].replicas + old[1].replicas;
    const std::int64_t available = fresh.available + old[0].available + old[1].available;
    CHECK(total <= 10 + posts.surge);
    CHECK(available >= 10 - posts.unavailable);
  }
  CHECK(steps < 100);
  CHECK(fresh.replicas == 10);
  CHECK(old[0].replicas + old[1].replicas == 0);
}

TEST_CASE("unhealthy old pods go first, from the oldest set on") {
  // total 12 of 10 + 3, least available 8: 12 - 8 - 0 = 4 may go, of which 3 are unhealthy.
  const RollingStep step = rolling_step(10, {2, false}, {2, false}, {2, 2}, {{3, 1}, {7, 6}});
  CHECK_FALSE(step.scaled_up);
  CHECK(step.old[0] == 0);  // 2 unhealthy, then 1 of the surplus of 9 - 8
  CHECK(step.old[1] == 6);
}

TEST_CASE("a change of size during a rollout is shared in proportion and adds up") {
  // 13 pods for a size of 10 + 3; now 20 + 5.
  const auto sizes = scale_in_proportion({5, 8}, 13, 25);
  CHECK(sizes == std::vector<std::int64_t>{10, 15});
  const auto fewer = scale_in_proportion({5, 8}, 13, 7);
  CHECK(std::accumulate(fewer.begin(), fewer.end(), std::int64_t{0}) == 7);
}

}  // namespace
}  // namespace plimsoll::kubernetes
