#include "models/eks/controllers/node_group_update.h"

#include <doctest/doctest.h>

#include <memory>

#include "models/aws/controllers/auto_scaling_group.h"
#include "models/kubernetes/controllers/kube_scheduler.h"
#include "models/kubernetes/controllers/replica_set_controller.h"
#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::eks {
namespace {

using namespace plimsoll::testing;

TEST_CASE("the surge is twice the zones or what is replaced at once, whichever is more") {
  NodeGroupUpdateConfig c;
  CHECK(surge_of(c, 3, 10) == 6);
  c.max_unavailable = 8;
  CHECK(surge_of(c, 3, 10) == 8);
  c.max_unavailable_percent = 33;
  CHECK(parallel_replacements(c, 10) == 3);
  CHECK(parallel_replacements(c, 2) == 1);  // at least one
  CHECK(surge_of(c, 3, 100) == 33);
  c.minimal = true;
  CHECK(surge_of(c, 3, 100) == 0);
}

/// Four nodes with room for two pods each in a group of three zones; boots take 40 s.
struct Bench {
  explicit Bench(const NodeGroupUpdateConfig& config, Ppm budget = percent(25), Duration boot = seconds(28),
                 std::int64_t pods = 8)
      : world(small_world(hours(3))) {
    world.host_profiles.assign(2, plain_host());
    web = add_workload(world, "web", 900, 512, pods);
    NodeGroup g;
    g.name = world.names.intern("group");
    g.minimum = g.desired = 4;
    g.maximum = 5;
    group = world.add_group(g);
    auto asg = std::make_unique<aws::AutoScalingGroups>();
    aws::AutoScalingGroupConfig asg_config;
    asg_config.group = group;
    asg_config.node = node_spec(world, 2000, 8192);
    for (int z = 0; z < 3; ++z) asg_config.zones.emplace_back(z);
    asg_config.zone_rebalance = false;
    asg_config.delays = {Delay::constant(seconds(2)), Delay::constant(seconds(10)), Delay::constant(boot),
                         Delay::constant(seconds(20))};
    asg->add(std::move(asg_config));
    world.attach(std::move(asg));
    world.attach(std::make_unique<HostAgent>());
    auto replicas = std::make_unique<kubernetes::ReplicaSetController>(kubernetes::ReplicaSetParameters{});
    replicas->manage(web);
    world.attach(std::move(replicas));
    world.attach(std::make_unique<kubernetes::KubeScheduler>(kubernetes::KubeSchedulerParameters{}, world.names));
    kubernetes::DisruptionBudgets budgets;
    budgets.set(web, budget);
    auto update = std::make_unique<NodeGroupUpdates>(budgets);
    update->manage(group, 3, config);
    world.attach(std::move(update));
    auto script = std::make_unique<Script>();
    script->at(at_s(600), [](World& w) { w.release_image(); });
    world.attach(std::move(script));
  }
  std::int64_t nodes(std::uint32_t image) const {
    std::int64_t n = 0;
    for (const NodeId id : world.live_nodes()) {
      const Node& node = world.node(id);
      n += node.state == NodeState::ready && node.image == image ? 1 : 0;
    }
    return n;
  }
  World world;
  NodeGroupId group;
  WorkloadId web;
};

TEST_CASE("every node is replaced, one at a time, and the group is as large as before") {
  Bench b({});
  std::int64_t most = 0;
  for (int s = 600; s < 7'200; s += 5) {
    b.world.run_until(at_s(s));
    most = std::max(most, b.nodes(1) + b.nodes(2));
  }
  CHECK(b.nodes(1) == 0);
  CHECK(b.nodes(2) == 4);
  CHECK(most >= 9);  // four and six more, less the first that goes
  CHECK(most <= 10);
  CHECK(b.world.group(b.group).desired == 4);
  CHECK(b.world.group(b.group).maximum == 5);
  const auto& surges = b.world.find_component<NodeGroupUpdates>()->surges();
  REQUIRE(surges.size() == 1);
  CHECK(surges[0].nodes == 6);
  CHECK(surges[0].from == at_s(600));
  CHECK((surges[0].to > at_s(600) && surges[0].to <= b.world.now()));
  CHECK(b.world.workload(b.web).serving == 8);
  CHECK(b.world.pending_pods().empty());
  // One old node after another, each held for 60 s at least.
  Time last = kTimeZero;
  for (const FactRecord& f : b.world.log) {
    if (f.fact != Fact::node_terminating || f.reason != plimsoll::Reason::rollout) continue;
    if (last > kTimeZero) CHECK(f.at - last >= kUpdateCordonWait);
    last = f.at;
  }
}

TEST_CASE("MINIMAL cordons a node when its turn comes, DEFAULT all old ones at once") {
  for (const bool minimal : {false, true}) {
    CAPTURE(minimal);
    NodeGroupUpdateConfig config;
    config.minimal = minimal;
    Bench b(config, percent(25), seconds(28), 4);  // a pod a node: there is room on the others
    std::int64_t most = 0;
    for (int s = 603; s < 7'200; s += 5) {  // between two polls: who was evicted has had three seconds
      b.world.run_until(at_s(s));
      std::int64_t cordoned = 0;
      for (const NodeId id : b.world.live_nodes()) {
        const Node& n = b.world.node(id);
        cordoned += n.state == NodeState::ready && n.image == 1 && !n.taints.empty() ? 1 : 0;
      }
      most = std::max(most, cordoned);
      if (minimal) CHECK(b.world.workload(b.web).bound == 4);  // who is evicted goes to another old node at once
    }
    CHECK(most == (minimal ? 1 : 4));
    CHECK(b.nodes(2) == 4);
    CHECK(b.world.find_component<NodeGroupUpdates>()->failures() == 0);
  }
}

TEST_CASE("an update never leaves a group smaller than it was, though an autoscaler took nodes of its surge") {
  Bench b({});
  b.world.run_until(at_s(900));
  REQUIRE(b.world.group(b.group).desired == 10);
  b.world.set_group_desired(b.group, 7);  // half of the surge of six
  std::int64_t least = 7;
  for (int s = 905; s < 7'200; s += 5) {
    b.world.run_until(at_s(s));
    least = std::min(least, b.world.group(b.group).desired);
  }
  CHECK(least == 4);
  CHECK(b.world.group(b.group).desired == 4);
  CHECK(b.nodes(2) == 4);
  CHECK(b.world.workload(b.web).serving == 8);
}

TEST_CASE("an update whose group is scaled up while it scales down leaves it so") {
  Bench b({});
  int s = 600;
  do {
    s += 5;
    b.world.run_until(at_s(s));
  } while ((s < 800 || b.world.group(b.group).desired == 10) && s < 7'200);
  REQUIRE(b.world.group(b.group).desired < 10);  // the first step down
  const std::int64_t wanted = b.world.group(b.group).desired + 1;
  b.world.set_group_desired(b.group, wanted);
  b.world.run_until(at_s(7'200));
  CHECK(b.world.group(b.group).desired == wanted);
  CHECK(b.nodes(1) == 0);
  CHECK(b.nodes(2) == wanted);
}

TEST_CASE("MINIMAL never has more nodes than before") {
  NodeGroupUpdateConfig config;
  config.minimal = true;
  Bench b(config);
  for (int s = 600; s < 7'200; s += 5) {
    b.world.run_until(at_s(s));
    CHECK(b.nodes(1) + b.nodes(2) <= 4);
    CHECK(b.nodes(1) + b.nodes(2) >= 3);
  }
  CHECK(b.nodes(2) == 4);
}

TEST_CASE("pods that may not be evicted fail the update after 15 minutes unless it is forced") {
  for (const bool force : {false, true}) {
    NodeGroupUpdateConfig config;
    config.force = force;
    Bench b(config, Ppm{0});
    b.world.run_until(at_s(10'000));
    CHECK(b.world.find_component<NodeGroupUpdates>()->failures() == (force ? 0 : 1));
    if (!force) {
      const GroupUpdates::Failure& failed = b.world.find_component<NodeGroupUpdates>()->failed_updates().front();
      CHECK(
          failed.message ==
          "PodEvictionFailure: a pod of web under the PodDisruptionBudget web could not be evicted within 15 minutes");
      CHECK(failed.group == b.group);
      CHECK(failed.left.size() == 4);
    }
    CHECK(b.nodes(1) == (force ? 0 : 4));
    CHECK(b.world.group(b.group).maximum == (force ? 5 : 10));  // the surge of six stays
    CHECK(b.world.workload(b.web).serving == 8);
  }
}

TEST_CASE("new nodes that have not joined after 15 minutes fail the update") {
  // Asked for at 600 s, they would be ready after 20 minutes more.
  Bench b({}, percent(25), minutes(20));
  b.world.run_until(at_s(1'490));
  const NodeGroupUpdates& updates = *b.world.find_component<NodeGroupUpdates>();
  CHECK(updates.failures() == 0);
  b.world.run_until(at_s(5'000));
  REQUIRE(updates.failures() == 1);
  const GroupUpdates::Failure& failed = updates.failed_updates().front();
  CHECK(failed.message.find("NodeCreationFailure") == 0);
  CHECK(failed.at >= at_s(1'500));
  CHECK(failed.at <= at_s(1'505));
  CHECK(failed.left.size() == 4);
  CHECK(b.nodes(1) == 4);  // no old node goes
}

}  // namespace
}  // namespace plimsoll::eks
