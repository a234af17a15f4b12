#include "models/ecs/controllers/managed_instances_provider.h"

#include <doctest/doctest.h>

#include "models/ecs/controllers/task_placer.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

/// m5.large at 96 and m5.xlarge at 180; 10 s to run, 20 s to register, 30 s idle until it ends.
struct Bench {
  explicit Bench(Duration span = hours(1), std::optional<Duration> scale_in_after = seconds(30))
      : world(small_world(span)) {
    NodeGroup g;
    g.name = world.names.intern("managed");
    const NodeGroupId group = world.add_group(g);
    auto types = std::make_shared<std::vector<ManagedType>>();
    for (const auto& [name, price] : {std::pair{"m5.large", 96}, std::pair{"m5.xlarge", 180}}) {
      ManagedType t;
      t.type = aws::Catalogue::built_in().find_type(name);
      t.price = Rate{price};
      t.registered.set_cpu(cpu_cores(t.type->vcpu));
      t.registered.set_memory(t.type->memory);
      t.registered[Resource::pods] = 1000;
      t.registered[Resource::enis] = 20;
      types->push_back(t);
    }
    ManagedInstancesParameters p;
    p.group = group;
    p.scale_in_after = scale_in_after;
    p.delays = {Delay::constant(Duration{}), Delay::constant(seconds(10)), Delay::constant(seconds(20)),
                Delay::constant(seconds(20))};
    p.optimise_period = minutes(5);
    p.health_check = Delay::constant(minutes(3));
    world.attach(std::make_unique<ManagedInstancesProvider>(p, types));
    auto placer = std::make_unique<TaskPlacer>(TaskPlacerParameters{});
    web = add_workload(world, "web", 1000, 2048);
    TaskNeed need;
    need.cpu = cpu_cores(1);
    need.memory = gibibytes(2);
    placer->serve(web, need, {binpack_strategy(BinpackField::memory)});
    world.attach(std::move(placer));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  void create_at(std::int64_t s, int count) {
    script->at(at_s(s), [id = web, count](World& w) {
      for (int i = 0; i < count; ++i) w.create_pod(id);
    });
  }
  std::string_view type(std::uint32_t node) const { return world.names.text(world.node(NodeId{node}).instance_type); }
  World world;
  Script* script = nullptr;
  WorkloadId web;
};

TEST_CASE("waiting tasks get the cheapest instance that holds them; an idle one ends") {
  Bench b;
  b.create_at(100, 4);  // one m5.xlarge for 180 beside two m5.large for 192
  b.script->at(at_s(400), [](World& w) {
    for (std::uint32_t i = 0; i < 4; ++i) w.pod_ended(PodId{i}, Reason::completed);
  });
  b.world.run_until(at_s(399));
  REQUIRE(b.world.nodes().size() == 1);
  CHECK(b.type(0) == "m5.xlarge");
  CHECK(b.world.node(NodeId{0}).requested == at_s(102));
  CHECK(b.world.node(NodeId{0}).ready == at_s(132));
  CHECK(b.world.node(NodeId{0}).app_pod_count == 4);
  b.world.run_until(at_s(600));
  CHECK(b.world.node(NodeId{0}).terminating == at_s(430));
  CHECK(b.world.node(NodeId{0}).terminated == at_s(450));
}

TEST_CASE("an instance whose tasks have still to be placed on it does not count as idle, whatever scaleInAfter") {
  for (const std::int64_t after : {0, 5, 10}) {
    CAPTURE(after);
    Bench b(hours(1), seconds(after));
    b.create_at(100, 4);
    b.script->at(at_s(400), [](World& w) {
      for (std::uint32_t i = 0; i < 4; ++i) w.pod_ended(PodId{i}, Reason::completed);
    });
    b.world.run_until(at_s(399));
    REQUIRE(b.world.nodes().size() == 1);
    CHECK(b.world.node(NodeId{0}).app_pod_count == 4);
    b.world.run_until(at_s(600));
    CHECK(b.world.nodes().size() == 1);
    CHECK(b.world.node(NodeId{0}).terminating == at_s(400 + after));
  }
}

TEST_CASE("what is on its way is filled before more is launched") {
  Bench b;
  b.create_at(100, 3);  // an m5.xlarge again: 180 beside 192
  b.create_at(110, 1);
  b.world.run_until(at_s(300));
  CHECK(b.world.nodes().size() == 1);
  CHECK(b.world.node(NodeId{0}).app_pod_count == 4);
}

TEST_CASE("an instance whose tasks fit elsewhere is drained; nothing waits for it") {
  Bench b;
  b.create_at(100, 4);
  b.create_at(200, 2);
  // Two tasks of the first end: what is on the second fits there.
  b.script->at(at_s(300), [](World& w) {
    w.pod_ended(PodId{0}, Reason::completed);
    w.pod_ended(PodId{1}, Reason::completed);
  });
  b.world.run_until(at_s(1300));
  std::int64_t draining = 0;
  for (const Node& n : b.world.nodes()) draining += n.end_reason == Reason::consolidation ? 1 : 0;
  CHECK(draining == 1);
}

TEST_CASE("scaleInAfter is the wait of underused instances as well; -1 leaves these and idle ones as they are") {
  // As above: from 300 s on the two tasks of the second instance fit on the first, whatever was launched.
  const auto drained = [](std::optional<Duration> scale_in_after) {
    Bench b(hours(3), scale_in_after);
    b.create_at(100, 4);
    b.create_at(200, 2);
    b.script->at(at_s(300), [](World& w) {
      w.pod_ended(PodId{0}, Reason::completed);
      w.pod_ended(PodId{1}, Reason::completed);
    });
    b.script->at(at_s(8000), [](World& w) {
      for (std::uint32_t i = 2; i < 6; ++i) w.pod_ended(PodId{i}, Reason::completed);
    });
    b.world.run_until(at_s(7900));
    Time first = kTimeNever;
    for (const Node& n : b.world.nodes()) {
      if (n.end_reason == Reason::consolidation) first = std::min(first, n.draining);
    }
    b.world.run_until(at_s(10'000));
    std::int64_t ended = 0;
    for (const Node& n : b.world.nodes()) ended += n.terminating != kTimeNever ? 1 : 0;
    return std::pair(first, ended);
  };
  // Every five minutes one of at least five minutes is looked for; the second registers after 200 s.
  CHECK(drained(seconds(30)).first == at_s(600));
  // An hour: at 3600 s the instances are younger; at 7200 s one is old enough.
  CHECK(drained(hours(1)).first == at_s(7200));
  CHECK(drained(std::nullopt) == std::pair(kTimeNever, std::int64_t{0}));
}

TEST_CASE("instances are drained after 14 days and end 7 days later at the latest") {
  Bench b(hours(22 * 24));
  b.create_at(100, 1);
  b.world.run();
  const Node& n = b.world.node(NodeId{0});
  CHECK(n.draining == n.running + hours(14 * 24));
  CHECK(n.terminating == n.draining + hours(7 * 24));
  CHECK(n.end_reason == Reason::expired);
}

TEST_CASE("a broken instance ends after its health check") {
  Bench b;
  b.create_at(100, 1);
  b.script->at(at_s(200), [](World& w) { w.lose_node(NodeId{0}); });
  b.world.run_until(at_s(600));
  CHECK(b.world.node(NodeId{0}).terminating == at_s(380));
  CHECK(b.world.node(NodeId{0}).end_reason == Reason::node_lost);
}

TEST_CASE("what daemons take of an instance is left out of the packing") {
  // Two tasks of one vCPU fill an instance of two; beside a daemon each needs one of its own.
  for (const std::int64_t daemon_millis : {0, 100}) {
    World world = small_world();
    auto types = std::make_shared<std::vector<ManagedType>>();
    ManagedType& t = types->emplace_back();
    t.type = aws::Catalogue::built_in().find_type("m5.large");
    t.price = Rate{96};
    t.registered.set_cpu(cpu_cores(2));
    t.registered.set_memory(gibibytes(8));
    t.registered[Resource::enis] = 20;
    NodeGroup g;
    g.name = world.names.intern("managed");
    ManagedInstancesParameters p;
    p.group = world.add_group(g);
    p.daemons.set_cpu(cpu_millis(daemon_millis));
    world.attach(std::make_unique<ManagedInstancesProvider>(p, types));
    const WorkloadId web = add_workload(world, "web", 1000, 2048);
    auto script = std::make_unique<Script>();
    script->at(at_s(10), [web](World& w) {
      for (int i = 0; i < 2; ++i) w.create_pod(web);
    });
    world.attach(std::move(script));
    world.run_until(at_s(20));
    CHECK(world.nodes().size() == (daemon_millis == 0 ? 1 : 2));
  }
}

/// Constraints of the bench's service.
void constrain(Bench& b, const std::vector<std::string>& member_of, bool distinct) {
  TaskConstraints c;
  c.distinct_instance = distinct;
  for (const std::string& text : member_of) c.member_of.push_back(*ClusterQuery::parse(text).query);
  b.world.find_component<ManagedInstancesProvider>()->constrain(b.web, c);
  b.world.find_component<TaskPlacer>()->constrain(b.web, c);
}

TEST_CASE("placement constraints choose the type and the zone of what is launched") {
  // Without: one m5.xlarge for four tasks. With the type: two m5.large; with the zone: all there.
  Bench b;
  constrain(b, {"attribute:ecs.instance-type == m5.large", "attribute:ecs.availability-zone == zone-b"}, false);
  b.create_at(100, 4);
  b.world.run_until(at_s(399));
  REQUIRE(b.world.nodes().size() == 2);
  for (const Node& n : b.world.nodes()) {
    CHECK(b.world.names.text(n.instance_type) == "m5.large");
    CHECK(b.world.names.text(b.world.zones()[n.zone.index()]) == "zone-b");
    CHECK(n.app_pod_count == 2);
  }
}

TEST_CASE("distinctInstance brings an instance a task, and an instance with one is not counted as room") {
  Bench b;
  constrain(b, {}, true);
  b.create_at(100, 2);
  b.create_at(300, 1);
  b.world.run_until(at_s(600));
  REQUIRE(b.world.nodes().size() == 3);
  for (const Node& n : b.world.nodes()) CHECK(n.app_pod_count == 1);
}

TEST_CASE("for a constraint that no type meets nothing is launched; others do not wait for it") {
  Bench b;
  constrain(b, {"attribute:ecs.instance-type == c5.large"}, false);
  const WorkloadId other = add_workload(b.world, "other", 1000, 2048);
  TaskNeed need;
  need.cpu = cpu_cores(1);
  need.memory = gibibytes(2);
  b.world.find_component<TaskPlacer>()->serve(other, need, {binpack_strategy(BinpackField::memory)});
  b.create_at(100, 2);
  b.script->at(at_s(100), [other](World& w) { w.create_pod(other); });
  b.world.run_until(at_s(600));
  CHECK(b.world.nodes().size() == 1);
  CHECK(b.world.workload(other).bound == 1);
  CHECK(b.world.workload(b.web).bound == 0);
}

TEST_CASE("tasks that take the same host port get instances apart, of whatever service they are") {
  Bench b;
  const WorkloadId other = add_workload(b.world, "other", 500, 512);
  TaskNeed need;
  need.cpu = cpu_millis(500);
  need.memory = mebibytes(512);
  auto* placer = b.world.find_component<TaskPlacer>();
  placer->serve(other, need, {binpack_strategy(BinpackField::memory)});
  TaskConstraints c;
  c.host_ports = {port_key(8080, PortProtocol::tcp)};
  for (const WorkloadId id : {b.web, other}) {
    placer->constrain(id, c);
    b.world.find_component<ManagedInstancesProvider>()->constrain(id, c);
  }
  b.create_at(100, 1);
  b.script->at(at_s(300), [other](World& w) { w.create_pod(other); });  // it would fit beside the first
  b.world.run_until(at_s(600));
  CHECK(b.world.nodes().size() == 2);
  CHECK(b.world.workload(other).bound == 1);
}

TEST_CASE("an instance of Graviton has the attribute of its architecture") {
  World world = small_world();
  auto types = std::make_shared<std::vector<ManagedType>>();
  ManagedType& t = types->emplace_back();
  t.type = aws::Catalogue::built_in().find_type("m7g.large");
  t.price = Rate{80};
  t.registered.set_cpu(cpu_cores(2));
  t.registered.set_memory(gibibytes(8));
  t.registered[Resource::pods] = 1000;
  NodeGroup g;
  g.name = world.names.intern("managed");
  ManagedInstancesParameters p;
  p.group = world.add_group(g);
  auto provider = std::make_unique<ManagedInstancesProvider>(p, types);
  auto placer = std::make_unique<TaskPlacer>(TaskPlacerParameters{});
  const WorkloadId web = add_workload(world, "web", 1000, 2048);
  TaskNeed need;
  need.cpu = cpu_cores(1);
  need.memory = gibibytes(2);
  placer->serve(web, need, {binpack_strategy(BinpackField::memory)});
  TaskConstraints c;
  c.member_of.push_back(*ClusterQuery::parse("attribute:ecs.cpu-architecture == arm64").query);
  provider->constrain(web, c);
  placer->constrain(web, c);
  world.attach(std::move(provider));
  world.attach(std::move(placer));
  auto script = std::make_unique<Script>();
  script->at(at_s(10), [web](World& w) { w.create_pod(web); });
  world.attach(std::move(script));
  world.run_until(at_s(600));
  CHECK(world.nodes().size() == 1);
  CHECK(world.workload(web).bound == 1);
}

}  // namespace
}  // namespace plimsoll::ecs
