#include "models/ecs/controllers/cluster_reservation_scaling.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

constexpr std::int64_t kPercent = aws::kMetricScale;

ReservationPolicy policy(bool above, std::int64_t threshold, std::int64_t adjustment, bool simple) {
  ReservationPolicy p;
  p.alarm.comparison = above ? aws::AlarmComparison::greater : aws::AlarmComparison::less;
  p.alarm.threshold = threshold * kPercent;
  p.alarm.evaluation_periods = 2;
  p.simple = simple;
  aws::StepAdjustment step;
  (above ? step.lower : step.upper) = 0;
  step.adjustment = adjustment;
  p.steps.steps.push_back(step);
  return p;
}

/// Two instances of 2 vCPU; tasks of 1 vCPU; datapoints are seen 15 s after their minute.
struct Bench {
  explicit Bench(std::vector<ReservationPolicy> policies) : world(small_world()) {
    NodeGroup g;
    g.name = world.names.intern("asg");
    g.maximum = 10;
    g.desired = 2;
    group = world.add_group(g);
    web = add_workload(world, "web", 1000, 512);
    aws::CloudWatchParameters parameters;
    parameters.publication_delay = seconds(15);
    auto watch = std::make_unique<aws::CloudWatch>(parameters);
    cloudwatch = watch.get();
    for (ReservationPolicy& p : policies) {
      p.alarm_name = "policy-" + std::to_string(watch->alarm_count());
      aws::MetricSource source;
      source.name = p.metric;
      watch->add_alarm(p.alarm_name, watch->metric(source), p.alarm, p.statistic);
    }
    const HandlerId id = world.attach(std::move(watch));
    world.attach(std::make_unique<ClusterReservationScaling>(group, std::move(policies), id));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    for (int i = 0; i < 2; ++i) add_instance();
  }
  void add_instance() {
    NodeSpec spec = node_spec(world, 2000, 8192);
    spec.group = group;
    const NodeId node = world.request_node(spec);
    world.node_running(node);
    world.node_ready(node);
  }
  void run_tasks_at(std::int64_t s, int count) {
    script->at(at_s(s), [this, count](World& w) {
      for (int i = 0; i < count; ++i) {
        const PodId pod = w.create_pod(web);
        if (w.bind_pod(pod, NodeId{i % 2}) == Applied::yes) w.pod_started(pod);
      }
    });
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> resizes() const {
    std::vector<std::pair<std::int64_t, std::int64_t>> out;
    for (const FactRecord& f : world.log) {
      if (f.fact == Fact::group_resized) out.emplace_back(to_microseconds(f.at) / 1'000'000, f.value);
    }
    return out;
  }
  World world;
  aws::CloudWatch* cloudwatch = nullptr;
  Script* script = nullptr;
  NodeGroupId group;
  WorkloadId web;
};

using Resizes = std::vector<std::pair<std::int64_t, std::int64_t>>;

TEST_CASE("two minutes above the threshold, one step, and nothing more while it warms up") {
  // 3 of 4 vCPU reserved: 75 % > 70 %.
  Bench b({policy(true, 70, 1, false)});
  b.run_tasks_at(30, 3);
  b.world.run_until(at_s(430));
  CHECK(b.resizes() == Resizes{{135, 3}});
  // The warm-up of 300 s ends at 435 s; the instance never came, so the next datapoint asks for one more.
  b.world.run_until(at_s(440));
  CHECK(b.resizes() == Resizes{{135, 3}, {435, 4}});
}

TEST_CASE("a larger breach within the warm-up adds the difference only") {
  ReservationPolicy p = policy(true, 40, 1, false);
  p.steps.steps = {{0, 30 * kPercent, 1}, {30 * kPercent, std::nullopt, 3}};
  Bench b({p});
  b.run_tasks_at(30, 2);   // 50 %: +1
  b.run_tasks_at(150, 1);  // 75 %: +3, of which 1 is under way
  b.world.run_until(at_s(300));
  CHECK(b.resizes() == Resizes{{135, 3}, {195, 5}});
}

TEST_CASE("a simple policy waits for its cooldown, whatever the alarm says") {
  Bench b({policy(true, 70, 2, true)});
  b.run_tasks_at(30, 4);
  b.world.run_until(at_s(430));
  CHECK(b.resizes() == Resizes{{135, 4}});
  b.world.run_until(at_s(440));
  CHECK(b.resizes() == Resizes{{135, 4}, {435, 6}});
}

TEST_CASE("scale-in below the other threshold, down to the minimum") {
  Bench b({policy(true, 70, 1, false), policy(false, 30, -1, false)});
  b.run_tasks_at(30, 1);  // 25 %
  b.world.run_until(at_s(260));
  const Resizes seen = b.resizes();
  REQUIRE(seen.size() >= 2);
  CHECK(seen[0] == std::pair<std::int64_t, std::int64_t>{135, 1});
  CHECK(seen[1].second == 0);
}

TEST_CASE("without instances there is no datapoint and no action") {
  Bench b({policy(false, 30, -1, false)});
  for (std::uint32_t i = 0; i < 2; ++i) b.world.terminate_node(NodeId{i}, Reason::scale_down);
  b.world.run_until(at_s(600));
  CHECK(b.resizes().empty());
}

TEST_CASE("the alarm is CloudWatch's: M of N datapoints, and its period") {
  // 75 % in the second and the fourth minute of the run, 25 % in the third: two of three go off, two in a row do not.
  for (const std::int64_t m : {2, 3}) {
    ReservationPolicy p = policy(true, 70, 1, false);
    p.alarm.evaluation_periods = 3;
    p.alarm.datapoints_to_alarm = m;
    Bench b({p});
    b.run_tasks_at(90, 3);
    b.script->at(at_s(150), [](World& w) {
      for (std::uint32_t i = 0; i < 2; ++i) w.pod_ended(PodId{i}, Reason::completed);
    });
    b.run_tasks_at(210, 2);
    b.world.run_until(at_s(270));
    CAPTURE(m);
    CHECK(b.resizes() == (m == 2 ? Resizes{{255, 3}} : Resizes{}));
    const auto alarms = b.world.find_component<ClusterReservationScaling>()->alarms();
    REQUIRE(alarms.size() == 1);
    CHECK((b.cloudwatch->state(alarms[0]) == aws::AlarmState::alarm) == (m == 2));
  }
  // Five-minute periods: (0 + 4 x 75 %) / 5 = 60 % of the first one, 75 % of the second.
  ReservationPolicy slow = policy(true, 70, 1, false);
  slow.alarm.evaluation_periods = 1;
  slow.alarm.period = seconds(300);
  Bench b({slow});
  b.run_tasks_at(90, 3);
  b.world.run_until(at_s(700));
  REQUIRE_FALSE(b.resizes().empty());
  CHECK(b.resizes()[0].first > 315);
}

TEST_CASE("missing data goes off where it counts as breaching, for a simple policy; a step has no value") {
  for (const bool simple : {true, false}) {
    ReservationPolicy p = policy(true, 70, 1, simple);
    p.alarm.treat_missing = aws::MissingData::breaching;
    Bench b({p});
    for (std::uint32_t i = 0; i < 2; ++i) b.world.terminate_node(NodeId{i}, Reason::scale_down);
    b.world.run_until(at_s(200));
    CAPTURE(simple);
    CHECK(b.resizes().empty() != simple);
  }
}

TEST_CASE("the group's maximum binds once the group stands there and its alarm goes on") {
  Bench b({policy(true, 70, 5, true)});
  b.run_tasks_at(30, 4);
  b.world.run();
  CHECK(b.resizes() == Resizes{{135, 7}, {435, 10}});  // 12 is more than it may have
  const auto limits = b.world.find_component<ClusterReservationScaling>()->binding_limits(b.world);
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].name == "the maximum of Auto Scaling group asg");
  CHECK(limits[0].share == doctest::Approx((3600.0 - 435) / 3600));
}

TEST_CASE("the reservation is that of the whole cluster, whatever groups its instances are of") {
  // 3 of 4 vCPU in this group, 3 of 8 in the cluster: 37.5 %, below the threshold of 70 %.
  Bench b({policy(true, 70, 1, true)});
  NodeGroup g;
  g.name = b.world.names.intern("second");
  g.maximum = 10;
  g.desired = 2;
  const NodeGroupId second = b.world.add_group(g);
  for (int i = 0; i < 2; ++i) {
    NodeSpec spec = node_spec(b.world, 2000, 8192);
    spec.group = second;
    const NodeId node = b.world.request_node(spec);
    b.world.node_running(node);
    b.world.node_ready(node);
  }
  b.run_tasks_at(30, 3);
  b.world.run_until(at_s(600));
  CHECK(b.resizes().empty());
}

}  // namespace
}  // namespace plimsoll::ecs
