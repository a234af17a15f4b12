#include "sim/cluster/world.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "sim/core/random.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll {
namespace {

using namespace testing;

TEST_CASE("a pod that does not fit is rejected and stays pending") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 600, 512);
  const NodeId node = ready_node(world, 1000, 4096);
  const PodId first = world.create_pod(web), second = world.create_pod(web);
  CHECK(world.bind_pod(first, node) == Applied::yes);
  CHECK(world.bind_pod(second, node) == Applied::rejected);  // 600m + 600m > 1000m
  CHECK(world.pod(second).state == PodState::pending);
  CHECK(world.pending_pods().size() == 1);
  CHECK(world.workload(web).bound == 1);
  CHECK(world.placement.requested(Resource::cpu)[world.node(node).row] == cpu_millis(600).raw());
  // Nothing of the refused command was recorded.
  CHECK(count_facts(world, Fact::pod_bound) == 1);
}

TEST_CASE("a command about something that has moved on is stale") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64);
  const NodeId node = ready_node(world, 1000, 4096);
  const PodId pod = world.create_pod(web);
  world.drain_node(node, Reason::scale_down);
  CHECK(world.bind_pod(pod, node) == Applied::stale);
  world.undrain_node(node);
  CHECK(world.bind_pod(pod, node) == Applied::yes);
  CHECK(world.bind_pod(pod, node) == Applied::stale);
  CHECK(world.stop_pod(pod, Reason::scale_in) == Applied::yes);
  CHECK(world.stop_pod(pod, Reason::scale_in) == Applied::stale);
  world.pod_ended(pod, Reason::none);
  CHECK(world.stop_pod(pod, Reason::scale_in) == Applied::stale);
  CHECK(world.pod(pod).end_reason == Reason::scale_in);
}

TEST_CASE("a pending pod that is stopped ends at once") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64);
  const PodId pod = world.create_pod(web);
  CHECK(world.stop_pod(pod, Reason::scale_in) == Applied::yes);
  CHECK(world.pod(pod).state == PodState::ended);
  CHECK(world.pending_pods().empty());
  CHECK(world.workload(web).pods.empty());
  CHECK(count_facts(world, Fact::pod_stopping) == 0);
  CHECK(count_facts(world, Fact::pod_ended) == 1);
}

TEST_CASE("a microVM takes the one pod it was made for and is no row of placement") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 500, 1024);
  NodeSpec spec = node_spec(world, 500, 1024);
  spec.host = HostKind::fargate;
  const NodeId vm = world.request_node(spec);
  world.node_running(vm);
  world.node_ready(vm);
  CHECK(world.placement.live_rows() == 0);
  const PodId first = world.create_pod(web), second = world.create_pod(web);
  CHECK(world.bind_pod(first, vm) == Applied::yes);
  CHECK(world.bind_pod(second, vm) == Applied::stale);
  CHECK(world.pods_on(vm) == std::vector<PodId>{first});
}

TEST_CASE("a terminated node takes its pods with it, daemons for their host's sake") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64);
  const WorkloadId agent = add_workload(world, "agent", 100, 64);
  world.edit_workload(agent).daemon = true;
  const NodeId node = ready_node(world, 1000, 4096);
  const PodId daemon = world.create_pod(agent), pod = world.create_pod(web);
  REQUIRE(world.bind_pod(daemon, node) == Applied::yes);
  REQUIRE(world.bind_pod(pod, node) == Applied::yes);
  CHECK(world.node(node).pod_count == 2);
  CHECK(world.node(node).app_pod_count == 1);
  world.terminate_node(node, Reason::spot_interruption);
  CHECK(world.pod(pod).end_reason == Reason::spot_interruption);
  CHECK(world.pod(daemon).end_reason == Reason::host_ended);
  CHECK(world.node(node).pod_count == 0);
  CHECK(world.placement.live_rows() == 0);
  CHECK(world.live_nodes().size() == 1);  // shutting down still
  world.terminate_node(node, Reason::scale_down);
  CHECK(world.node(node).end_reason == Reason::spot_interruption);  // the first reason stands
  world.node_terminated(node);
  CHECK(world.live_nodes().empty());
}

