// Also tests: service_scheduler_zones
// Also tests: service_scheduler_blue_green
#include "models/ecs/controllers/service_scheduler.h"

#include <doctest/doctest.h>

#include <functional>

#include "models/aws/cloudwatch/cloudwatch.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

/// One service with a reaction of two seconds; the script places and starts its tasks.
struct Bench {
  explicit Bench(std::int64_t desired, bool fargate = true, std::int64_t per_minute = 500,
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

/// A deployment at 100 s of a service of four tasks on one large instance; whoever waits is placed every five seconds.
struct Rollout {
  explicit Rollout(std::int64_t minimum, std::int64_t maximum,
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
  Bench b;
  NodeId node;
};

TEST_CASE("a rolling update keeps within its percentages and completes") {
  for (const auto& [minimum, maximum] : {std::pair(100, 200), std::pair(100, 125), std::pair(50, 100)}) {
    CAPTURE(minimum);
    CAPTURE(maximum);
    Rollout r(minimum, maximum);
    r.serve_and_end(400);
    for (std::int64_t s = 100; s < 400; ++s) {
      r.b.world.run_until(at_s(s));
      const Workload& w = r.b.world.workload(r.b.web);
      CHECK(static_cast<std::int64_t>(w.pods.size()) <= 4 * maximum / 100);
      CHECK(static_cast<std::int64_t>(w.serving) * 100 >= 4 * minimum);
    }
    CHECK(r.of_revision(2) == 4);
    CHECK(r.of_revision(1) == 0);
    CHECK(r.b.world.workload(r.b.web).rollout == plimsoll::Rollout::none);
    CHECK(count_facts(r.b.world, Fact::rollout_completed) == 1);
  }
}

TEST_CASE("with 100 and 100 percent nothing can be replaced") {
  Rollout r(100, 100);
  r.serve_and_end(1000);
  r.b.world.run_until(at_s(1000));
  CHECK(r.of_revision(1) == 4);
  CHECK(r.b.world.workload(r.b.web).rolling_out());
}

TEST_CASE("three tasks that fail their checks trip the breaker of a small service, which goes back") {
  Rollout r(100, 200);
  r.b.script->at(at_s(105), [&r](World& w) {
    for (const PodId pod : std::vector<PodId>(w.pending_pods().begin(), w.pending_pods().end())) {
      REQUIRE(w.bind_pod(pod, r.node) == Applied::yes);
      w.pod_started(pod);
    }
  });
  r.b.script->at(at_s(110), [&r](World& w) {
    std::int64_t ended = 0;
    for (const PodId pod : std::vector<PodId>(w.workload(r.b.web).pods)) {
      if (w.pod(pod).revision != 2 || ended == 3) continue;
      w.pod_failed(pod, Reason::container_exit, 1);
      w.pod_ended(pod, Reason::container_exit);
      ++ended;
    }
  });
  r.serve_and_end(400);
  r.b.world.run_until(at_s(400));
  // Threshold: half of four is two, at least three.
  CHECK(count_facts(r.b.world, Fact::rollout_failed) == 1);
  CHECK(r.b.world.workload(r.b.web).revision == 1);
  CHECK(r.of_revision(1) == 4);
  CHECK(r.of_revision(2) == 0);
  CHECK(r.b.world.workload(r.b.web).rollout == plimsoll::Rollout::none);
}

TEST_CASE("tasks that never run slow the service down") {
  Bench b(1);
  const NodeId node = ready_node(b.world, 8000, 8192);
  for (std::int64_t s = 1; s < 1800; ++s) {
    b.script->at(at_s(s), [node](World& w) {
      for (const PodId pod : std::vector<PodId>(w.pending_pods().begin(), w.pending_pods().end())) {
        w.bind_pod(pod, node);
        w.pod_ended(pod, Reason::image_pull);
      }
    });
  }
  b.world.run_until(at_s(1800));
  // 1, 2, 4, ... s between the attempts: about ten in half an hour, where there would be hundreds.
  CHECK(b.world.pods().size() >= 8);
  CHECK(b.world.pods().size() <= 14);
}

TEST_CASE("a blue/green deployment shifts the traffic when all new tasks are healthy, and keeps the old for the bake") {
  Rollout r(100, 200, [](DeploymentConfiguration& c) {
    c.strategy = EcsRollout::Strategy::blue_green;
    c.bake = minutes(5);
  });
  r.b.script->at(at_s(110), [&r](World& w) {
    for (const PodId pod : std::vector<PodId>(w.pending_pods().begin(), w.pending_pods().end())) {
      REQUIRE(w.bind_pod(pod, r.node) == Applied::yes);
      w.pod_started(pod);
      w.pod_ready(pod);
      w.edit_pod(pod).registered = true;
    }
  });
  r.b.world.run_until(at_s(109));
  CHECK(r.b.world.workload(r.b.web).traffic_revision == 1);
  r.b.world.run_until(at_s(130));
  CHECK(r.b.world.workload(r.b.web).traffic_revision == 2);
  CHECK(r.of_revision(1) == 4);
  CHECK(r.of_revision(2) == 4);
  r.b.script->at(at_s(131), [](World&) {});
  r.b.world.run_until(at_s(500));
  CHECK(r.of_revision(1) == 0);
  CHECK(r.of_revision(2) == 4);
}

/// At `s` all waiting tasks are ready behind the scenes.
void ready_at(Rollout& r, std::int64_t s) {
  r.b.script->at(at_s(s), [&r](World& w) {
    for (const PodId pod : std::vector<PodId>(w.pending_pods().begin(), w.pending_pods().end())) {
      REQUIRE(w.bind_pod(pod, r.node) == Applied::yes);
      w.pod_started(pod);
      w.pod_ready(pod);
      w.edit_pod(pod).registered = true;
    }
  });
}

TEST_CASE("a canary has its share for its bake time, then the new revision has all") {
  Rollout r(100, 200, [](DeploymentConfiguration& c) {
    c.strategy = EcsRollout::Strategy::canary;
    c.step = percent(5);
    c.step_bake = minutes(10);
    c.bake = minutes(5);
  });
  ready_at(r, 110);
  const Workload& web = r.b.world.workload(r.b.web);
  r.b.world.run_until(at_s(105));
  CHECK(web.weighted_revision == 2);
  CHECK(web.weight == Ppm{});
  CHECK(web.traffic_revision == 1);
  r.b.world.run_until(at_s(130));  // the tasks were seen to be healthy after 5 s at most
  CHECK(web.weight == percent(5));
  CHECK(web.traffic_revision == 0);
  r.b.world.run_until(at_s(110 + 600 - 1));
  CHECK(web.weight == percent(5));
  r.b.world.run_until(at_s(130 + 600));
  CHECK(web.weight == percent(100));
  CHECK(web.traffic_revision == 2);
  CHECK(r.of_revision(1) == 4);
  r.b.world.run_until(at_s(110 + 600 + 300 - 1));
  CHECK(r.of_revision(1) == 4);
  r.b.world.run_until(at_s(130 + 600 + 300));
  CHECK(r.of_revision(1) == 0);
  CHECK(r.of_revision(2) == 4);
}

TEST_CASE("a linear deployment takes a step after each bake until it has all") {
  Rollout r(100, 200, [](DeploymentConfiguration& c) {
    c.strategy = EcsRollout::Strategy::linear;
    c.step = percent(30);
    c.step_bake = minutes(6);
  });
  ready_at(r, 110);
  std::vector<std::int64_t> seen;
  for (std::int64_t s = 100; s < 1500; ++s) {
    r.b.world.run_until(at_s(s));
    const std::int64_t weight = r.b.world.workload(r.b.web).weight.raw() / 10'000;
    if (r.b.world.workload(r.b.web).weighted_revision == 2 && (seen.empty() || seen.back() != weight))
      seen.push_back(weight);
  }
  CHECK(seen == std::vector<std::int64_t>{0, 30, 60, 90, 100});
  CHECK(r.of_revision(1) == 0);
}

/// An alarm on a metric that the script puts: above 10, one minute.
struct Watched {
  explicit Watched(EcsRollout::Strategy strategy)
      : r(100, 200, [strategy](DeploymentConfiguration& c) {
          c.strategy = strategy;
          c.bake = minutes(10);
          c.alarms = {"errors"};
          c.alarms_rollback = true;
        }) {
    aws::CloudWatchParameters parameters;
    parameters.publication_delay = seconds(10);
    auto cloudwatch = std::make_unique<aws::CloudWatch>(parameters);
    cw = cloudwatch.get();
    aws::MetricSource source;
    source.name = aws::MetricName::pushed;
    source.label = "errors";
    metric = cw->metric(source);
    aws::AlarmDefinition definition;
    definition.threshold = 10;
    definition.treat_missing = aws::MissingData::not_breaching;
    cw->add_alarm("errors", metric, definition, aws::Statistic::average);
    r.b.world.attach(std::move(cloudwatch));
  }
  void errors_from(std::int64_t s, std::int64_t until) {
    for (; s < until; s += 60) r.b.script->at(at_s(s), [this](World&) { cw->put(metric, 50); });
  }
  Rollout r;
  aws::CloudWatch* cw = nullptr;
  aws::MetricId metric;
};

TEST_CASE("an alarm in the bake time brings the old revision back at once") {
  Watched w(EcsRollout::Strategy::blue_green);
  ready_at(w.r, 110);
  w.errors_from(250, 280);
  const Workload& web = w.r.b.world.workload(w.r.b.web);
  w.r.b.world.run_until(at_s(300));
  CHECK(web.traffic_revision == 2);
  // The minute that ends at 300 s is published at 310 s; the scheduler looks once a minute.
  w.r.b.world.run_until(at_s(380));
  CHECK(web.revision == 1);
  CHECK(web.traffic_revision == 0);  // the old tasks were all there: the rollback is complete
  CHECK(w.r.of_revision(2) == 0);
  CHECK(web.weighted_revision == 0);
  CHECK(count_facts(w.r.b.world, Fact::rollout_failed) == 1);
  w.r.b.world.run_until(at_s(600));
  CHECK(w.r.of_revision(1) == 4);
  CHECK(w.r.of_revision(2) == 0);
}

TEST_CASE("alarms watch a rolling update as far as they look back, unless one was in ALARM before") {
  Watched quiet(EcsRollout::Strategy::rolling);
  quiet.r.serve_and_end(300);
  quiet.r.b.world.run_until(at_s(300));
  CHECK(count_facts(quiet.r.b.world, Fact::rollout_completed) == 1);
  Watched loud(EcsRollout::Strategy::rolling);
  loud.r.serve_and_end(700);
  loud.errors_from(70, 130);  // published at 130: the update has begun, and its bake time has not ended
  loud.r.b.world.run_until(at_s(700));
  CHECK(count_facts(loud.r.b.world, Fact::rollout_failed) == 1);
  CHECK(loud.r.of_revision(1) == 4);
  Watched before(EcsRollout::Strategy::rolling);
  before.r.serve_and_end(700);
  before.errors_from(0, 240);  // in ALARM from 70 s on
  before.r.b.world.run_until(at_s(700));
  CHECK(count_facts(before.r.b.world, Fact::rollout_failed) == 0);
  CHECK(before.r.of_revision(2) == 4);
}

/// A hook at every stage that takes ten seconds.
DeploymentHook slow_hook(std::vector<DeploymentStage> stages, DeploymentHook::Answer answer) {
  DeploymentHook h;
  h.name = "check";
  h.stages = std::move(stages);
  h.duration = seconds(10);
  h.answers = {answer};
  return h;
}

std::vector<std::pair<std::int64_t, std::int64_t>> hook_calls(const World& world) {
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  for (const FactRecord& f : world.log) {
    if (f.fact == Fact::hook_called) out.emplace_back(to_microseconds(f.at) / 1'000'000, f.value);
  }
  return out;
}

TEST_CASE("hooks hold a deployment before its tasks start, before and after the traffic shifts") {
  using Stage = DeploymentStage;
  Rollout r(100, 200, [](DeploymentConfiguration& c) {
    c.strategy = EcsRollout::Strategy::blue_green;
    c.hooks = {slow_hook(
        {Stage::reconcile_service, Stage::pre_scale_up, Stage::post_scale_up, Stage::test_traffic_shift,
         Stage::post_test_traffic_shift, Stage::production_traffic_shift, Stage::post_production_traffic_shift},
        DeploymentHook::Answer::succeeded)};
  });
  ready_at(r, 130);
  const Workload& web = r.b.world.workload(r.b.web);
  r.b.world.run_until(at_s(111));
  CHECK(r.of_revision(2) == 0);
  r.b.world.run_until(at_s(120));
  CHECK(r.of_revision(2) == 4);
  r.b.world.run_until(at_s(159));
  CHECK(web.traffic_revision == 1);
  r.b.world.run_until(at_s(500));
  const auto calls = hook_calls(r.b.world);
  // No other revision was on its way: nothing to reconcile. The tasks are seen healthy 5 s after a look at most.
  REQUIRE(calls.size() == 6);
  CHECK(calls[0] == std::pair<std::int64_t, std::int64_t>{102, static_cast<std::int64_t>(Stage::pre_scale_up)});
  CHECK(calls[1].second == static_cast<std::int64_t>(Stage::post_scale_up));
  CHECK(calls[1].first >= 130);
  CHECK(calls[1].first <= 135);
  for (std::size_t i = 2; i < 6; ++i) CHECK(calls[i].first == calls[i - 1].first + 10);
  CHECK(calls[5].second == static_cast<std::int64_t>(Stage::post_production_traffic_shift));
  CHECK(r.of_revision(1) == 0);
  CHECK(count_facts(r.b.world, Fact::rollout_completed) == 1);
}

TEST_CASE("a hook that fails brings the old revision back before it has lost any traffic") {
  Rollout r(100, 200, [](DeploymentConfiguration& c) {
    c.strategy = EcsRollout::Strategy::blue_green;
    c.breaker = {};
    c.hooks = {slow_hook({DeploymentStage::post_test_traffic_shift, DeploymentStage::production_traffic_shift},
                         DeploymentHook::Answer::failed)};
  });
  ready_at(r, 110);
  r.b.world.run_until(at_s(300));
  const Workload& web = r.b.world.workload(r.b.web);
  CHECK(web.revision == 1);
  CHECK(web.traffic_revision == 0);
  CHECK(r.of_revision(2) == 0);
  CHECK(r.of_revision(1) == 4);
  bool failed = false;
  for (const FactRecord& f : r.b.world.log) {
    failed = failed || (f.fact == Fact::rollout_failed && f.reason == Reason::lifecycle_hook);
    CHECK((f.fact != Fact::traffic_shifted || f.value != 2));
  }
  CHECK(failed);
  // The stage's call, and that of the rollback.
  const auto calls = hook_calls(r.b.world);
  REQUIRE(calls.size() == 2);
  CHECK(calls[1].second == static_cast<std::int64_t>(DeploymentStage::production_traffic_shift));
}

TEST_CASE("each step of a canary has its hooks") {
  using Stage = DeploymentStage;
  Rollout r(100, 200, [](DeploymentConfiguration& c) {
    c.strategy = EcsRollout::Strategy::canary;
    c.step = percent(5);
    c.step_bake = minutes(10);
    c.hooks = {slow_hook({Stage::pre_production_traffic_shift, Stage::production_traffic_shift},
                         DeploymentHook::Answer::succeeded)};
  });
  ready_at(r, 110);
  r.b.world.run_until(at_s(900));
  const auto calls = hook_calls(r.b.world);
  REQUIRE(calls.size() == 4);
  CHECK(calls[1].first == calls[0].first + 10);
  CHECK(calls[2].first == calls[1].first + 10 + 600);  // the bake time begins when the step's hooks have ended
  CHECK(calls[3].first == calls[2].first + 10);
}

TEST_CASE("zones are evened out: more first, then fewer") {
  Bench b(4, true, 500, 100, 200, [](DeploymentConfiguration& c) { c.zone_rebalancing = true; });
  const NodeId a = ready_node(b.world, 8000, 8192, 0), c = ready_node(b.world, 8000, 8192, 1),
               e = ready_node(b.world, 8000, 8192, 2);
  b.serve_at(10, {a, a, a, c});  // three, one, none; wanted: two, one, one
  b.script->at(at_s(20), [&b](World& w) { w.set_bounds(b.web, 4, 4); });
  b.serve_at(40, {e});
  b.world.run_until(at_s(30));
  CHECK(b.alive() == 5);
  b.world.run_until(at_s(100));
  CHECK(b.alive() == 4);
  CHECK(b.world.pods()[4].state == PodState::serving);
  CHECK(b.world.workload(b.web).stopping == 1);
  std::int64_t in_a = 0;
  for (const PodId pod : b.world.workload(b.web).pods) {
    in_a += b.world.pod(pod).state != PodState::stopping && b.world.pod(pod).node == a ? 1 : 0;
  }
  CHECK(in_a == 2);
}

TEST_CASE("a task that waits too long for capacity is given up and tried again") {
  Bench b(1, false);
  b.world.run_until(at_s(3600 - 1));
  CHECK(b.world.pod(PodId{0}).end_reason == Reason::start_timeout);
  CHECK(b.world.pod(PodId{0}).ended == b.world.pod(PodId{0}).created + minutes(30));
  CHECK(b.alive() == 1);
}

TEST_CASE("protected tasks are spared by a scale-in until their protection ends") {
  Bench b(4);
  b.service_scheduler->protect(b.web, {percent(100), minutes(10)});
  const NodeId node = ready_node(b.world, 8000, 16384);
  b.serve_at(10, {node});
  b.want_at(100, 1);
  b.world.run_until(at_s(600));
  CHECK(b.alive() == 4);
  b.world.run_until(at_s(620));  // in traffic at 10 s, protected for ten minutes
  CHECK(b.alive() == 1);
}

TEST_CASE("a share of the tasks protects itself, the others go") {
  Bench b(100, true, 500);
  b.service_scheduler->protect(b.web, {percent(30), hours(2)});
  const NodeId node = ready_node(b.world, 100'000, 200'000);
  b.serve_at(10, {node});
  b.want_at(100, 0);
  b.world.run_until(at_s(1000));
  // Binomial of 100 and 0.3: mean 30, four standard deviations 18.3.
  CHECK(b.alive() > 11);
  CHECK(b.alive() < 49);
  const std::int64_t left = b.alive();
  b.world.run_until(at_s(3000));
  CHECK(b.alive() == left);
}

TEST_CASE("a protected task on a draining instance is replaced all the same") {
  Bench b(1);
  b.service_scheduler->protect(b.web, {percent(100), hours(2)});
  const NodeId first = ready_node(b.world, 4000, 8192), second = ready_node(b.world, 4000, 8192, 1);
  b.serve_at(10, {first});
  b.script->at(at_s(100), [first](World& w) { w.drain_node(first, Reason::scale_down); });
  b.serve_at(120, {second});
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).stopping != kTimeNever);
  CHECK(b.world.pod(PodId{0}).end_reason == Reason::node_drain);
}

/// A service through whatever can happen to it, drawn from `seed`.
std::uint64_t hash_of_random_life(std::uint64_t seed, bool recount) {
  Bench b(
      6, false, 500, 50, 200,
      [](DeploymentConfiguration& c) {
        c.zone_rebalancing = true;
        c.breaker.enable = c.breaker.rollback = false;
      },
      recount);
  std::vector<NodeId> nodes;
  for (int i = 0; i < 6; ++i) nodes.push_back(ready_node(b.world, 8000, 8192, i % 3));
  const Stream draw(seed, "life", Purpose::tie_break);
  for (std::int64_t s = 3; s < 3000; s += 7) {
    b.script->at(at_s(s), [&draw, s, nodes, web = b.web](World& w) {
      const auto item = static_cast<std::uint64_t>(s);
      const auto pick = [&](std::size_t count, std::uint32_t sub) {
        return static_cast<std::size_t>(draw.below(count, item, sub));
      };
      const std::vector<PodId> pods = w.workload(web).pods;
      const std::size_t what = pick(20, 0);
      if (what < 4) w.set_desired(web, 3 + static_cast<std::int64_t>(pick(12, 1)));
      if (what == 4) w.drain_node(nodes[pick(nodes.size(), 1)], Reason::scale_down);
      if (what == 5 || what == 6) {
        for (const NodeId node : nodes) w.undrain_node(node);
      }
      if (what == 7 && pick(3, 2) == 0) w.deploy(web, w.workload(web));
      for (std::size_t i = 0; i < pods.size(); ++i) {
        const Pod& p = w.pod(pods[i]);
        const std::size_t chance = pick(10, 10 + static_cast<std::uint32_t>(i));
        if (p.state == PodState::pending && chance < 7) {
          static_cast<void>(w.bind_pod(p.id, nodes[pick(nodes.size(), 100 + static_cast<std::uint32_t>(i))]));
        } else if (p.state == PodState::preparing && chance < 8) {
          w.pod_started(p.id);
        } else if (p.state == PodState::starting && chance < 8) {
          w.pod_ready(p.id);
        } else if (p.state == PodState::ready && chance < 8) {
          w.pod_serving(p.id);
        } else if (p.state == PodState::stopping && chance < 5) {
          w.pod_ended(p.id, Reason::none);
        } else if (p.state == PodState::serving && what == 8 && chance == 0) {
          w.pod_unhealthy(p.id);
        } else if (p.state == PodState::serving && what == 9 && chance == 0) {
          w.pod_ended(p.id, Reason::container_exit);
        }
      }
    });
  }
  b.world.run_until(at_s(3200));
  CHECK(count_facts(b.world, Fact::pod_stopping) > 20);
  return b.world.hash.value();
}

TEST_CASE("the counts that the workload keeps lead to the decisions of sorting every task") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CHECK(hash_of_random_life(seed, false) == hash_of_random_life(seed, true));
  }
}

}  // namespace
}  // namespace plimsoll::ecs
