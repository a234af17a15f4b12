#include "models/ecs/controllers/container_agent.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "models/ecs/controllers/instance_view.h"
#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

struct Bench {
  explicit Bench(bool draining) : world(small_world()) {
    world.host_profiles.assign(2, plain_host());
    for (HostProfile& h : world.host_profiles) h.lost_target_balanced = Delay::constant(seconds(40));
    NodeGroup g;
    g.name = world.names.intern("asg");
    group = world.add_group(g);
    world.attach(std::make_unique<HostAgent>());
    auto agents = std::make_unique<ContainerAgents>(ContainerAgentParameters{});
    if (draining) agents->drain_on_notice(group);
    world.attach(std::move(agents));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    NodeSpec spec = node_spec(world, 2000, 4096);
    spec.group = group;
    node = world.request_node(spec);
    world.node_running(node);
    world.node_ready(node);
    web = add_workload(world, "web", 100, 64);
    world.edit_workload(web).behind_balancer = true;
    script->at(at_s(1), [this](World& w) { w.bind_pod(w.create_pod(web), node); });
  }
  World world;
  Script* script = nullptr;
  NodeGroupId group;
  NodeId node;
  WorkloadId web;
};

TEST_CASE("a Spot notice drains the instance when somebody asked for it, and only then") {
  for (const bool draining : {true, false}) {
    Bench b(draining);
    b.script->at(at_s(100), [&b](World& w) { w.give_spot_notice(b.node, at_s(220)); });
    b.world.run_until(at_s(110));
    CHECK(b.world.node(b.node).state == (draining ? NodeState::draining : NodeState::ready));
    if (draining) CHECK(b.world.node(b.node).draining == at_s(101));
  }
}

TEST_CASE(
    "a silent agent is disconnected within two minutes: no task is placed, those behind a balancer are replaced") {
  Bench b(false);
  b.script->at(at_s(100), [&b](World& w) { w.lose_node(b.node); });
  b.world.run_until(at_s(139));
  CHECK(b.world.pod(PodId{0}).state == PodState::serving);
  b.world.run_until(at_s(146));
  // The balancer's checks fail at 140 s; the scheduler stops the task within 5 s.
  CHECK(b.world.pod(PodId{0}).state == PodState::stopping);
  CHECK(b.world.pod(PodId{0}).end_reason == Reason::unhealthy);
  InstanceView view;
  b.world.run_until(at_s(159));
  view.refresh(b.world, b.web);
  CHECK(view.columns().usable[0] == 1);
  b.world.run_until(at_s(221));
  view.refresh(b.world, b.web);
  CHECK(view.columns().usable[0] == 0);
  CHECK(b.world.node(b.node).state == NodeState::ready);
}

/// One instance that registered at 0, so that cycles are at 30 min, 60 min, ..., and services with images of 100 MB: a
/// pull takes 1.5 s, a stop 5 s.
struct CleanupBench {
  explicit CleanupBench(ImageCleanupPolicy policy, int services = 1) : world(small_world(hours(12))) {
    world.host_profiles.assign(2, plain_host());
    NodeGroup g;
    g.name = world.names.intern("asg");
    group = world.add_group(g);
    world.attach(std::make_unique<HostAgent>());
    ContainerAgentParameters parameters;
    parameters.cleanup = policy;
    auto made = std::make_unique<ContainerAgents>(parameters);
    agents = made.get();
    world.attach(std::move(made));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    NodeSpec spec = node_spec(world, 16'000, 65'536);
    spec.group = group;
    node = world.request_node(spec);
    world.node_running(node);
    world.node_ready(node);
    for (int i = 0; i < services; ++i) {
      const std::string name = "app-" + std::to_string(i);
      apps.push_back(add_workload(world, name, 100, 64));
      world.edit_workload(apps.back()).images = {{world.names.intern(name), Bytes{100'000'000}}};
    }
  }
  /// A task of the service from one instant to another.
  void run(std::size_t app, std::int64_t from_s, std::int64_t to_s) {
    script->at(at_s(from_s), [this, app](World& w) { w.bind_pod(w.create_pod(apps[app]), node); });
    if (to_s > 0) {
      script->at(at_s(to_s),
                 [this, app](World& w) { w.stop_pod(w.workload(apps[app]).pods.front(), Reason::scale_in); });
    }
  }
  std::size_t images_at(std::int64_t s) {
    world.run_until(at_s(s));
    return world.node(node).image_cache.size();
  }
  World world;
  ContainerAgents* agents = nullptr;
  Script* script = nullptr;
  NodeGroupId group;
  NodeId node;
  std::vector<WorkloadId> apps;
};