TEST_CASE("the entity of a pod hangs on its workload's name and its number alone") {
  World one = small_world(), two = small_world();
  const WorkloadId a1 = add_workload(one, "cart", 100, 64);
  add_workload(two, "other", 100, 64);
  const WorkloadId a2 = add_workload(two, "cart", 250, 999);
  two.create_pod(WorkloadId{0});
  CHECK(one.entity(one.pod(one.create_pod(a1))) == two.entity(two.pod(two.create_pod(a2))));
  CHECK(one.entity(one.pod(one.create_pod(a1))) != one.entity(one.pod(PodId{0})));
}

TEST_CASE("wanting what is wanted already is no fact") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64, 2);
  NodeGroup group;
  group.name = world.names.intern("g");
  group.desired = 3;
  const NodeGroupId id = world.add_group(group);
  const std::uint64_t before = world.hash.value();
  world.set_desired(web, 2);
  world.set_group_desired(id, 3);
  CHECK(world.hash.value() == before);
  world.set_desired(web, 3);
  world.set_group_desired(id, 4);
  CHECK(world.log.size() == 2);
  CHECK(world.hash.value() != before);
}

TEST_CASE("a pod whose containers exit leaves traffic, waits, and comes back to traffic another time") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64);
  const NodeId node = ready_node(world, 1000, 4096);
  const PodId pod = world.create_pod(web);
  world.bind_pod(pod, node);
  world.pod_started(pod);
  world.pod_ready(pod);
  world.pod_serving(pod);
  world.pod_failed(pod, Reason::out_of_memory, 137);
  CHECK(world.workload(web).serving == 0);
  CHECK(world.workload(web).started == 1);
  CHECK(world.pod(pod).serving == kTimeNever);
  // It left traffic first: value 1 says that it was in traffic.
  const std::size_t n = world.log.size();
  CHECK(world.log[n - 2].fact == Fact::pod_unready);
  CHECK(world.log[n - 2].value == 1);
  CHECK(world.log[n - 1].value == 137);
  world.pod_restarted(pod);
  CHECK(world.pod(pod).state == PodState::starting);
  CHECK(world.pod(pod).restarts == 1);
  world.pod_ready(pod);
  world.pod_serving(pod);
  CHECK(world.workload(web).serving == 1);
}

TEST_CASE("pods carry the revision that they were made from") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64);
  world.edit_workload(web).start_wait = seconds(5);
  const PodId first = world.create_pod(web);
  PodTemplate next = world.workload(web);
  next.start_wait = seconds(9);
  CHECK(world.deploy(web, next) == 2);
  const PodId second = world.create_pod(web), old = world.create_pod(web, 1);
  CHECK(world.pod(second).revision == 2);
  CHECK(world.template_of(world.pod(first)).start_wait == seconds(5));
  CHECK(world.template_of(world.pod(second)).start_wait == seconds(9));
  CHECK(world.template_of(world.pod(old)).start_wait == seconds(5));
  CHECK(world.workload(web).template_of(2).replaces == 1);
  world.set_revision(web, 1, Reason::rollback);
  CHECK(world.pod(world.create_pod(web)).revision == 1);
  CHECK(world.deploy(web, next) == 3);
  CHECK(world.workload(web).template_of(3).replaces == 1);
  CHECK(count_facts(world, Fact::revision_changed) == 3);
}

