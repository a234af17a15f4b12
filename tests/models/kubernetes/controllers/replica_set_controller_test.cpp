#include "models/kubernetes/controllers/replica_set_controller.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// Two watch hops of 100 ms together, then 30 calls at once and 20 a second.
struct Bench {
  explicit Bench(std::int64_t desired, const DeploymentStrategy& strategy = {}) : world(small_world()) {
    web = add_workload(world, "web", 100, 64, desired);
    auto controller = std::make_unique<ReplicaSetController>(ReplicaSetParameters{});
    controller->manage(web, strategy);
    world.attach(std::move(controller));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  void want_at(Time at, std::int64_t desired) {
    script->at(at, [desired, id = web](World& w) { w.set_desired(id, desired); });
  }
  void serve(World& w, std::uint32_t pod, NodeId node) const {
    CHECK(w.bind_pod(PodId{pod}, node) == Applied::yes);
    w.pod_started(PodId{pod});
    w.pod_ready(PodId{pod});
    w.pod_serving(PodId{pod});
  }
  PodState state(std::uint32_t pod) const { return world.pod(PodId{pod}).state; }

  World world;
  Script* script = nullptr;
  WorkloadId web;
};

TEST_CASE("pods are created under the client's rate limit") {
  Bench b(50);
  b.world.run_until(at_s(10));
  REQUIRE(b.world.pods().size() == 50);
  // Batches of 1, 2, 4, 8 and 16, a call of 10 ms apart; of the 30 tokens 15 are left by the fifth.
  CHECK(b.world.pod(PodId{0}).created == at_ms(100));
  CHECK(b.world.pod(PodId{2}).created == at_ms(110));
  CHECK(b.world.pod(PodId{6}).created == at_ms(120));
  CHECK(b.world.pod(PodId{29}).created == at_ms(140));
  CHECK(b.world.pod(PodId{49}).created == at_ms(1'100));  // twenty more than the burst, 50 ms each
}

TEST_CASE("a wish that is taken back creates no more than is wanted") {
  Bench b(0);
  b.want_at(at_s(10), 100);
  b.want_at(at_s(11), 35);
  b.world.run_until(at_s(60));
  const auto alive = b.world.workload(b.web).pods.size();
  CHECK(alive == 35);
  CHECK(b.world.pods().size() < 60);
}

TEST_CASE("a pod that ends is replaced") {
  Bench b(2);
  const NodeId node = ready_node(b.world, 1000, 1024);
  b.script->at(at_s(5), [&b, node](World& w) {
    b.serve(w, 0, node);
    b.serve(w, 1, node);
  });
  b.script->at(at_s(10), [](World& w) { w.pod_ended(PodId{1}, plimsoll::Reason::node_lost); });
  b.world.run_until(at_s(200));
  REQUIRE(b.world.pods().size() == 3);
  // 50 s until its node is found not ready, up to 5 s until the Node is deleted, 40 to 60 s until the pod is.
  CHECK(b.world.pod(PodId{2}).created >= at_s(10 + 50 + 40));
  CHECK(b.world.pod(PodId{2}).created <= at_s(10 + 50 + 5 + 60 + 1));
}

TEST_CASE("more pods than one sync creates follow in the next") {
  Bench b(1200);
  b.world.run_until(at_s(120));
  // 20 calls a second after a burst of 30: (1200 - 30) / 20 = 58.5 s, and a little for each sync.
  CHECK(b.world.pods().size() == 1200);
}

TEST_CASE("a pod that ends otherwise is replaced at once") {
  Bench b(2);
  const NodeId node = ready_node(b.world, 1000, 1024);
  b.script->at(at_s(5), [&b, node](World& w) {
    b.serve(w, 0, node);
    b.serve(w, 1, node);
  });
  b.script->at(at_s(10), [](World& w) { w.pod_ended(PodId{1}, plimsoll::Reason::container_exit); });
  b.world.run_until(at_s(60));
  REQUIRE(b.world.pods().size() == 3);
  CHECK(b.world.pod(PodId{2}).created == at_ms(10'100));
}

DeploymentStrategy owned_by(PodOwner owner) {
  DeploymentStrategy s;
  s.owner = owner;
  return s;
}

TEST_CASE("a ReplicaSet of its own keeps its pods when its template changes; later ones have the new one") {
  Bench b(2, owned_by(PodOwner::replica_set));
  const NodeId node = ready_node(b.world, 1000, 1024);
  b.script->at(at_s(5), [&b, node](World& w) {
    b.serve(w, 0, node);
    b.serve(w, 1, node);
  });
  b.script->at(at_s(10), [&b](World& w) { w.deploy(b.web, PodTemplate(w.workload(b.web))); });
  b.script->at(at_s(20), [](World& w) { w.pod_ended(PodId{1}, plimsoll::Reason::container_exit); });
  b.want_at(at_s(30), 3);
  b.want_at(at_s(40), 1);
  b.world.run_until(at_s(19));
  CHECK(b.world.pods().size() == 2);
  CHECK(b.state(0) == PodState::serving);
  CHECK(b.state(1) == PodState::serving);
  b.world.run_until(at_s(60));
  REQUIRE(b.world.pods().size() == 4);
  CHECK(b.world.pod(PodId{2}).revision == 2);
  CHECK(b.world.pod(PodId{3}).revision == 2);
  // Pods that wait go first, whatever their template.
  CHECK(b.state(0) == PodState::serving);
  CHECK(b.state(2) == PodState::ended);
  CHECK(b.state(3) == PodState::ended);
}

TEST_CASE("a pod of no owner is made once") {
  Bench b(2, owned_by(PodOwner::none));
  const NodeId node = ready_node(b.world, 1000, 1024);
  b.script->at(at_s(5), [&b, node](World& w) {
    b.serve(w, 0, node);
    b.serve(w, 1, node);
  });
  b.script->at(at_s(10), [](World& w) { w.pod_ended(PodId{1}, plimsoll::Reason::node_lost); });
  b.script->at(at_s(20), [](World& w) { w.stop_pod(PodId{0}, plimsoll::Reason::node_drain); });
  b.script->at(at_s(30), [](World& w) { w.pod_ended(PodId{0}, plimsoll::Reason::none); });
  // Somebody makes one more, and takes it away again.
  b.want_at(at_s(600), 3);
  b.want_at(at_s(700), 2);
  b.world.run_until(at_s(500));
  CHECK(b.world.pods().size() == 2);
  CHECK(b.world.workload(b.web).pods.empty());
  b.world.run_until(at_s(650));
  CHECK(b.world.workload(b.web).pods.size() == 1);
  b.world.run_until(at_s(750));
  CHECK(b.world.workload(b.web).pods.empty());
  CHECK(b.world.pods().size() == 3);
}

TEST_CASE("pods that wait go first, then unready ones, then those that share their node") {
  Bench b(5);
  const NodeId crowded = ready_node(b.world, 1000, 1024, 0), alone = ready_node(b.world, 1000, 1024, 1);
  b.script->at(at_s(5), [&b, crowded, alone](World& w) {
    b.serve(w, 0, crowded);
    b.serve(w, 1, crowded);
    b.serve(w, 2, alone);
    CHECK(w.bind_pod(PodId{3}, alone) == Applied::yes);  // on a node, not ready
  });                                                    // 4 waits
  b.want_at(at_s(10), 4);
  b.want_at(at_s(20), 3);
  b.want_at(at_s(30), 2);
  b.world.run_until(at_s(15));
  CHECK(b.state(4) == PodState::ended);
  b.world.run_until(at_s(25));
  CHECK(b.state(3) == PodState::stopping);
  b.script->at(at_s(27), [](World&) {});
  b.world.run_until(at_s(35));
  CHECK(b.state(2) == PodState::serving);
  CHECK((b.state(0) == PodState::stopping) != (b.state(1) == PodState::stopping));
}

TEST_CASE("of equals the one that became ready last goes first") {
  Bench b(2);
  const NodeId one = ready_node(b.world, 1000, 1024, 0), two = ready_node(b.world, 1000, 1024, 1);
  b.script->at(at_s(5), [&b, one](World& w) { b.serve(w, 0, one); });
  b.script->at(at_s(500), [&b, two](World& w) { b.serve(w, 1, two); });
  b.want_at(at_s(600), 1);
  b.world.run_until(at_s(700));
  CHECK(b.state(0) == PodState::serving);
  CHECK(b.state(1) == PodState::stopping);
}

/// A rollout at 100 s; what waits is ready five seconds later, unless its revision is `broken`.
struct Rollout {
  Rollout(std::int64_t desired, const DeploymentStrategy& strategy, std::uint32_t broken = 0) : b(desired, strategy) {
    node = ready_node(b.world, 64'000, 65'536);
    for (std::int64_t s = 5; s < 1500; s += 5) {
      b.script->at(at_s(s), [node = node, broken, id = b.web](World& w) {
        const std::vector<PodId> waiting(w.pending_pods().begin(), w.pending_pods().end());
        for (const PodId pod : waiting) {
          CHECK(w.bind_pod(pod, node) == Applied::yes);
          w.pod_started(pod);
          if (w.pod(pod).revision == broken) continue;
          w.pod_ready(pod);
          w.pod_serving(pod);
        }
        for (const PodId pod : std::vector<PodId>(w.workload(id).pods)) {
          if (w.pod(pod).state == PodState::stopping) w.pod_ended(pod, plimsoll::Reason::none);
        }
      });
    }
    b.script->at(at_s(100), [id = b.web](World& w) { w.deploy(id, PodTemplate(w.workload(id))); });
  }
  std::int64_t count(std::uint32_t revision, bool ready_only = false) const {
    std::int64_t n = 0;
    for (const PodId pod : b.world.workload(b.web).pods) {
      const Pod& p = b.world.pod(pod);
      const bool counts = ready_only ? p.state == PodState::serving : p.state != PodState::stopping;
      n += counts && (revision == 0 || p.revision == revision) ? 1 : 0;
    }
    return n;
  }
  Bench b;
  NodeId node;
};

TEST_CASE("a rolling update stays within surge and unavailability at every fact, and completes") {
  for (const auto& [surge, unavailable] : {std::pair(IntOrPercent{25, true}, IntOrPercent{25, true}),
                                           std::pair(IntOrPercent{1, false}, IntOrPercent{0, false}),
                                           std::pair(IntOrPercent{0, false}, IntOrPercent{3, false})}) {
    DeploymentStrategy strategy;
    strategy.max_surge = surge;
    strategy.max_unavailable = unavailable;
    const Fenceposts posts = resolve_fenceposts(surge, unavailable, 10);
    Rollout r(10, strategy);
    r.b.world.run_until(at_s(99));
    for (std::int64_t ms = 99'000; ms < 600'000; ms += 50) {
      r.b.world.run_until(at_ms(ms));
      REQUIRE(r.count(0) <= 10 + posts.surge);
      REQUIRE(r.count(0, true) >= 10 - posts.unavailable);
    }
    CHECK(r.count(2) == 10);
    CHECK(r.count(1) == 0);
    CHECK(count_facts(r.b.world, Fact::rollout_completed) == 1);
    CHECK(r.b.world.workload(r.b.web).rollout == plimsoll::Rollout::none);
  }
}

TEST_CASE("Recreate has no pod of either revision between the two") {
  DeploymentStrategy strategy;
  strategy.recreate = true;
  Rollout r(5, strategy);
  bool none = false;
  for (std::int64_t ms = 100'000; ms < 300'000; ms += 50) {
    r.b.world.run_until(at_ms(ms));
    CHECK((r.count(1) == 0 || r.count(2) == 0));
    none = none || r.count(0) == 0;
  }
  CHECK(none);
  CHECK(r.count(2) == 5);
}

TEST_CASE("a rollout whose pods never become ready stalls after its deadline, and a rollback ends it") {
  DeploymentStrategy strategy;
  strategy.progress_deadline = seconds(300);
  Rollout r(8, strategy, 2);
  r.b.world.run_until(at_s(1000));
  CHECK(r.b.world.workload(r.b.web).rollout == plimsoll::Rollout::stalled);
  // 8 wanted, 2 more and 2 fewer allowed: 6 old ones stay, 4 new ones wait.
  CHECK(r.count(1, true) == 6);
  CHECK(r.count(2) == 4);
  r.b.script->at(at_s(1100), [](World&) {});
  r.b.world.set_revision(r.b.web, 1, plimsoll::Reason::rollback);
  r.b.world.run_until(at_s(1200));
  CHECK(r.count(1, true) == 8);
  CHECK(r.count(2) == 0);
  CHECK(r.b.world.workload(r.b.web).rollout == plimsoll::Rollout::none);
}

TEST_CASE("a pod counts only after minReadySeconds") {
  DeploymentStrategy strategy;
  strategy.min_ready = seconds(60);
  strategy.max_surge = {1, false};
  strategy.max_unavailable = {0, false};
  Rollout r(2, strategy);
  r.b.world.run_until(at_s(160));
  CHECK(r.count(1) == 2);  // the first new pod is ready at 105 s and available at 165 s
  r.b.world.run_until(at_s(170));
  CHECK(r.count(1) == 1);
  r.b.world.run_until(at_s(400));
  CHECK(r.count(2) == 2);
}

TEST_CASE("a change of size during a rollout goes to both sets in proportion") {
  DeploymentStrategy strategy;
  strategy.progress_deadline = hours(1);
  Rollout r(8, strategy, 2);
  r.b.want_at(at_s(200), 16);
  r.b.world.run_until(at_s(300));
  // 6 old and 4 new of 10; 16 and 4 more are 20: twice as many of each.
  CHECK(r.count(1) == 12);
  CHECK(r.count(2) == 8);
}

TEST_CASE("a Deployment that is made paused gets no ReplicaSet, whatever its size and revision") {
  DeploymentStrategy strategy;
  strategy.paused = true;
  Bench b(2, strategy);
  b.script->at(at_s(10), [&b](World& w) { w.deploy(b.web, w.workload(b.web).template_of(1)); });
  b.want_at(at_s(20), 4);
  b.want_at(at_s(100), 1);
  b.world.run_until(at_s(200));
  CHECK(b.world.pods().empty());
  CHECK(b.world.workload(b.web).rollout == plimsoll::Rollout::none);
  CHECK(count_facts(b.world, Fact::rollout_started) == 0);
}

}  // namespace
}  // namespace plimsoll::kubernetes
