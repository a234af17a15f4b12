// Also tests: deployment_alarms
#include <doctest/doctest.h>

#include "models/aws/cloudwatch/cloudwatch.h"
#include "tests/models/ecs/controllers/service_bench.h"

namespace plimsoll::ecs {
namespace {

TEST_CASE("a blue/green deployment shifts the traffic when all new tasks are healthy, and keeps the old for the bake") {
  RolloutBench r(100, 200, [](DeploymentConfiguration& c) {
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

/// Everything that waits is placed on `node`, and in traffic or ready behind the scenes, every five seconds; what is to
/// stop has stopped.
void keep_serving(RolloutBench& r, std::int64_t from, std::int64_t until, NodeId node) {
  for (std::int64_t s = from; s < until; s += 5) {
    r.b.script->at(at_s(s), [node, web = r.b.web](World& w) {
      for (const PodId pod : std::vector<PodId>(w.pending_pods().begin(), w.pending_pods().end())) {
        REQUIRE(w.bind_pod(pod, node) == Applied::yes);
        w.pod_started(pod);
        w.pod_ready(pod);
        w.edit_pod(pod).registered = true;
        const std::uint32_t only = w.workload(web).traffic_revision;
        if (only == 0 || only == w.pod(pod).revision) w.pod_serving(pod);
      }
    });
    r.b.end_stopping_at(s);
  }
}

TEST_CASE("both revisions are kept up until the old one is cleaned up") {
  RolloutBench r(100, 200, [](DeploymentConfiguration& c) {
    c.strategy = EcsRollout::Strategy::canary;
    c.step = percent(5);
    c.step_bake = minutes(10);
    c.bake = minutes(10);
  });
  keep_serving(r, 105, 2000, r.node);
  const auto lose_one = [&r](std::int64_t s, std::uint32_t revision) {
    r.b.script->at(at_s(s), [web = r.b.web, revision](World& w) {
      for (const PodId pod : std::vector<PodId>(w.workload(web).pods)) {
        if (w.pod(pod).revision != revision || w.pod(pod).state == PodState::stopping) continue;
        w.pod_ended(pod, Reason::node_lost);
        break;
      }
    });
  };
  r.b.want_at(1000, 6);  // service auto scaling holds for both
  lose_one(300, 1);      // in the step's bake, with 95 % of the traffic
  lose_one(400, 2);
  lose_one(900, 1);  // in the last bake, without any
  for (const std::int64_t s : {350, 450, 950}) {
    r.b.world.run_until(at_s(s));
    CAPTURE(s);
    CHECK(r.of_revision(1) == 4);
    CHECK(r.of_revision(2) == 4);
  }
  r.b.world.run_until(at_s(1020));
  CHECK(r.of_revision(1) == 6);
  CHECK(r.of_revision(2) == 6);
  r.b.world.run_until(at_s(2000));
  CHECK(r.of_revision(1) == 0);
  CHECK(r.of_revision(2) == 6);
}

TEST_CASE("tasks of the old revision leave an instance that drains in the bake time") {
  RolloutBench r(100, 200, [](DeploymentConfiguration& c) {
    c.strategy = EcsRollout::Strategy::blue_green;
    c.bake = hours(2);
  });
  const NodeId spare = ready_node(r.b.world, 64'000, 65'536, 1);
  keep_serving(r, 105, 3000, spare);  // the four of revision 1 are on the first instance
  r.b.script->at(at_s(600), [node = r.node](World& w) { w.drain_node(node, Reason::rollout); });
  r.b.world.run_until(at_s(599));
  CHECK(r.b.world.workload(r.b.web).traffic_revision == 2);
  CHECK(r.b.world.pods_on(r.node).size() == 4);
  r.b.world.run_until(at_s(1000));
  CHECK(r.b.world.pods_on(r.node).empty());
  CHECK(r.of_revision(1) == 4);
  CHECK(r.of_revision(2) == 4);
  for (std::uint32_t i = 0; i < 4; ++i) CHECK(r.b.world.pod(PodId{i}).end_reason == Reason::node_drain);
}

TEST_CASE("a canary has its share for its bake time, then the new revision has all") {
  RolloutBench r(100, 200, [](DeploymentConfiguration& c) {
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
  RolloutBench r(100, 200, [](DeploymentConfiguration& c) {
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
  RolloutBench r;
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
  RolloutBench r(100, 200, [](DeploymentConfiguration& c) {
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
  RolloutBench r(100, 200, [](DeploymentConfiguration& c) {
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
  RolloutBench r(100, 200, [](DeploymentConfiguration& c) {
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

}  // namespace
}  // namespace plimsoll::ecs
