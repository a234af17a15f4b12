#include "models/kubernetes/workloads/stateful_set.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

using Pods = std::vector<StatefulPod>;
using Ordinals = std::vector<std::int64_t>;

constexpr StatefulPod kGood{true, false, true, true}, kOld{true, false, true, false};
constexpr StatefulPod kStarting{true, false, false, true}, kLeaving{true, true, false, true}, kMissing{};

TEST_CASE("OrderedReady makes one pod at a time, each when all before it are available") {
  const StatefulSetStrategy ordered;
  CHECK(stateful_step(ordered, 3, {}).create == Ordinals{0});
  CHECK(stateful_step(ordered, 3, Pods{kStarting}).create.empty());
  CHECK(stateful_step(ordered, 3, Pods{kGood}).create == Ordinals{1});
  CHECK(stateful_step(ordered, 3, Pods{kGood, kMissing, kGood}).create == Ordinals{1});
  CHECK(stateful_step(ordered, 3, Pods{kGood, kLeaving, kGood}).create.empty());
}

TEST_CASE("Parallel makes and stops all at once") {
  StatefulSetStrategy parallel;
  parallel.parallel = true;
  CHECK(stateful_step(parallel, 3, Pods{kStarting}).create == Ordinals{1, 2});
  CHECK(stateful_step(parallel, 1, Pods{kGood, kGood, kGood}).stop == Ordinals{2, 1});
}

TEST_CASE("fewer replicas take the highest ordinals, one at a time") {
  const StatefulSetStrategy ordered;
  CHECK(stateful_step(ordered, 1, Pods{kGood, kGood, kGood}).stop == Ordinals{2});
  CHECK(stateful_step(ordered, 1, Pods{kGood, kGood, kLeaving}).stop.empty());
  CHECK(stateful_step(ordered, 1, Pods{kStarting, kGood, kGood}).stop.empty());
}

TEST_CASE("an update goes from the highest ordinal down to the partition") {
  StatefulSetStrategy s;
  CHECK(stateful_step(s, 3, Pods{kOld, kOld, kOld}).stop == Ordinals{2});
  CHECK(stateful_step(s, 3, Pods{kOld, kOld, kStarting}).stop.empty());
  CHECK(stateful_step(s, 3, Pods{kOld, kOld, kGood}).stop == Ordinals{1});
  s.partition = 2;
  CHECK(stateful_step(s, 3, Pods{kOld, kOld, kGood}).stop.empty());
  s.parallel = true;
  s.partition = 0;
  CHECK(stateful_step(s, 3, Pods{kOld, kOld, kOld}).stop == Ordinals{2});
}

TEST_CASE("maxUnavailable takes as many at once as may be away beside those that are") {
  struct Row {
    IntOrPercent most;
    bool parallel;
    std::int64_t partition;
    Pods pods;
    Ordinals stop;
  };
  const Row rows[] = {
      {{2, false}, false, 0, {kOld, kOld, kOld, kOld}, {3, 2}},
      {{1, false}, false, 0, {kOld, kOld, kOld, kOld}, {3}},
      {{50, true}, false, 0, {kOld, kOld, kOld, kOld, kOld}, {4, 3}},  // of 5: 2.5, rounded down
      {{10, true}, false, 0, {kOld, kOld, kOld}, {2}},                 // of 3: 0.3, but one at least
      {{3, false}, true, 0, {kOld, kOld, kOld, kStarting}, {2, 1}},    // one is away already
      {{3, false}, true, 0, {kOld, kOld, kOld, kLeaving}, {2, 1}},
      {{1, false}, true, 0, {kOld, kOld, kStarting}, {}},
      {{3, false}, true, 1, {kOld, kOld, kGood}, {1}},                // not below the partition
      {{2, false}, false, 0, {kOld, kOld, kStarting, kLeaving}, {}},  // in order: all have to be there first
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    StatefulSetStrategy s;
    s.max_unavailable = row.most;
    s.parallel = row.parallel;
    s.partition = row.partition;
    const auto replicas = static_cast<std::int64_t>(row.pods.size());
    CHECK(stateful_step(s, replicas, row.pods).stop == row.stop);
  }
}

TEST_CASE("OnDelete replaces no pod for its revision") {
  StatefulSetStrategy by_hand;
  by_hand.on_delete = true;
  CHECK(stateful_step(by_hand, 2, Pods{kOld, kOld}).stop.empty());
  CHECK(stateful_step(by_hand, 2, Pods{kOld, kMissing}).create == Ordinals{1});
}

}  // namespace
}  // namespace plimsoll::kubernetes
