#include "models/ecs/controllers/managed_scaling.h"

#include <doctest/doctest.h>

#include "models/aws/application_auto_scaling/step_scaling.h"
#include "models/aws/application_auto_scaling/target_tracking.h"
#include "models/ecs/controllers/task_placer.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

/// A provider of instances with two vCPU, whose datapoints are seen 15 s after their minute.
struct Bench {
  explicit Bench(std::int64_t running, std::int64_t maximum = 20) : world(small_world()) {
    NodeGroup g;
    g.name = world.names.intern("asg");
    g.maximum = maximum;
    g.desired = running;
    group = world.add_group(g);
    web = add_workload(world, "web", 1000, 512);
    InstanceRoom room;
    room.cpu = cpu_cores(2);
    room.memory = gibibytes(8);
    world.attach(std::make_unique<ManagedScaling>(group, ManagedScalingParameters{}, std::vector<InstanceRoom>{room}));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    for (std::int64_t i = 0; i < running; ++i) {
      NodeSpec spec = node_spec(world, 2000, 8192);
      spec.group = group;
      const NodeId node = world.request_node(spec);
      world.node_running(node);
      world.node_ready(node);
    }
  }
  void pods_at(std::int64_t s, int waiting) {
    script->at(at_s(s), [id = web, waiting](World& w) {
      for (int i = 0; i < waiting; ++i) w.create_pod(id);
    });
  }
  Time resized(std::size_t nth) const {
    for (const FactRecord& f : world.log) {
      if (f.fact == Fact::group_resized && nth-- == 0) return f.at;
    }
    return kTimeNever;
  }

  World world;
  Script* script = nullptr;
  NodeGroupId group;
  WorkloadId web;
};

TEST_CASE("the metric is put to CloudWatch, where an alarm may watch it") {
  Bench b(2);
  auto watch = std::make_unique<aws::CloudWatch>(aws::CloudWatchParameters{});
  aws::MetricSource source;
  source.name = aws::MetricName::pushed;
  source.label = "CapacityProviderReservation asg";
  const aws::MetricId metric = watch->metric(source);
  aws::AlarmDefinition above;
  above.threshold = 100'000'000;  // percent in millionths
  const aws::AlarmId alarm = watch->add_alarm("cpr", metric, above, aws::Statistic::average);
  aws::CloudWatch& cloudwatch = *watch;
  const HandlerId handler = b.world.attach(std::move(watch));
  auto& scaling = *b.world.find_component<ManagedScaling>();
  CHECK(scaling.group() == b.group);
  scaling.publish_to(handler, metric);
  b.pods_at(30, 9);  // nothing is taken: five instances of two vCPU for nine tasks: M = 2 + 5, N = 2
  b.world.run_until(at_s(181));
  CHECK(cloudwatch.latest(alarm) == 350'000'000);
  CHECK(cloudwatch.state(alarm) == aws::AlarmState::alarm);
}

