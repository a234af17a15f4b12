// Also tests: task_constraints
#include "models/ecs/controllers/task_placer.h"

#include <doctest/doctest.h>

#include "models/ecs/controllers/instance_view.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

struct Bench {
  Bench() : world(small_world()) {
    group = world.add_group({});
    web = add_workload(world, "web", 500, 512);
    TaskPlacerParameters parameters;
    parameters.start_task = Delay::constant(seconds(1));
    auto placer = std::make_unique<TaskPlacer>(parameters);
    placer->serve(
        web,
        TaskNeed{
            .cpu = cpu_millis(500), .memory = mebibytes(512), .host_ports = {}, .has_attributes = {}, .member_of = {}},
        default_service_strategies());
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

  World world;
  Script* script = nullptr;
  NodeGroupId group;
  WorkloadId web;
};

TEST_CASE("tasks are placed a second after they are made, spread over zones, then instances") {
  Bench b;
  std::vector<NodeId> nodes;
  for (const int zone : {0, 0, 1}) nodes.push_back(ready_node(b.world, 4000, 8192, zone));
  b.create_at(10, 4);
  b.world.run_until(at_s(60));
  std::vector<int> per_node(3, 0);
  for (const Pod& p : b.world.pods()) {
    CHECK(p.bound == at_s(11));
    ++per_node[p.node.index()];
  }
  CHECK(per_node == std::vector<int>{1, 1, 2});  // two a zone, and in the first zone one an instance
}

TEST_CASE("the quota of tasks in PROVISIONING binds while one is not looked at for it") {
  Bench few;
  few.create_at(10, 500);
  few.world.run();
  CHECK(few.world.find_component<TaskPlacer>()->binding_limits(few.world).empty());
  Bench many;
  many.create_at(10, 502);
  many.world.run();
  const auto limits = many.world.find_component<TaskPlacer>()->binding_limits(many.world);
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].name == "the quota of 500 tasks in PROVISIONING");
  // From the first try, at 11 s, until the second task was given up: the first of 500 waits of 10 to 30 minutes end
  // soon after the tenth.
  CHECK(limits[0].share > 595.0 / 3600);
  CHECK(limits[0].share < 900.0 / 3600);
}

TEST_CASE("a task without room waits and is tried again every fifteen seconds") {
  Bench b;
  b.create_at(10, 1);
  b.script->at(at_s(30), [](World& w) { ready_node(w, 4000, 8192); });
  b.world.run_until(at_s(100));
  CHECK(b.world.pod(PodId{0}).bound == at_s(41));  // tried at 11, 26 and 41 s
}

/// The attempts of a service that found no room: their seconds, and how many tasks had none.
std::vector<std::pair<std::int64_t, std::int64_t>> refusals_of(const World& world) {
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  for (const FactRecord& f : world.log) {
    if (f.fact == Fact::launch_refused) out.emplace_back(to_microseconds(f.at) / 1'000'000, f.value);
  }
  return out;
}

TEST_CASE("on instances that ECS does not scale three attempts fail, then one every five minutes, and none gives up") {
  Bench b;
  b.world.find_component<TaskPlacer>()->do_not_provision(0, {b.group});
  b.create_at(10, 2);
  b.create_at(100, 1);                                                 // waits with the others
  b.script->at(at_s(50), [](World& w) { ready_node(w, 500, 8192); });  // nobody looks before the next attempt
  b.world.run_until(at_s(700));
  // At 341 s one of three has room, and the attempt at 356 s is the first of three again.
  using Refusals = std::vector<std::pair<std::int64_t, std::int64_t>>;
  CHECK(b.world.pod(PodId{0}).bound == at_s(341));
  CHECK(refusals_of(b.world) == Refusals{{11, 2}, {26, 2}, {41, 2}, {341, 2}, {356, 2}, {371, 2}, {671, 2}});
  b.world.run();
  CHECK(count_facts(b.world, Fact::pod_ended) == 0);  // for an hour
  CHECK(b.world.find_component<TaskPlacer>()->binding_limits(b.world).empty());
  // With PROVISIONING they are stopped after 10 to 30 minutes, and no placement fails.
  Bench scaled;
  scaled.create_at(10, 2);
  scaled.world.run();
  CHECK(count_facts(scaled.world, Fact::pod_ended) == 2);
  CHECK(refusals_of(scaled.world).empty());
}