/// Does something at random every 200 ms, off the world's own streams.
class Disorder : public ComponentOf<Disorder> {
 public:
  void start(World& world) override { world.wake(handler, world.now(), Phase::facts); }
  void handle(World& world, const Event&) override {
    const Stream stream = world.stream(99, Purpose::tie_break);
    const std::uint64_t what = stream.below(14, step_, 0);
    const auto any = [&](std::size_t n, std::uint32_t sub) { return stream.below(n, step_, sub); };
    if (what < 4) {
      world.create_pod(WorkloadId{static_cast<std::uint32_t>(any(world.workloads().size(), 1))});
    } else if (what < 6 && world.live_nodes().size() < 12) {
      ready_node(world, 1000 + 500 * static_cast<std::int64_t>(any(4, 1)), 4096, static_cast<int>(any(3, 2)));
    } else if (what < 9 && !world.pending_pods().empty() && !world.live_nodes().empty()) {
      world.bind_pod(world.pending_pods()[any(world.pending_pods().size(), 1)],
                     world.live_nodes()[any(world.live_nodes().size(), 2)]);
    } else if (what == 9 && !world.pods().empty()) {
      for (const PodId id : std::vector<PodId>(world.workload(WorkloadId{0}).pods)) {
        if (any(3, 2) == 0) move_on(world, id);
      }
      move_on(world, PodId{static_cast<std::uint32_t>(any(world.pods().size(), 1))});
    } else if (what == 10 && !world.pods().empty()) {
      world.stop_pod(PodId{static_cast<std::uint32_t>(any(world.pods().size(), 1))}, Reason::scale_in);
    } else if (what == 11 && !world.live_nodes().empty()) {
      const NodeId node = world.live_nodes()[any(world.live_nodes().size(), 1)];
      switch (any(4, 2)) {
        case 0:
          world.drain_node(node, Reason::scale_down);
          break;
        case 1:
          world.undrain_node(node);
          break;
        case 2:
          world.terminate_node(node, Reason::scale_down);
          break;
        default:
          if (world.node(node).state == NodeState::terminating) world.node_terminated(node);
      }
    } else if (what == 12 && !world.pods().empty()) {
      // The next one from a random place on that runs, if there is one.
      const std::size_t n = world.pods().size(), from = any(n, 1);
      for (std::size_t i = 0; i < n; ++i) {
        if (falter(world, PodId{static_cast<std::uint32_t>((from + i) % n)}, any(2, 2) == 0)) break;
      }
    } else if (what == 13 && !world.live_nodes().empty() && any(4, 1) == 0) {
      world.lose_node(world.live_nodes()[any(world.live_nodes().size(), 2)]);
    }
    ++step_;
    recount(world);
    world.wake(handler, world.now() + milliseconds(200), Phase::facts);
  }

 private:
  static void move_on(World& world, PodId id) {
    switch (world.pod(id).state) {
      case PodState::preparing:
        world.pod_started(id);
        break;
      case PodState::starting:
        world.pod_ready(id);
        break;
      case PodState::backoff:
        world.pod_restarted(id);
        break;
      case PodState::ready:
        world.pod_serving(id);
        break;
      case PodState::stopping:
        world.pod_ended(id, Reason::none);
        break;
      default:
        break;
    }
  }

  static bool falter(World& world, PodId id, bool exits) {
    const PodState state = world.pod(id).state;
    const bool up = state == PodState::ready || state == PodState::serving;
    if (exits && (up || state == PodState::starting)) {
      world.pod_failed(id, Reason::container_exit, 1);
      return true;
    }
    if (up) world.pod_unready(id, Reason::unhealthy);
    return up;
  }

  /// Every running count against the entities themselves.
  static void recount(const World& world) {
    std::vector<PodId> pending;
    std::map<std::uint32_t, std::uint32_t> on_node;
    std::map<std::uint32_t, std::int64_t> cpu_on;
    struct Counts {
      std::uint32_t bound = 0, started = 0, serving = 0, stopping = 0, alive = 0;
    };
    std::vector<Counts> counts(world.workloads().size());
    for (const Pod& p : world.pods()) {
      if (p.state == PodState::pending) pending.push_back(p.id);
      if (p.state == PodState::ended) continue;
      Counts& c = counts[p.workload.index()];
      ++c.alive;
      if (p.state == PodState::pending) continue;
      ++on_node[p.node.value()];
      cpu_on[p.node.value()] += world.workload(p.workload).requests.cpu().raw();
      if (p.state == PodState::stopping) {
        ++c.stopping;
        continue;
      }
      ++c.bound;
      c.started += p.state >= PodState::starting ? 1 : 0;
      c.serving += p.state == PodState::serving ? 1 : 0;
    }
    REQUIRE(std::equal(pending.begin(), pending.end(), world.pending_pods().begin(), world.pending_pods().end()));
    for (const Workload& w : world.workloads()) {
      const Counts& c = counts[w.id.index()];
      REQUIRE(w.bound == c.bound);
      REQUIRE(w.started == c.started);
      REQUIRE(w.serving == c.serving);
      REQUIRE(w.stopping == c.stopping);
      REQUIRE(w.pods.size() == c.alive);
    }
    std::vector<NodeId> live;
    for (const Node& n : world.nodes()) {
      if (n.state != NodeState::terminated) live.push_back(n.id);
      REQUIRE(n.pod_count == on_node[n.id.value()]);
      const bool placed = n.state == NodeState::ready || n.state == NodeState::draining;
      REQUIRE((n.row != kNoRow) == placed);
      if (!placed) continue;
      REQUIRE(world.placement.requested(Resource::cpu)[n.row] == cpu_on[n.id.value()]);
      REQUIRE(cpu_on[n.id.value()] <= n.allocatable.cpu().raw());
      REQUIRE(world.pods_on(n.id).size() == n.pod_count);
    }
    REQUIRE(std::equal(live.begin(), live.end(), world.live_nodes().begin(), world.live_nodes().end()));
  }

