#include "models/ecs/controllers/service_scheduler.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

/// One service with a reaction of two seconds; the script places and starts its tasks.
struct Bench {
  explicit Bench(std::int64_t desired, bool fargate = true, std::int64_t per_minute = 500,
                 std::int64_t minimum_healthy = 100, std::int64_t maximum = 200)
      : world(small_world()) {
    web = add_workload(world, "web", 500, 512, desired);
    ServiceSchedulerParameters parameters;
    parameters.reaction = Delay::constant(seconds(2));
    parameters.launches_per_minute = per_minute;
    auto scheduler = std::make_unique<ServiceScheduler>(parameters);
    scheduler->manage(web, fargate, fargate ? StrategyChain{} : default_service_strategies(), minimum_healthy, maximum);
    world.attach(std::move(scheduler));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  void want_at(std::int64_t s, std::int64_t desired) {
    script->at(at_s(s), [desired, id = web](World& w) { w.set_desired(id, desired); });
  }
  /// Puts every waiting task on a node, round robin, and into traffic.
  void serve_at(std::int64_t s, std::vector<NodeId> nodes) {
    script->at(at_s(s), [nodes = std::move(nodes)](World& w) {
      const std::vector<PodId> waiting(w.pending_pods().begin(), w.pending_pods().end());
      for (std::size_t i = 0; i < waiting.size(); ++i) {
        CHECK(w.bind_pod(waiting[i], nodes[i % nodes.size()]) == Applied::yes);
        w.pod_started(waiting[i]);
        w.pod_ready(waiting[i]);
        w.pod_serving(waiting[i]);
      }
    });
  }
  void end_stopping_at(std::int64_t s) {
    script->at(at_s(s), [id = web](World& w) {
      const std::vector<PodId> pods = w.workload(id).pods;
      for (const PodId pod : pods) {
        if (w.pod(pod).state == PodState::stopping) w.pod_ended(pod, Reason::none);
      }
    });
  }
  std::int64_t alive() const {
    return static_cast<std::int64_t>(world.workload(web).pods.size()) - world.workload(web).stopping;
  }

  World world;
  Script* script = nullptr;
  WorkloadId web;
};

TEST_CASE("missing tasks start two seconds after the change") {
  Bench b(3);
  b.want_at(100, 5);
  b.world.run_until(at_s(50));
  CHECK(b.alive() == 3);
  CHECK(b.world.pod(PodId{2}).created == at_s(2));
  b.world.run_until(at_s(200));
  CHECK(b.alive() == 5);
  CHECK(b.world.pod(PodId{4}).created == at_s(102));
}

TEST_CASE("a service launches no more than its quota a minute") {
  Bench b(5, true, 2);
  b.world.run_until(at_s(600));
  CHECK(count_facts(b.world, Fact::pod_created, at_s(59)) == 2);
  CHECK(count_facts(b.world, Fact::pod_created, at_s(119)) == 4);
  CHECK(b.alive() == 5);
}

TEST_CASE("scale-in gives up what waits first, the newest of it") {
  Bench b(2);
  const NodeId node = ready_node(b.world, 8000, 8192);
  b.serve_at(10, {node});
  b.want_at(20, 4);
  b.want_at(30, 3);
  b.world.run_until(at_s(100));
  CHECK(b.world.pod(PodId{3}).state == PodState::ended);
  CHECK(b.world.pod(PodId{2}).state == PodState::pending);
  CHECK(b.world.workload(b.web).serving == 2);
}

TEST_CASE("on Fargate scale-in takes the zone with most tasks") {
  Bench b(4);
  const NodeId a = ready_node(b.world, 8000, 8192, 0), c = ready_node(b.world, 8000, 8192, 2);
  b.serve_at(10, {a, c, c, c});  // one in zone a, three in zone c
  b.want_at(20, 2);
  b.world.run_until(at_s(100));
  CHECK(b.world.pod(PodId{0}).state == PodState::serving);
  CHECK(b.alive() == 2);
  CHECK(b.world.workload(b.web).stopping == 2);
}

TEST_CASE("on instances scale-in keeps zones and instances even") {
  Bench b(4, false);
  const NodeId a = ready_node(b.world, 8000, 8192, 0), c = ready_node(b.world, 8000, 8192, 1);
  b.serve_at(10, {a, c, c, c});
  b.want_at(20, 2);
  b.world.run_until(at_s(100));
  CHECK(b.world.pod(PodId{0}).state == PodState::serving);
  CHECK(b.alive() == 2);
}

TEST_CASE("a task that ends is replaced") {
  Bench b(2);
  const NodeId node = ready_node(b.world, 8000, 8192);
  b.serve_at(10, {node});
  b.script->at(at_s(50), [](World& w) { w.pod_ended(PodId{0}, Reason::node_lost); });
  b.world.run_until(at_s(100));
  CHECK(b.world.pod(PodId{2}).created == at_s(52));
  CHECK(b.alive() == 2);
}

TEST_CASE("tasks of a draining instance are replaced before they stop when all must stay healthy") {
  Bench b(2, false, 500, 100, 200);
  const NodeId old = ready_node(b.world, 8000, 8192, 0), fresh = ready_node(b.world, 8000, 8192, 1);
  b.serve_at(10, {old});
  b.script->at(at_s(20), [old](World& w) { w.drain_node(old, Reason::scale_down); });
  b.serve_at(40, {fresh});
  b.world.run_until(at_s(30));
  CHECK(b.alive() == 4);  // two more by second 22, none stopped
  CHECK(b.world.workload(b.web).serving == 2);
  b.world.run_until(at_s(60));
  CHECK(b.world.workload(b.web).serving == 2);
  CHECK(b.world.pod(PodId{0}).state == PodState::stopping);
  CHECK(b.world.pod(PodId{0}).end_reason == Reason::node_drain);
  CHECK(b.world.pod(PodId{1}).state == PodState::stopping);
}

TEST_CASE("with fewer that must stay, some stop at once") {
  Bench b(4, false, 500, 50, 100);
  const NodeId old = ready_node(b.world, 8000, 8192, 0);
  ready_node(b.world, 8000, 8192, 1);
  b.serve_at(10, {old});
  b.script->at(at_s(20), [old](World& w) { w.drain_node(old, Reason::scale_down); });
  b.world.run_until(at_s(23));
  // All together may not pass 4, so none starts first; two of four may go.
  CHECK(b.world.workload(b.web).serving == 2);
  CHECK(b.world.workload(b.web).stopping == 2);
}

TEST_CASE("a scale-in that falls into a drain is made good when the drain is over") {
  Bench b(3, false, 500, 0, 200);
  const NodeId old = ready_node(b.world, 8000, 8192, 0), fresh = ready_node(b.world, 8000, 8192, 1);
  b.serve_at(10, {old, fresh, fresh});
  b.script->at(at_s(20), [old](World& w) { w.drain_node(old, Reason::scale_down); });
  b.want_at(21, 1);
  b.end_stopping_at(60);
  b.end_stopping_at(120);
  b.world.run_until(at_s(600));
  CHECK(b.alive() == 1);
  CHECK(b.world.workload(b.web).pods.size() - b.world.workload(b.web).stopping == 1);
}

}  // namespace
}  // namespace plimsoll::ecs