TEST_CASE("while the first instances of a run are on their way no attempt counts") {
  Bench b;
  b.world.find_component<TaskPlacer>()->do_not_provision(0, {b.group});
  NodeSpec spec = node_spec(b.world, 500, 8192);
  spec.group = b.group;
  const NodeId node = b.world.request_node(spec);
  b.script->at(at_s(100), [node](World& w) {
    w.node_running(node);
    w.node_ready(node);
  });
  b.create_at(10, 2);
  b.world.run_until(at_s(120));
  // Tried at 11, 26, ... 101 s: one has room, and the other is the first that fails.
  CHECK(b.world.pod(PodId{0}).bound == at_s(101));
  CHECK(refusals_of(b.world) == std::vector<std::pair<std::int64_t, std::int64_t>>{{101, 1}, {116, 1}});
}

TEST_CASE("a lane's tasks go to instances of its groups, and one without a provider waits for nobody") {
  Bench b;
  const NodeGroupId other = b.world.add_group({}), managed = b.world.add_group({});
  auto& placer = *b.world.find_component<TaskPlacer>();
  placer.add_lane({b.group});
  placer.add_lane({managed});
  placer.add_lane({b.group, other});  // launch type EC2: the groups, not Managed Instances
  placer.do_not_provision(2, {b.group, other});
  std::vector<NodeId> nodes;
  for (const NodeGroupId group : {b.group, other, managed}) {
    NodeSpec spec = node_spec(b.world, 1000, 8192);  // two tasks each
    spec.group = group;
    nodes.push_back(b.world.request_node(spec));
    b.world.node_running(nodes.back());
    b.world.node_ready(nodes.back());
  }
  b.script->at(at_s(10), [id = b.web](World& w) {
    for (const std::uint8_t lane : {2, 2, 2, 2, 2, 0, 1}) w.edit_pod(w.create_pod(id)).lane = lane;
  });
  b.world.run_until(at_s(60));
  std::vector<NodeId> on;
  for (const Pod& p : b.world.pods()) on.push_back(p.node);
  // Four of lane 2 fill the two groups; its fifth and the one of lane 0 have no room.
  for (std::size_t i = 0; i < 4; ++i) CHECK((on[i] == nodes[0] || on[i] == nodes[1]));
  CHECK(on[4].is_none());
  CHECK(on[5].is_none());
  CHECK(on[6] == nodes[2]);
  CHECK_FALSE(placer.provisions(b.world.pod(PodId{4})));
  CHECK(placer.provisions(b.world.pod(PodId{5})));
  CHECK(refusals_of(b.world) == std::vector<std::pair<std::int64_t, std::int64_t>>{{11, 1}, {26, 1}, {41, 1}});
}

TEST_CASE("a new revision is tried at once, whatever the attempts before it came to") {
  Bench b;
  b.world.find_component<TaskPlacer>()->do_not_provision(0, {b.group});
  b.create_at(10, 1);
  b.script->at(at_s(100), [id = b.web](World& w) { w.create_pod(id, 2); });
  b.world.run_until(at_s(140));
  // At 101 s only the new revision's task is looked at by itself; from then on both.
  CHECK(refusals_of(b.world) ==
        std::vector<std::pair<std::int64_t, std::int64_t>>{{11, 1}, {26, 1}, {41, 1}, {101, 1}, {116, 2}, {131, 2}});
}

TEST_CASE("tasks are tried in the order of creation and the last ones wait") {
  Bench b;
  ready_node(b.world, 1000, 8192);  // two fit
  b.create_at(0, 3);
  b.world.run_until(at_s(100));
  CHECK(b.world.pod(PodId{0}).state == PodState::preparing);
  CHECK(b.world.pod(PodId{1}).state == PodState::preparing);
  CHECK(b.world.pod(PodId{2}).state == PodState::pending);
}

TEST_CASE("a draining instance takes none") {
  Bench b;
  const NodeId node = ready_node(b.world, 4000, 8192);
  b.world.drain_node(node, Reason::scale_down);
  b.create_at(0, 1);
  b.world.run_until(at_s(100));
  CHECK(b.world.pod(PodId{0}).state == PodState::pending);
}

