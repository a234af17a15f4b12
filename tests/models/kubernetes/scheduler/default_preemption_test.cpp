#include "models/kubernetes/scheduler/default_preemption.h"

#include <doctest/doctest.h>

#include "models/kubernetes/scheduler/pod_requests.h"

namespace plimsoll::kubernetes {
namespace {

struct Fixture {
  Names names;
  ShapeTable shapes;
  Snapshot snapshot;
  Scratch scratch;
  std::uint32_t next = 0;

  ShapeId shape(std::int64_t millis, std::int32_t priority) {
    PodShape s;
    s.labels.set(names.intern("app"), names.intern("a"));
    ContainerRequests r;
    r.cpu = cpu_millis(millis);
    set_requests(s, {&r, 1}, {}, {});
    s.priority = priority;
    return shapes.intern(std::move(s));
  }
  void node(std::int64_t millis) {
    SnapshotNode n;
    n.name = names.intern("n" + std::to_string(snapshot.rows()));
    n.allocatable.v = {millis * kCpuTicksPerMilli, kGiB, kGiB, 10, 0, 0};
    snapshot.add_node(std::move(n));
  }
  PodId put(Row row, std::int64_t millis, std::int32_t priority, std::int64_t start = 0) {
    const ShapeId id = shape(millis, priority);
    snapshot.add_pod(row, {PodId{next}, id, priority, false, Time{seconds(start)}}, shapes[id]);
    return PodId{next++};
  }
  std::vector<PreemptionCandidate> candidates(ShapeId pod, std::vector<PreemptionBudget> budgets = {}) {
    const Framework framework(default_profile(KubernetesVersion::v1_26), names);
    return DefaultPreemption::candidates(framework, snapshot, shapes, names, pod, budgets, 0, 0, scratch);
  }
};

TEST_CASE("only what is needed goes, the least important first, and the snapshot stays as it was") {
  Fixture f;
  f.node(1000);
  f.put(0, 300, 5);
  const PodId low = f.put(0, 300, 1, 10);
  const PodId lower = f.put(0, 300, 1, 20);  // younger, so less important
  const std::uint64_t pods = f.snapshot.pods(0).size();
  const auto found = f.candidates(f.shape(400, 10));
  REQUIRE(found.size() == 1);
  CHECK(found[0].victims == std::vector<PodId>{lower});
  CHECK(f.snapshot.pods(0).size() == pods);
  const auto more = f.candidates(f.shape(700, 10));
  REQUIRE(more.size() == 1);
  CHECK(more[0].victims == std::vector<PodId>{low, lower});
  CHECK(f.candidates(f.shape(700, 3)).size() == 1);
  CHECK(f.candidates(f.shape(800, 3)).empty());
}

TEST_CASE("a pod whose budget is used up is spared when another will do") {
  Fixture f;
  f.node(1000);
  const PodId one = f.put(0, 500, 1, 0);
  const PodId two = f.put(0, 500, 1, 10);
  PreemptionBudget budget;
  budget.selector = {true, {{f.names.intern("app"), SelectorOp::in, {f.names.intern("a")}, 0}}};
  budget.disruptions_allowed = 1;
  // The older pod uses the allowance; the younger breaks the budget, so it gets its place back first.
  const auto found = f.candidates(f.shape(500, 10), {budget});
  REQUIRE(found.size() == 1);
  CHECK(found[0].victims == std::vector<PodId>{one});
  CHECK(found[0].violations == 0);
  CHECK(f.candidates(f.shape(500, 10))[0].victims == std::vector<PodId>{two});
}

TEST_CASE("among nodes the lower priority decides, then the fewer, then the later start") {
  Fixture f;
  for (int i = 0; i < 4; ++i) f.node(1000);
  f.put(0, 1000, 5);
  f.put(1, 1000, 2, 100);
  f.put(2, 500, 2);
  f.put(2, 500, 2);
  f.put(3, 1000, 2, 200);
  const auto found = f.candidates(f.shape(900, 10));
  REQUIRE(found.size() == 4);
  const auto best = DefaultPreemption::best(f.snapshot, found);
  REQUIRE(best.size() == 1);
  CHECK(found[best[0]].row == 3);
}

}  // namespace
}  // namespace plimsoll::kubernetes
