#include "models/eks/controllers/startup_taints.h"

#include <doctest/doctest.h>

#include <memory>

#include "models/kubernetes/controllers/daemon_set_controller.h"
#include "models/kubernetes/controllers/kube_scheduler.h"
#include "models/kubernetes/controllers/replica_set_controller.h"
#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::eks {
namespace {

using namespace plimsoll::testing;

/// A node with a startup taint joins after 10 s, a web pod comes half a second later; DaemonSets may tolerate the
/// taint.
struct StartupCluster {
  StartupCluster(bool agent, bool other) : world(small_world(hours(1))) {
    world.host_profiles.assign(2, plain_host());
    key = world.names.intern("example.com/agent-not-ready");
    web = add_workload(world, "web", 500, 256, 0);
    auto sets = std::make_unique<kubernetes::DaemonSetController>();
    if (agent) tolerant = daemon(*sets, "agent", true);
    if (other) intolerant = daemon(*sets, "other", false);
    world.attach(std::make_unique<HostAgent>());
    auto replicas = std::make_unique<kubernetes::ReplicaSetController>(kubernetes::ReplicaSetParameters{});
    replicas->manage(web);
    world.attach(std::move(replicas));
    kubernetes::DaemonSetController& controller = *sets;
    const HandlerId daemons = world.attach(std::move(sets));
    const HandlerId scheduler =
        world.attach(std::make_unique<kubernetes::KubeScheduler>(kubernetes::KubeSchedulerParameters{}, world.names));
    controller.schedule_through(scheduler);
    auto taints = std::make_unique<StartupTaints>(std::vector<NameId>{key}, daemons);
    taints->schedule_through(scheduler);
    world.attach(std::move(taints));
    auto s = std::make_unique<Script>();
    s->at(at_s(10), [k = key](World& w) {
      NodeSpec spec = node_spec(w, 4'000, 8'192);
      spec.taints = {{k, NameId{}, TaintEffect::no_schedule}};
      const NodeId id = w.request_node(spec);
      w.node_running(id);
      w.node_ready(id);
    });
    s->at(at_ms(10'500), [w = web](World& world_then) { world_then.set_desired(w, 1); });
    world.attach(std::move(s));
    world.run_until(at_s(120));
  }
  WorkloadId daemon(kubernetes::DaemonSetController& sets, std::string_view name, bool tolerates) {
    const WorkloadId id = add_workload(world, name, 50, 64, 0);
    Workload& w = world.edit_workload(id);
    w.daemon = true;
    if (tolerates) {
      PodShape shape = world.shapes[w.shape];
      Toleration all;
      all.exists = true;
      shape.tolerations = {all};
      w.shape = world.shapes.intern(std::move(shape));
    }
    sets.manage(id);
    return id;
  }
  Time time_of(Fact fact, WorkloadId of) const {
    for (const FactRecord& f : world.log) {
      if (f.fact == fact && f.workload == of) return f.at;
    }
    return kTimeNever;
  }

  World world;
  NameId key;
  WorkloadId web, tolerant, intolerant;
};

TEST_CASE("pods wait until the DaemonSets that tolerate a startup taint are ready") {
  const StartupCluster c(true, true);
  const Time ready = c.time_of(Fact::pod_ready, c.tolerant);
  REQUIRE(ready != kTimeNever);
  CHECK(ready > at_s(10));
  CHECK(c.time_of(Fact::pod_bound, c.web) >= ready);
  CHECK(c.time_of(Fact::pod_bound, c.web) <= ready + seconds(3));
  // The other DaemonSet had to wait as well.
  CHECK(c.time_of(Fact::pod_bound, c.intolerant) >= ready);
  CHECK(c.time_of(Fact::pod_bound, c.intolerant) <= ready + seconds(1));
  CHECK(c.world.node(NodeId{0}).taints.empty());
}

TEST_CASE("a startup taint that no DaemonSet tolerates goes at once") {
  const StartupCluster c(false, true);
  CHECK(c.time_of(Fact::pod_bound, c.web) <= at_s(13));
  CHECK(c.time_of(Fact::pod_bound, c.intolerant) <= at_s(11));
}

}  // namespace
}  // namespace plimsoll::eks