TEST_CASE("the view shows what is free, what is usable and whose tasks are where") {
  Bench b;
  const WorkloadId other = add_workload(b.world, "other", 300, 256);
  const NodeId first = ready_node(b.world, 2000, 4096, 2), second = ready_node(b.world, 1000, 2048, 0);
  const NodeId gone = ready_node(b.world, 1000, 2048, 1);
  const PodId a = b.world.create_pod(b.web), c = b.world.create_pod(other), d = b.world.create_pod(b.web);
  REQUIRE(b.world.bind_pod(a, first) == Applied::yes);
  REQUIRE(b.world.bind_pod(c, first) == Applied::yes);
  REQUIRE(b.world.bind_pod(d, second) == Applied::yes);
  b.world.drain_node(second, Reason::scale_down);
  b.world.terminate_node(gone, Reason::scale_down);
  InstanceView view;
  view.refresh(b.world, b.web);
  const InstanceColumns& v = view.columns();
  REQUIRE(v.size() == 2);
  CHECK(view.node(0) == first);
  CHECK(view.node(1) == second);
  CHECK(v.free_cpu[0] == cpu_millis(1200).raw());
  CHECK(v.free_memory[0] == mebibytes(4096 - 512 - 256).raw());
  CHECK(v.free_cpu[1] == cpu_millis(500).raw());
  CHECK(v.usable[0] == 1);
  CHECK(v.usable[1] == 0);
  CHECK(v.zone[0] == 2);
  CHECK(v.group_tasks[0] == 1);
  CHECK(v.group_tasks[1] == 1);
  view.refresh(b.world, other);
  CHECK(view.columns().group_tasks[0] == 1);
  CHECK(view.columns().group_tasks[1] == 0);
}

/// Where the tasks of the bench's service are, by node; what waits is left out.
std::vector<int> tasks_by_node(const World& world) {
  std::vector<int> out(world.nodes().size(), 0);
  for (const Pod& p : world.pods()) {
    if (!p.node.is_none()) ++out[p.node.index()];
  }
  return out;
}

ClusterQuery query_of(const std::string& text) {
  const QueryParse parsed = ClusterQuery::parse(text);
  REQUIRE(parsed.query);
  return *parsed.query;
}

TEST_CASE("distinctInstance puts one task on an instance; the next waits") {
  Bench b;
  for (const int zone : {0, 1}) ready_node(b.world, 4000, 8192, zone);
  TaskConstraints constraints;
  constraints.distinct_instance = true;
  b.world.find_component<TaskPlacer>()->constrain(b.web, constraints);
  b.create_at(10, 3);
  b.world.run_until(at_s(60));
  CHECK(tasks_by_node(b.world) == std::vector<int>{1, 1});
  CHECK(b.world.pending_pods().size() == 1);
}

TEST_CASE("memberOf is looked up on built-in attributes, and on those of the group") {
  struct Row {
    std::string expression;
    std::vector<int> wanted;
  };
  const std::vector<Row> rows = {{"attribute:ecs.availability-zone == zone-b", {0, 2, 0}},
                                 {"attribute:stack == blue", {0, 0, 2}},
                                 {"attribute:ecs.instance-type =~ test.* and attribute:stack exists", {0, 0, 2}},
                                 {"attribute:ecs.os-type == windows", {0, 0, 0}}};
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    Bench b;
    for (const int zone : {0, 1}) ready_node(b.world, 4000, 8192, zone);
    NodeSpec spec = node_spec(b.world, 4000, 8192, 0);
    spec.labels.set(b.world.names.intern("stack"), b.world.names.intern("blue"));
    const NodeId blue = b.world.request_node(spec);
    b.world.node_running(blue);
    b.world.node_ready(blue);
    TaskConstraints constraints;
    constraints.member_of = {query_of(row.expression)};
    b.world.find_component<TaskPlacer>()->constrain(b.web, constraints);
    b.create_at(10, 2);
    b.world.run_until(at_s(60));
    CHECK(tasks_by_node(b.world) == row.wanted);
  }
}

TEST_CASE("memberOf sees what runs on the instances now") {
  Bench b;
  for (const int zone : {0, 1, 2}) ready_node(b.world, 4000, 8192, zone);
  TaskConstraints constraints;
  constraints.member_of = {query_of("runningTasksCount < 1")};
  b.world.find_component<TaskPlacer>()->constrain(b.web, constraints);
  b.create_at(10, 4);
  b.world.run_until(at_s(60));
  CHECK(tasks_by_node(b.world) == std::vector<int>{1, 1, 1});
  CHECK(b.world.pending_pods().size() == 1);
}

TEST_CASE("a static host port is free once an instance, whoever holds it") {
  Bench b;
  for (const int zone : {0, 1}) ready_node(b.world, 4000, 8192, zone);
  auto& placer = *b.world.find_component<TaskPlacer>();
  const WorkloadId api = add_workload(b.world, "api", 500, 512);
  placer.serve(
      api,
      TaskNeed{
          .cpu = cpu_millis(500), .memory = mebibytes(512), .host_ports = {}, .has_attributes = {}, .member_of = {}},
      default_service_strategies());
  TaskConstraints port;
  port.host_ports = {port_key(80, PortProtocol::tcp)};
  placer.constrain(b.web, port);
  placer.constrain(api, port);
  b.create_at(10, 1);
  b.script->at(at_s(20), [api](World& w) {
    w.create_pod(api);
    w.create_pod(api);
  });
  b.world.run_until(at_s(60));
  CHECK(tasks_by_node(b.world) == std::vector<int>{1, 1});
  CHECK(b.world.pending_pods().size() == 1);
  CHECK(placer.why_pending(b.world, b.world.pending_pods()[0]).find("PORTS") != std::string::npos);
}

