// Invariants of whole runs, looked at once a minute by a component that changes nothing.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

class Watch : public ComponentOf<Watch> {
 public:
  void start(World& world) override { world.wake(handler, world.now(), Phase::end); }
  void handle(World& world, const Event&) override {
    look(world);
    ++looks;
    world.wake(handler, world.now() + minutes(1), Phase::end);
  }

  static void look(const World& world) {
    std::map<std::uint32_t, ResourceVector> placed;
    std::size_t pending = 0;
    for (const Pod& p : world.pods()) {
      if (p.state == PodState::ended) {
        REQUIRE(p.ended != kTimeNever);
        continue;
      }
      if (p.state == PodState::pending) {
        ++pending;
        REQUIRE(p.node.is_none());
        continue;
      }
      // On a node that is there.
      REQUIRE(!p.node.is_none());
      const Node& node = world.node(p.node);
      REQUIRE((node.state == NodeState::ready || node.state == NodeState::draining));
      placed[p.node.value()] += world.shapes[p.shape].requests;
      // Stamps in the order of the way.
      REQUIRE(p.created <= p.bound);
      for (const Time t : {p.pulling, p.started, p.ready, p.serving}) REQUIRE(t >= p.bound);
    }
    REQUIRE(pending == world.pending_pods().size());
    for (const Node& n : world.nodes()) {
      REQUIRE(n.requested != kTimeNever);
      const auto on = placed.find(n.id.value());
      if (on == placed.end()) continue;
      const ResourceVector& room = n.host == HostKind::fargate ? n.capacity : n.allocatable;
      REQUIRE(on->second.cpu() <= room.cpu());
      REQUIRE(on->second.memory() <= room.memory());
      if (n.host == HostKind::fargate) continue;
      REQUIRE(on->second[Resource::pods] <= room[Resource::pods]);
      REQUIRE(on->second[Resource::enis] <= room[Resource::enis]);
      REQUIRE(world.placement.requested(Resource::cpu)[n.row] == on->second.cpu().raw());
      REQUIRE(world.placement.requested(Resource::memory)[n.row] == on->second.memory().raw());
    }
    for (const Workload& w : world.workloads()) {
      REQUIRE(w.started >= w.serving);
      REQUIRE(w.bound >= w.started);
      if (w.daemon || w.system) continue;
      REQUIRE(w.desired >= w.minimum);
      REQUIRE(w.desired <= w.maximum);
    }
    for (const NodeGroup& g : world.groups()) {
      REQUIRE(g.desired >= g.minimum);
      REQUIRE(g.desired <= g.maximum);
    }
    for (std::size_t i = 0; i < world.usage.size(); ++i) {
      const Usage& u = world.usage[i];
      REQUIRE(u.served + u.lost + u.backlog == u.arrived);
    }
  }

  int looks = 0;
};

void check_column(const scenario::Scenario& s, std::size_t c) {
  CAPTURE(s.columns[c].name);
  Run run = build(s, c, 0, {false, true});
  const HandlerId watch = run.world.attach(std::make_unique<Watch>());
  run.world.run();
  World& world = run.world;
  CHECK(dynamic_cast<Watch&>(world.component(watch)).looks > 60);

  // No pod is lost: what was created is pending, on a node, or ended, and each of them once.
  std::int64_t alive = 0, ended = 0, in_sets = 0;
  for (const Pod& p : world.pods()) (p.state == PodState::ended ? ended : alive) += 1;
  for (const Workload& w : world.workloads()) in_sets += static_cast<std::int64_t>(w.pods.size());
  CHECK(alive == in_sets);
  CHECK(count(world, Fact::pod_created) == alive + ended);
  CHECK(count(world, Fact::pod_ended) == ended);
  CHECK(count(world, Fact::pod_bound) >= count(world, Fact::pod_started));

  // Every node that was asked for is on its way, there, or gone; what began to go goes within minutes.
  std::int64_t gone = 0;
  for (const Node& n : world.nodes()) {
    switch (n.state) {
      case NodeState::requested:
        CHECK(n.running == kTimeNever);
        break;
      case NodeState::running:
      case NodeState::ready:
        CHECK(n.terminating == kTimeNever);
        break;
      case NodeState::draining:
        CHECK(n.draining >= n.ready);
        break;
      case NodeState::terminating:
        CHECK(world.end - n.terminating < minutes(5));
        break;
      case NodeState::terminated:
        ++gone;
        CHECK(n.terminated >= n.terminating);
        CHECK(n.pod_count == 0);
        break;
    }
    CHECK((n.state == NodeState::terminated) ==
          (std::find(world.live_nodes().begin(), world.live_nodes().end(), n.id) == world.live_nodes().end()));
    // An instance that never came within ten minutes was forgotten.
    if (n.state == NodeState::requested || n.state == NodeState::running) CHECK(world.end - n.requested < minutes(10));
  }
  CHECK(count(world, Fact::node_terminated) == gone);
  CHECK(count(world, Fact::node_requested) == static_cast<std::int64_t>(world.nodes().size()));

  // Facts come in the order of time.
  CHECK(std::is_sorted(world.log.begin(), world.log.end(), [](const auto& a, const auto& b) { return a.at < b.at; }));

  // The watcher changed nothing.
  const results::RunResult r = summarise(run, s, c, 0);
  CHECK(r.trace_hash == run_one(s, c, 0, {}).trace_hash);
  CHECK(r.served + r.lost + r.in_flight >= r.arrived);
  CHECK(r.cpu_requested <= r.cpu_bought);
  CHECK(r.cpu_used <= r.cpu_bought);
  CHECK(r.memory_requested <= r.memory_bought);
}

TEST_CASE("each column of the retail store, three hours") {
  const scenario::Scenario s = read_file(retail_store(), {"load.for=3h"});
  for (std::size_t c = 0; c < s.columns.size(); ++c) check_column(s, c);
}

TEST_CASE("two applications under a wave, with nodes that come and go") {
  const scenario::Scenario s = read_text(kTwoApps);
  for (std::size_t c = 0; c < s.columns.size(); ++c) check_column(s, c);
}

TEST_CASE("a storm that no column can follow loses requests and no pods") {
  const scenario::Scenario s = read_text(kTwoApps, {"load.scale=7", "apps.web.scale.max=20"});
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    check_column(s, c);
    CHECK(run_one(s, c, 0, {}).lost > 0);
  }
}

}  // namespace
}  // namespace plimsoll::engine
