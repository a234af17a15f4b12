#include "models/kubernetes/controllers/stateful_set_controller.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// Every five seconds what waits becomes ready and what stops has ended.
struct Bench {
  Bench(std::int64_t desired, const StatefulSetStrategy& strategy) : world(small_world()) {
    db = add_workload(world, "db", 100, 64, desired);
    auto controller = std::make_unique<StatefulSetController>();
    controller->manage(db, strategy);
    world.attach(std::move(controller));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    const NodeId node = ready_node(world, 64'000, 65'536);
    for (std::int64_t t = 5; t < 600; t += 5) {
      script->at(at_s(t), [node, id = db](World& w) {
        for (const PodId pod : std::vector<PodId>(w.pending_pods().begin(), w.pending_pods().end())) {
          CHECK(w.bind_pod(pod, node) == Applied::yes);
          w.pod_started(pod);
          w.pod_ready(pod);
        }
        for (const PodId pod : std::vector<PodId>(w.workload(id).pods)) {
          if (w.pod(pod).state == PodState::stopping) w.pod_ended(pod, plimsoll::Reason::none);
        }
      });
    }
  }
  std::int64_t of_revision(std::uint32_t revision) const {
    std::int64_t n = 0;
    for (const PodId pod : world.workload(db).pods) n += world.pod(pod).revision == revision ? 1 : 0;
    return n;
  }
  World world;
  Script* script = nullptr;
  WorkloadId db;
};

TEST_CASE("pods come one after the other") {
  Bench b(3, {});
  b.world.run_until(at_s(60));
  REQUIRE(b.world.pods().size() == 3);
  CHECK(b.world.pod(PodId{0}).created == at_ms(100));
  CHECK(b.world.pod(PodId{1}).created == at_ms(5'100));
  CHECK(b.world.pod(PodId{2}).created == at_ms(10'100));
}

TEST_CASE("a rollout replaces one pod at a time and never has two away") {
  Bench b(3, {});
  b.script->at(at_s(100), [id = b.db](World& w) { w.deploy(id, PodTemplate(w.workload(id))); });
  for (std::int64_t s = 100; s < 300; ++s) {
    b.world.run_until(at_s(s));
    std::int64_t ready = 0;
    for (const PodId pod : b.world.workload(b.db).pods) ready += b.world.pod(pod).state == PodState::ready ? 1 : 0;
    CHECK(ready >= 2);
  }
  CHECK(b.of_revision(2) == 3);
  CHECK(count_facts(b.world, Fact::rollout_completed) == 1);
}

TEST_CASE("below the partition pods stay and come back as they were") {
  StatefulSetStrategy strategy;
  strategy.partition = 1;
  Bench b(2, strategy);
  b.script->at(at_s(100), [id = b.db](World& w) { w.deploy(id, PodTemplate(w.workload(id))); });
  b.script->at(at_s(200), [](World& w) { w.pod_ended(PodId{0}, plimsoll::Reason::node_lost); });
  b.world.run_until(at_s(400));
  CHECK(b.of_revision(1) == 1);
  CHECK(b.of_revision(2) == 1);
  CHECK(b.world.workload(b.db).pods.size() == 2);
}

TEST_CASE("the ordinal of a pod that went with its instance is free only when the API server has deleted the pod") {
  for (const bool parallel : {false, true}) {
    CAPTURE(parallel);
    StatefulSetStrategy strategy;
    strategy.parallel = parallel;
    Bench b(3, strategy);
    b.script->at(at_s(202), [](World& w) { w.pod_ended(PodId{1}, plimsoll::Reason::node_lost); });
    // Not ready after 50 s, Node deleted within 5 s, pod collected 40 to 60 s later: 292 to 317 s.
    b.world.run_until(at_s(290));
    CHECK(b.world.pods().size() == 3);
    b.world.run_until(at_s(330));
    REQUIRE(b.world.pods().size() == 4);
    CHECK(b.world.pod(PodId{3}).created >= at_s(292));
    CHECK(b.world.pod(PodId{3}).created <= at_ms(317'200));
    CHECK(b.world.workload(b.db).pods.size() == 3);
  }
}

TEST_CASE("a lost pod whose ordinal is no longer wanted holds up an ordered set only until it is deleted") {
  Bench b(3, {});
  b.script->at(at_s(202), [](World& w) { w.pod_ended(PodId{2}, plimsoll::Reason::node_lost); });
  b.script->at(at_s(210), [id = b.db](World& w) { w.set_desired(id, 1); });
  b.world.run_until(at_s(285));
  CHECK(b.world.workload(b.db).pods.size() == 2);  // ordinal 1 waits for 2
  b.world.run_until(at_s(340));
  CHECK(b.world.workload(b.db).pods.size() == 1);
  CHECK(b.world.pods().size() == 3);
}

TEST_CASE("in parallel the pods come as fast as the client's limit lets them: 30, then 20 a second") {
  StatefulSetStrategy strategy;
  strategy.parallel = true;
  Bench b(100, strategy);
  b.world.run_until(at_ms(4'900));
  REQUIRE(b.world.pods().size() == 100);
  CHECK(b.world.pod(PodId{29}).created == at_ms(100));
  CHECK(b.world.pod(PodId{30}).created == at_ms(150));
  CHECK(b.world.pod(PodId{99}).created == at_ms(100 + 70 * 50));
}

}  // namespace
}  // namespace plimsoll::kubernetes