TEST_CASE("a port that the agent keeps is free nowhere, and a daemon's not where it runs") {
  Bench b;
  for (const int zone : {0, 1}) ready_node(b.world, 4000, 8192, zone);
  auto& placer = *b.world.find_component<TaskPlacer>();
  const WorkloadId daemon = add_workload(b.world, "agent", 100, 64);
  placer.hold_ports(daemon, {port_key(9100, PortProtocol::tcp)});
  TaskConstraints port;
  port.host_ports = {port_key(9100, PortProtocol::tcp)};
  placer.constrain(b.web, port);
  b.script->at(at_s(5), [daemon](World& w) { w.bind_pod(w.create_pod(daemon), NodeId{0}); });
  b.create_at(10, 2);  // one beside no daemon; the other waits
  b.world.run_until(at_s(60));
  CHECK(b.world.pending_pods().size() == 1);
  for (const PodId id : b.world.workload(b.web).pods) {
    if (!b.world.pod(id).node.is_none()) CHECK(b.world.pod(id).node == NodeId{1});
  }
  for (const std::uint16_t reserved : kReservedPorts) {
    Bench full;
    ready_node(full.world, 4000, 8192, 0);
    TaskConstraints kept;
    kept.host_ports = {port_key(reserved, PortProtocol::tcp)};
    full.world.find_component<TaskPlacer>()->constrain(full.web, kept);
    full.create_at(10, 1);
    full.world.run_until(at_s(60));
    CHECK(full.world.pending_pods().size() == 1);
    // UDP is apart.
    Bench udp;
    ready_node(udp.world, 4000, 8192, 0);
    kept.host_ports = {port_key(reserved, PortProtocol::udp)};
    udp.world.find_component<TaskPlacer>()->constrain(udp.web, kept);
    udp.create_at(10, 1);
    udp.world.run_until(at_s(60));
    CHECK(udp.world.pending_pods().empty());
  }
}

TEST_CASE("a task is placed on an instance of its architecture only, and its failure is ATTRIBUTE") {
  Bench b;
  const NameId attribute = b.world.names.intern(kArchitectureAttribute);
  for (const char* architecture : {"x86_64", "arm64", "x86_64"}) {
    NodeSpec spec = node_spec(b.world, 1000, 8192, 0);
    spec.labels.set(attribute, b.world.names.intern(architecture));
    const NodeId node = b.world.request_node(spec);
    b.world.node_running(node);
    b.world.node_ready(node);
  }
  auto& placer = *b.world.find_component<TaskPlacer>();
  TaskConstraints arm;
  arm.architecture_attribute = attribute;
  arm.architecture = b.world.names.intern("arm64");
  placer.constrain(b.web, arm);
  b.create_at(10, 3);  // two of 500m fill it
  b.world.run_until(at_s(60));
  CHECK(tasks_by_node(b.world) == std::vector<int>{0, 2, 0});
  REQUIRE(b.world.pending_pods().size() == 1);
  CHECK(placer.why_pending(b.world, b.world.pending_pods()[0]).find("2 ATTRIBUTE") != std::string::npos);
}

TEST_CASE("tasks are spread over the values of an attribute") {
  Bench b;
  for (const char* rack : {"r1", "r1", "r1", "r2"}) {
    NodeSpec spec = node_spec(b.world, 4000, 8192, 0);
    spec.labels.set(b.world.names.intern("rack"), b.world.names.intern(rack));
    const NodeId node = b.world.request_node(spec);
    b.world.node_running(node);
    b.world.node_ready(node);
  }
  auto& placer = *b.world.find_component<TaskPlacer>();
  const NameId rack = b.world.names.intern("rack");
  placer.serve(
      b.web,
      TaskNeed{
          .cpu = cpu_millis(500), .memory = mebibytes(512), .host_ports = {}, .has_attributes = {}, .member_of = {}},
      {spread_over_attribute(rack)});
  TaskConstraints constraints;
  constraints.spread_attributes = {rack};
  placer.constrain(b.web, constraints);
  b.create_at(10, 6);
  b.world.run_until(at_s(60));
  CHECK(tasks_by_node(b.world) == std::vector<int>{1, 1, 1, 3});
}

}  // namespace
}  // namespace plimsoll::ecs