TEST_CASE("three hours after its last task an image goes with the next cycle, and the next task pulls it again") {
  CleanupBench b({});
  b.run(0, 0, 100);  // ends at 105 s, is removed at 10905 s: the cycle of 12600 s
  b.run(0, 13'000, 0);
  CHECK(b.images_at(12'599) == 1);
  CHECK(b.images_at(12'600) == 0);
  CHECK(first_fact(b.world, Fact::images_removed) == at_s(12'600));
  b.world.run_until(at_s(13'100));
  // 2 s of preparation, 1.5 s of pull, 0.5 s: as on an instance that never had it.
  CHECK(b.world.pod(PodId{1}).started == at_s(13'004));
  CHECK(count_facts(b.world, Fact::images_removed) == 1);
}

TEST_CASE("an image stays while a task has it, stopped ones too, and when clean-up is off") {
  CleanupBench b({});
  b.run(0, 0, 100);
  b.run(0, 200, 30'000);  // ends at 30005 s, is removed at 40805 s: the cycle of 41400 s
  CHECK(b.images_at(41'399) == 1);
  CHECK(b.images_at(41'400) == 0);
  ImageCleanupPolicy off;
  off.enabled = false;
  CleanupBench never(off);
  never.run(0, 0, 100);
  CHECK(never.images_at(43'200) == 1);
}

TEST_CASE("a young image waits for its hour; a cycle takes five") {
  ImageCleanupPolicy quick;
  quick.task_wait = minutes(1);
  CleanupBench b(quick, 6);
  // Pulled at 3.5 s after 1500 s + i: removed tasks at 1600 + i + 5 + 60 s, an hour old by the cycle of 5400 s.
  for (int i = 0; i < 6; ++i) b.run(static_cast<std::size_t>(i), 1500 + i, 1600 + i);
  CHECK(b.images_at(5'399) == 6);
  CHECK(b.images_at(5'400) == 1);
  CHECK(b.world.node(b.node).image_cache.front().first == b.world.names.intern("app-5"));
  CHECK(b.images_at(7'200) == 0);
  CHECK(count_facts(b.world, Fact::images_removed) == 2);
}

TEST_CASE("a layer goes with the last image that has it") {
  ImageCleanupPolicy quick;
  quick.task_wait = minutes(1);
  CleanupBench b(quick, 2);
  const NameId layer = b.world.names.intern("layer debian-12");
  b.agents->add_layer(layer);
  for (const WorkloadId app : b.apps) b.world.edit_workload(app).images.emplace_back(layer, Bytes{50'000'000});
  b.run(0, 0, 100);
  b.run(1, 0, 8'000);
  CHECK(b.images_at(100) == 3);
  CHECK(b.images_at(5'400) == 2);  // app-1 and the layer
  CHECK(b.images_at(9'000) == 0);
}

TEST_CASE("a task whose images do not fit the disk cannot start; one with images that are there can") {
  CleanupBench b({}, 2);
  // 4 GiB of system and 2.5 x 2 GB leave less than 2.5 x 1 GB of 10 GiB.
  b.agents->set_disk(b.group, gibibytes(10));
  b.world.edit_workload(b.apps[0]).images.front().second = Bytes{2'000'000'000};
  b.world.edit_workload(b.apps[1]).images.front().second = Bytes{1'000'000'000};
  b.run(0, 0, 0);
  b.run(1, 100, 0);
  b.run(0, 200, 0);
  b.run(1, 300, 0);
  b.world.run_until(at_s(400));
  CHECK(b.world.pod(PodId{0}).state == PodState::serving);
  CHECK(b.world.pod(PodId{1}).state == PodState::ended);
  CHECK(b.world.pod(PodId{1}).end_reason == Reason::image_pull);
  CHECK(b.world.pod(PodId{2}).state == PodState::serving);
  CHECK(b.world.pod(PodId{3}).end_reason == Reason::image_pull);
  CHECK(b.world.node(b.node).image_cache.size() == 1);
  CHECK(count_facts(b.world, Fact::pod_failed) == 2);
}

}  // namespace
}  // namespace plimsoll::ecs