TEST_CASE("its two alarms have their states in CloudWatch, at the instants of its own datapoints") {
  Bench b(2);
  auto watch = std::make_unique<aws::CloudWatch>(aws::CloudWatchParameters{});
  aws::MetricSource source;
  source.name = aws::MetricName::pushed;
  source.label = "CapacityProviderReservation asg";
  const aws::MetricId metric = watch->metric(source);
  const aws::TrackingAlarms alarms = aws::capacity_provider_alarms(100 * aws::kMetricScale);
  const aws::AlarmId high = watch->add_owned_alarm("high", metric, alarms.high);
  const aws::AlarmId low = watch->add_owned_alarm("low", metric, alarms.low);
  aws::CloudWatch& cloudwatch = *watch;
  const HandlerId handler = b.world.attach(std::move(watch));
  auto& scaling = *b.world.find_component<ManagedScaling>();
  scaling.publish_to(handler, metric);
  scaling.tell_alarms(high, low);
  CHECK(scaling.owns(low));
  CHECK_FALSE(scaling.owns(aws::AlarmId{7}));
  // Two instances are idle from the first minute on: 0 %. Tasks without room wait from minute 20 to 21 only.
  b.pods_at(20 * 60 - 5, 1);
  b.script->at(at_s(21 * 60 - 5), [](World& w) { w.stop_pod(PodId{0}, Reason::scale_in); });
  b.world.run_until(at_s(75));
  CHECK(cloudwatch.state(high) == aws::AlarmState::ok);
  CHECK(cloudwatch.state(low) == aws::AlarmState::insufficient_data);
  CHECK(cloudwatch.latest(low) == 0);
  b.world.run_until(at_s(15 * 60 + 15));
  CHECK(cloudwatch.state(low) == aws::AlarmState::alarm);
  b.world.run_until(at_s(25 * 60));
  std::vector<std::pair<std::int64_t, std::pair<aws::AlarmId, aws::AlarmState>>> changes;
  for (const aws::CloudWatch::Change& c : cloudwatch.changes())
    changes.push_back({to_microseconds(c.at) / 1'000'000, {c.alarm, c.state}});
  using enum aws::AlarmState;
  // Each is seen 15 s after its minute; by then the group has one instance, or none.
  const decltype(changes) expected{
      {75, {high, ok}}, {915, {low, alarm}}, {1215, {high, alarm}}, {1215, {low, ok}}, {1275, {high, ok}}};
  CHECK(changes == expected);
}

TEST_CASE("waiting tasks bring the instances that hold them, with the minute's datapoint") {
  Bench b(1);
  b.script->at(at_s(1), [&](World& w) {
    for (int i = 0; i < 2; ++i) w.bind_pod(w.create_pod(b.web), NodeId{0});
  });
  b.pods_at(30, 5);  // two an instance: three more
  b.world.run_until(at_s(80));
  CHECK(b.resized(0) == at_s(75));
  CHECK(b.world.group(b.group).desired == 4);
}

TEST_CASE("while instances are on their way it waits for them") {
  Bench b(1);
  b.script->at(at_s(1), [&](World& w) {
    for (int i = 0; i < 2; ++i) w.bind_pod(w.create_pod(b.web), NodeId{0});
  });
  b.pods_at(30, 2);
  b.script->at(at_s(77), [g = b.group](World& w) {
    NodeSpec spec = node_spec(w, 2000, 8192);
    spec.group = g;
    w.request_node(spec);
  });
  b.pods_at(90, 8);
  b.world.run_until(at_s(400));
  CHECK(count_facts(b.world, Fact::group_resized) == 1);
  CHECK(b.world.group(b.group).desired == 2);
}

TEST_CASE("the group's maximum binds") {
  Bench b(1, 3);
  b.script->at(at_s(1), [&](World& w) {
    for (int i = 0; i < 2; ++i) w.bind_pod(w.create_pod(b.web), NodeId{0});
  });
  b.pods_at(30, 50);
  b.world.run_until(at_s(100));
  CHECK(b.world.group(b.group).desired == 3);
  b.world.run();
  // From the first datapoint that asks for more, at 75 s, to the end of the hour.
  const auto limits = b.world.find_component<ManagedScaling>()->binding_limits(b.world);
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].name == "the maximum of Auto Scaling group asg");
  CHECK(limits[0].share == doctest::Approx(3525.0 / 3600));
}

TEST_CASE("a group that holds what is asked of it does not bind, at its maximum either") {
  Bench b(1, 3);
  b.script->at(at_s(1), [&](World& w) {
    for (int i = 0; i < 2; ++i) w.bind_pod(w.create_pod(b.web), NodeId{0});
  });
  b.pods_at(30, 4);  // two more instances: three in all
  b.world.run();
  CHECK(b.world.group(b.group).desired == 3);
  CHECK(b.world.find_component<ManagedScaling>()->binding_limits(b.world).empty());
}

TEST_CASE("idle instances go after fifteen datapoints, half of them at most at a time") {
  Bench b(8);
  b.script->at(at_s(1), [&](World& w) { w.bind_pod(w.create_pod(b.web), NodeId{0}); });
  b.world.run_until(at_s(914));
  CHECK(count_facts(b.world, Fact::group_resized) == 0);
  b.world.run_until(at_s(920));
  CHECK(b.resized(0) == at_s(915));  // the fifteenth minute ends at 900 s
  CHECK(b.world.group(b.group).desired == 4);
}

