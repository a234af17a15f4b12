#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "models/ecs/controllers/service_scheduler.h"
#include "tests/sim/cluster/small_world.h"

/// A service by itself, and one that is deployed, for tests of the service scheduler.
namespace plimsoll::ecs {

using namespace plimsoll::testing;

/// One service with a reaction of two seconds; the script places and starts its tasks.
struct ServiceBench {
  explicit ServiceBench(std::int64_t desired, bool fargate = true, std::int64_t per_minute = 500,
                        std::int64_t minimum_healthy = 100, std::int64_t maximum = 200,
                        const std::function<void(DeploymentConfiguration&)>& change = {}, bool recount = false)
      : world(small_world()) {
    web = add_workload(world, "web", 500, 512, desired);
    ServiceSchedulerParameters parameters;
    parameters.reaction = Delay::constant(seconds(2));
    parameters.launches_per_minute = per_minute;
    parameters.recount = recount;
    auto scheduler = std::make_unique<ServiceScheduler>(parameters);
    DeploymentConfiguration configuration;
    configuration.minimum_healthy_percent = minimum_healthy;
    configuration.maximum_percent = maximum;
    configuration.breaker.enable = configuration.breaker.rollback = true;
    if (change) change(configuration);
    service_scheduler = scheduler.get();
    scheduler->manage(web, fargate, fargate ? StrategyChain{} : default_service_strategies(), configuration);
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
  ServiceScheduler* service_scheduler = nullptr;
  WorkloadId web;
};

/// A deployment at 100 s of a service of four tasks on one large instance; whoever waits is placed every five seconds.
struct RolloutBench {
  explicit RolloutBench(std::int64_t minimum, std::int64_t maximum,
                        const std::function<void(DeploymentConfiguration&)>& change = {})
      : b(4, false, 500, minimum, maximum, change) {
    node = ready_node(b.world, 64'000, 65'536);
    b.serve_at(10, {node});
    b.script->at(at_s(100), [id = b.web](World& w) { w.deploy(id, PodTemplate(w.workload(id))); });
    b.script->at(at_s(100), [](World& w) { w.host_profiles[0].stop_plain = seconds(5); });
  }
  void serve_and_end(std::int64_t until) {
    for (std::int64_t s = 105; s < until; s += 5) {
      b.serve_at(s, {node});
      b.end_stopping_at(s);
    }
  }
  std::int64_t of_revision(std::uint32_t revision) const {
    std::int64_t n = 0;
    for (const PodId pod : b.world.workload(b.web).pods) {
      const Pod& p = b.world.pod(pod);
      n += p.revision == revision && p.state != PodState::stopping ? 1 : 0;
    }
    return n;
  }
  ServiceBench b;
  NodeId node;
};

/// At `s` all waiting tasks are ready behind the scenes.
inline void ready_at(RolloutBench& r, std::int64_t s) {
  r.b.script->at(at_s(s), [&r](World& w) {
    for (const PodId pod : std::vector<PodId>(w.pending_pods().begin(), w.pending_pods().end())) {
      REQUIRE(w.bind_pod(pod, r.node) == Applied::yes);
      w.pod_started(pod);
      w.pod_ready(pod);
      w.edit_pod(pod).registered = true;
    }
  });
}

}  // namespace plimsoll::ecs
