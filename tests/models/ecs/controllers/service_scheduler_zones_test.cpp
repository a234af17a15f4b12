#include <doctest/doctest.h>

#include "models/ecs/controllers/task_placer.h"
#include "tests/models/ecs/controllers/service_bench.h"

namespace plimsoll::ecs {
namespace {

/// Four tasks on one instance; then another comes up in another zone, with a task of somebody else: whether a fifth is
/// started for it.
struct ZoneBench {
  explicit ZoneBench(const std::function<void(TaskConstraints&, World&)>& change, bool gpu = false)
      : b(4, false, 500, 100, 200, [](DeploymentConfiguration& c) { c.zone_rebalancing = true; }) {
    first = ready_node(b.world, 8000, 8192, 0);
    if (gpu) b.world.edit_workload(b.web).requests[Resource::gpus] = 1;
    TaskNeed need;
    need.cpu = b.world.workload(b.web).requests.cpu();
    need.memory = b.world.workload(b.web).requests.memory();
    auto placer = std::make_unique<TaskPlacer>(TaskPlacerParameters{});
    other = add_workload(b.world, "other", 100, 64);
    placer->serve(b.web, need, default_service_strategies());
    TaskConstraints constraints;
    change(constraints, b.world);
    placer->constrain(b.web, constraints);
    placer->hold_ports(other, {port_key(8080, PortProtocol::tcp)});
    b.serve_at(6, {first});  // what the placer has not placed yet; all that is there is in traffic
    b.script->at(at_s(6), [this](World& w) {
      for (const PodId pod : std::vector<PodId>(w.workload(b.web).pods)) {
        if (w.pod(pod).state == PodState::preparing) w.pod_started(pod);
        if (w.pod(pod).state == PodState::starting) w.pod_ready(pod);
        if (w.pod(pod).state == PodState::ready) w.pod_serving(pod);
      }
    });
    b.script->at(at_s(10), [this](World& w) {
      const NodeId second = ready_node(w, 8000, 8192, 1);
      CHECK(w.bind_pod(w.create_pod(other), second) == Applied::yes);
    });
    b.world.attach(std::move(placer));
  }
  /// By then the balance was looked at, and a task started for it or not.
  bool starts_one() {
    b.world.run_until(at_s(400));  // a first try before the second instance was there is repeated after five minutes
    return b.alive() > 4;
  }
  ServiceBench b;
  NodeId first;
  WorkloadId other;
};

ClusterQuery zone_is(const std::string& zone) {
  return *ClusterQuery::parse("attribute:ecs.availability-zone == " + zone).query;
}

TEST_CASE("zones are evened out only where an instance takes the task with all that it asks") {
  using Change = std::function<void(TaskConstraints&, World&)>;
  struct Row {
    const char* what;
    Change change;
    bool starts;
  };
  const Row rows[] = {
      {"nothing", [](TaskConstraints&, World&) {}, true},
      {"distinctInstance: none of its tasks is there", [](TaskConstraints& c, World&) { c.distinct_instance = true; },
       true},
      {"memberOf that the instance meets",
       [](TaskConstraints& c, World& w) { c.member_of = {zone_is(std::string(w.names.text(w.zones()[1])))}; }, true},
      {"memberOf that it does not meet",
       [](TaskConstraints& c, World& w) { c.member_of = {zone_is(std::string(w.names.text(w.zones()[0])))}; }, false},
      {"a host port that another task holds there",
       [](TaskConstraints& c, World&) { c.host_ports = {port_key(8080, PortProtocol::tcp)}; }, false},
      {"a free host port", [](TaskConstraints& c, World&) { c.host_ports = {port_key(9090, PortProtocol::tcp)}; },
       true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    ZoneBench z(row.change);
    CHECK(z.starts_one() == row.starts);
  }
  ZoneBench gpu([](TaskConstraints&, World&) {}, true);
  CHECK_FALSE(gpu.starts_one());
}

}  // namespace
}  // namespace plimsoll::ecs