TEST_CASE("a full provider at its target stays as it is") {
  Bench b(2);
  b.script->at(at_s(1), [&](World& w) {
    for (std::uint32_t i = 0; i < 4; ++i) w.bind_pod(w.create_pod(b.web), NodeId{i / 2});
  });
  b.world.run();
  CHECK(count_facts(b.world, Fact::group_resized) == 0);
}

TEST_CASE("tasks of which an instance takes one each ask for an instance each") {
  // By size, two fit an instance: six would ask for three. distinctInstance and a host port ask for six.
  for (const auto& [distinct, ports] : {std::pair(true, false), std::pair(false, true)}) {
    Bench b(1);
    b.world.find_component<ManagedScaling>()->one_an_instance(b.web, distinct, ports);
    b.script->at(at_s(1), [&](World& w) { w.bind_pod(w.create_pod(b.web), NodeId{0}); });
    b.pods_at(30, 6);
    b.world.run_until(at_s(80));
    CHECK(b.world.group(b.group).desired == 7);
  }
  // Beside another service of the same size, each is a group of its own: the larger bound counts, ceil(4 / 1) = 4.
  Bench b(1);
  b.world.find_component<ManagedScaling>()->one_an_instance(b.web, true, false);
  const WorkloadId other = add_workload(b.world, "other", 1000, 512);
  b.script->at(at_s(1), [&](World& w) { w.bind_pod(w.create_pod(b.web), NodeId{0}); });
  b.pods_at(30, 4);
  b.script->at(at_s(30), [other](World& w) {
    for (int i = 0; i < 6; ++i) w.create_pod(other);  // three instances
  });
  b.world.run_until(at_s(80));
  CHECK(b.world.group(b.group).desired == 5);
}

TEST_CASE("no more tasks are counted than the cluster's quota lets wait in PROVISIONING") {
  Bench b(1);
  TaskPlacerParameters parameters;
  parameters.provisioning_limit = 4;
  auto placer = std::make_unique<TaskPlacer>(parameters);
  TaskNeed need;
  need.cpu = cpu_cores(1);
  need.memory = mebibytes(512);
  placer->serve(b.web, need, {binpack_strategy(BinpackField::memory)});
  b.world.attach(std::move(placer));
  b.script->at(at_s(1), [&](World& w) {
    for (int i = 0; i < 2; ++i) w.bind_pod(w.create_pod(b.web), NodeId{0});
  });
  b.pods_at(30, 9);  // of these, four are PROVISIONING: two more instances; all nine would ask for five
  b.world.run_until(at_s(80));
  CHECK(b.resized(0) == at_s(75));
  CHECK(b.world.group(b.group).desired == 3);
}

TEST_CASE("tasks of a launch type are none of the provider's, and take no part of its quota") {
  Bench b(1);
  TaskPlacerParameters parameters;
  parameters.provisioning_limit = 4;
  auto placer = std::make_unique<TaskPlacer>(parameters);
  TaskNeed need;
  need.cpu = cpu_cores(1);
  need.memory = mebibytes(512);
  placer->serve(b.web, need, {binpack_strategy(BinpackField::memory)});
  placer->add_lane({b.group});
  placer->add_lane({b.group});
  placer->do_not_provision(1, {b.group});
  b.world.attach(std::move(placer));
  b.script->at(at_s(1), [&](World& w) {
    for (int i = 0; i < 2; ++i) w.bind_pod(w.create_pod(b.web), NodeId{0});
  });
  b.script->at(at_s(30), [&](World& w) {
    for (int i = 0; i < 9; ++i) w.edit_pod(w.create_pod(b.web)).lane = 1;
  });
  b.pods_at(90, 4);  // of the provider, two an instance: the quota of four is theirs, though nine came before
  b.world.run_until(at_s(80));
  CHECK(b.world.group(b.group).desired == 1);
  b.world.run_until(at_s(140));
  CHECK(b.world.group(b.group).desired == 3);
}

}  // namespace
}  // namespace plimsoll::ecs