  std::uint64_t step_ = 0;
};

TEST_CASE("random commands leave every running count equal to a recount") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    World world = small_world(minutes(5), 3, seed);
    add_workload(world, "web", 300, 256);
    add_workload(world, "api", 700, 512);
    world.attach(std::make_unique<Disorder>());
    world.run();
    CHECK(count_facts(world, Fact::pod_bound) > 20);
    CHECK(count_facts(world, Fact::node_terminating) > 3);
    CHECK(count_facts(world, Fact::node_lost) > 0);
    CHECK(count_facts(world, Fact::pod_failed) > 3);
    CHECK(count_facts(world, Fact::pod_restarted) > 0);
  }
}

TEST_CASE("a copy taken at any instant runs on to the same hash, and leaves the original alone") {
  World world = small_world(minutes(5));
  add_workload(world, "web", 300, 256);
  add_workload(world, "api", 700, 512);
  world.attach(std::make_unique<Disorder>());
  std::vector<World> copies;
  for (const std::int64_t s : {0, 13, 77, 200, 299}) {
    world.run_until(at_s(s));
    copies.push_back(world);
  }
  World before_start = small_world(minutes(5));
  world.run();
  for (World& copy : copies) {
    CHECK(copy.hash.value() != world.hash.value());
    copy.run();
    CHECK(copy.hash.value() == world.hash.value());
    CHECK(copy.log.size() == world.log.size());
  }
  CHECK(before_start.hash.value() != world.hash.value());
}

/// Notes the order in which components are closed.
class Closer : public ComponentOf<Closer> {
 public:
  Closer(std::shared_ptr<std::vector<int>> out, int number) : out_(std::move(out)), number_(number) {}
  void handle(World&, const Event&) override {}
  void finish(World&) override { out_->push_back(number_); }

 private:
  std::shared_ptr<std::vector<int>> out_;
  int number_;
};

/// A model of traffic that only counts how often it is settled.
class SettleCount : public ComponentOf<SettleCount>, public ServiceModel {
 public:
  ServiceModel* service_model() override { return this; }
  void handle(World&, const Event&) override {}
  void settle(World&) override { ++settled; }
  double start_cores(World&, PodId) override { return 1; }
  int settled = 0;
};

TEST_CASE("the service of a copy is the copy's own model of traffic") {
  World world = small_world(seconds(1));
  CHECK(world.service() == nullptr);
  world.attach(std::make_unique<Disorder>());
  world.set_service(world.attach(std::make_unique<SettleCount>()));
  World copy = world;
  World assigned = small_world(seconds(1));
  assigned = copy;
  copy.service()->settle(copy);
  CHECK(copy.find_component<SettleCount>()->settled == 1);
  CHECK(copy.service() == copy.find_component<SettleCount>());
  CHECK(assigned.service() == assigned.find_component<SettleCount>());
  CHECK(world.service() == world.find_component<SettleCount>());
  CHECK(world.find_component<SettleCount>()->settled + assigned.find_component<SettleCount>()->settled == 0);
}

TEST_CASE("components are closed in the reverse order of attachment, so that what others report to closes last") {
  World world = small_world(seconds(1));
  auto order = std::make_shared<std::vector<int>>();
  for (int i = 0; i < 3; ++i) world.attach(std::make_unique<Closer>(order, i));
  world.run();
  CHECK(*order == std::vector<int>{2, 1, 0});
}

}  // namespace
}  // namespace plimsoll
