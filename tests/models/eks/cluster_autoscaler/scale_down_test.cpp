#include "models/eks/cluster_autoscaler/scale_down.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/core/random.h"
#include "tests/models/eks/fixture.h"

namespace plimsoll::eks::ca {

namespace {

struct Case {
  test::Bed bed;
  Options options = options_for_version(35);
  std::vector<NodeGroup> groups = std::vector<NodeGroup>(1);
  std::vector<ScaleDownNode> nodes;
  std::vector<DisruptionBudget> budgets;
  ScaleDownState state;
  Time now = kTimeZero + hours(1);
  Time last_scale_up = kLongAgo;

  Row add_node(std::int64_t cpu = 2000, std::int64_t memory = 8000) {
    const std::size_t id = nodes.size();
    const Row row = bed.add_node("n" + std::to_string(id), test::room(cpu, memory), id);
    nodes.push_back({NodeId{id}, row, 0, true, false, false});
    groups[0].target = static_cast<std::int64_t>(nodes.size());
    return row;
  }
  ScaleDownDecision plan() {
    ScaleDownInput in;
    in.nodes = nodes;
    in.groups = groups;
    in.pods = &bed.facts;
    in.budgets = budgets;
    in.now = now;
    in.last_scale_up = last_scale_up;
    in.kube_system = bed.name("kube-system");
    in.options = &options;
    return plan_scale_down(bed.sim, in, state);
  }
  /// Loops every 10 s until `end`, and returns when something was to be removed.
  ScaleDownDecision run_until_removal(Time end) {
    for (; now < end; now += seconds(10)) {
      ScaleDownDecision d = plan();
      if (!d.remove.empty()) return d;
    }
    return {};
  }
};

}  // namespace

TEST_CASE("an empty node goes after more than ten minutes, and only the first loop simulates") {
  Case c;
  c.bed.place(c.add_node(), test::shape_of(1500, 100));
  c.add_node();
  const Time start = c.now;
  CHECK_FALSE(c.plan().reused);
  c.now += seconds(10);
  CHECK(c.plan().reused);
  const ScaleDownDecision d = c.run_until_removal(start + minutes(30));
  REQUIRE(d.remove.size() == 1);
  CHECK(d.remove[0].node == NodeId{1});
  CHECK_FALSE(d.remove[0].drain);
  CHECK(c.now == start + seconds(610));
}

TEST_CASE("a scale-up holds removals back while the timers run") {
  Case c;
  c.bed.place(c.add_node(), test::shape_of(1500, 100));
  c.add_node();
  c.last_scale_up = c.now + minutes(5);
  const Time start = c.now;
  const ScaleDownDecision d = c.run_until_removal(start + minutes(30));
  REQUIRE(d.remove.size() == 1);
  CHECK(c.now == start + minutes(15));
}

TEST_CASE("several empty nodes go at once, drained ones one at a time, and the group keeps its minimum") {
  Case c;
  for (int i = 0; i < 3; ++i) c.bed.place(c.add_node(), test::shape_of(500, 100));
  for (int i = 0; i < 3; ++i) c.add_node();
  c.groups[0].minimum = 2;
  c.plan();
  c.now += seconds(611);
  const ScaleDownDecision d = c.plan();
  // Six nodes, at least two stay: three empty and one drained.
  REQUIRE(d.remove.size() == 4);
  CHECK(std::count_if(d.remove.begin(), d.remove.end(), [](const Removal& r) { return r.drain; }) == 1);
  CHECK(d.remove.back().evict.size() == 1);
}

TEST_CASE("busy, annotated and blocked nodes stay, each with its reason") {
  Case c;
  c.bed.place(c.add_node(), test::shape_of(1100, 100));
  c.bed.place(c.add_node(), test::shape_of(100, 100));
  c.nodes[1].scale_down_disabled = true;
  PodFacts alone;
  alone.controller = ControllerKind::none;
  c.bed.place(c.add_node(), test::shape_of(100, 100), alone);
  c.bed.place(c.add_node(), test::shape_of(100, 7950));
  c.options.scale_down_utilization_threshold = 0.5;
  const ScaleDownDecision d = c.plan();
  const auto reason = [&](std::size_t node) {
    for (const NodeVerdict& v : d.unremovable) {
      if (v.node == NodeId{node}) return v.reason;
    }
    return UnremovableReason::none;
  };
  CHECK(reason(0) == UnremovableReason::not_underutilized);
  CHECK(reason(1) == UnremovableReason::scale_down_disabled_annotation);
  CHECK(reason(2) == UnremovableReason::blocked_by_pod);
  CHECK(reason(3) == UnremovableReason::not_underutilized);
  c.groups[0].minimum = 4;
  c.state = {};
  CHECK(c.plan().unremovable.front().reason == UnremovableReason::group_min_size_reached);
}

TEST_CASE("pods of removed nodes keep their simulated place, so that two nodes do not lean on the same room") {
  Case c;
  c.options.scale_down_utilization_threshold = 0.6;
  for (int i = 0; i < 3; ++i) c.bed.place(c.add_node(), test::shape_of(1000, 100));
  c.plan();
  // Any two fit on one node; once n0 leaned on another, that one is full.
  CHECK(c.state.unneeded.entries().size() == 1);
}

TEST_CASE("on random clusters removals are simulated as by a look at every node") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Stream stream(seed, "removals", Purpose::tie_break);
    std::uint64_t item = 0;
    const auto dice = [&](std::size_t sides) { return static_cast<std::size_t>(stream.below(sides, item++)); };
    Case c;
    c.options.scale_down_utilization_threshold = 1;
    const std::size_t nodes = 2 + dice(150);
    struct There {
      PodId id;
      std::int64_t cpu;
    };
    std::vector<std::vector<There>> pods(nodes);
    std::vector<std::int64_t> room(nodes, 2000);
    for (std::size_t n = 0; n < nodes; ++n) {
      const Row row = c.add_node();
      for (std::size_t p = dice(4); p > 0; --p) {
        const std::int64_t cpu = 100 + static_cast<std::int64_t>(dice(6)) * 100;
        pods[n].push_back({c.bed.place(row, test::shape_of(cpu, 200)), cpu});
        room[n] -= cpu;
      }
    }
    c.state.next_row = dice(nodes);
    // Plainly: each node in turn; its pods go where they went before, or round the nodes from the last place.
    std::vector<bool> gone(nodes, false);
    std::vector<std::pair<PodId, std::size_t>> hints;
    std::vector<NodeId> removable;
    std::size_t next = c.state.next_row;
    for (std::size_t n = 0; n < nodes; ++n) {
      const auto room_before = room;
      const auto pods_before = pods;
      bool all = true;
      for (const There& pod : pods_before[n]) {
        std::size_t place = nodes;
        for (const auto& [id, at] : hints) {
          if (id == pod.id && at != n && !gone[at] && room[at] >= pod.cpu) place = at;
        }
        for (std::size_t k = 0; k < nodes && place == nodes; ++k) {
          const std::size_t at = (next + k) % nodes;
          if (at == n || gone[at] || room[at] < pod.cpu) continue;
          place = at;
          next = (at + 1) % nodes;
          std::erase_if(hints, [&](const auto& hint) { return hint.first == pod.id; });
          hints.emplace_back(pod.id, at);
          break;
        }
        if (place == nodes) {
          all = false;
          break;
        }
        room[place] -= pod.cpu;
        pods[place].push_back(pod);
      }
      if (!all) {
        room = room_before;
        pods = pods_before;
        continue;
      }
      gone[n] = true;
      removable.push_back(NodeId{n});
    }
    ScaleDownInput in;
    in.nodes = c.nodes;
    in.groups = c.groups;
    in.pods = &c.bed.facts;
    in.now = c.now;
    in.kube_system = c.bed.name("kube-system");
    in.options = &c.options;
    const RemovalPass pass = simulate_removals(c.bed.sim, in, c.nodes, nodes, c.state);
    std::vector<NodeId> found;
    for (const UnneededNode& n : pass.removable) found.push_back(n.node);
    CHECK(found == removable);
    CHECK(c.state.next_row == next);
  }
}

TEST_CASE("without verdicts, and with pods that need the snapshot, the same nodes are removed") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    // The same cluster three times: verdicts or none, and all by the snapshot, as a rule of one shape about others
    // makes every answer depend on the whole cluster.
    std::vector<std::vector<NodeId>> removed[3];
    std::vector<std::pair<NodeId, Time>> recheck[3];
    for (int way = 0; way < 3; ++way) {
      const Stream stream(seed, "ways", Purpose::tie_break);
      std::uint64_t item = 0;
      const auto dice = [&](std::size_t sides) { return static_cast<std::size_t>(stream.below(sides, item++)); };
      Case c;
      c.options.max_drain_parallelism = 3;
      PodShape keeps_away = test::shape_of(1, 1);
      keeps_away.anti_required.push_back({c.bed.select("app", "none"), c.bed.name("zone"), {}});
      if (way == 2) c.bed.shapes.intern(keeps_away);
      Simulation sim{c.bed.snapshot, c.bed.framework, c.bed.scratch, c.bed.shapes, c.bed.names, c.bed.simulated};
      REQUIRE(sim.anti_affinity == (way == 2));
      const bool has_ports = dice(2) == 0;
      const std::size_t nodes = 3 + dice(90);
      for (std::size_t n = 0; n < nodes; ++n) c.add_node();
      for (std::size_t n = 0; n < nodes; ++n) c.nodes[n].being_deleted = dice(12) == 0;
      const auto add_pods = [&](std::size_t count) {
        for (; count > 0; --count) {
          PodShape s = test::shape_of(100 + static_cast<std::int64_t>(dice(6)) * 100, 200);
          if (has_ports && dice(10) == 0) s.host_ports.push_back({static_cast<std::int32_t>(80 + dice(3)), {}, {}});
          const Row row = static_cast<Row>(dice(nodes));
          if (sim.fits(c.bed.shapes.intern(s), row)) c.bed.place(row, s);
        }
      };
      add_pods(2 * nodes);
      c.groups[0].minimum = static_cast<std::int64_t>(dice(nodes));
      for (int loop = 0; loop < 40; ++loop) {
        ScaleDownInput in;
        in.nodes = c.nodes;
        in.groups = c.groups;
        in.pods = &c.bed.facts;
        in.now = c.now;
        in.kube_system = c.bed.name("kube-system");
        in.options = &c.options;
        in.simulation_cost = milliseconds(20);
        in.verdicts = way == 1;
        const ScaleDownDecision d = plan_scale_down(sim, in, c.state);
        CHECK((way == 1 || d.unremovable.empty()));
        std::vector<NodeId> gone;
        for (const Removal& r : d.remove) gone.push_back(r.node);
        removed[way].push_back(gone);
        recheck[way].emplace_back(NodeId{d.simulated}, c.state.recheck_at);
        if (dice(4) == 0) add_pods(1);
        c.now += seconds(60);
      }
    }
    CHECK(removed[0] == removed[1]);
    CHECK(recheck[0] == recheck[1]);
    CHECK(removed[0] == removed[2]);
    CHECK(recheck[0] == recheck[2]);
  }
}

TEST_CASE("what is removed never breaks a budget, a minimum or the room for the pods") {
  const Stream draw(11, std::uint64_t{5}, Purpose::tie_break);
  for (std::uint64_t trial = 0; trial < 60; ++trial) {
    Case c;
    c.options.scale_down_utilization_threshold = 0.7;
    const std::size_t count = 3 + draw.below(6, trial, 0);
    for (std::uint32_t n = 0; n < count; ++n) {
      const Row row = c.add_node();
      const std::size_t pods = draw.below(4, trial, 100 + n);
      for (std::uint32_t p = 0; p < pods; ++p) {
        PodShape s = test::shape_of(100 + static_cast<std::int64_t>(draw.below(700, trial, 1000 + n * 10 + p)), 200);
        s.namespace_name = c.bed.name("default");
        s.labels.set(c.bed.name("app"), c.bed.name("a"));
        c.bed.place(row, s);
      }
    }
    c.groups[0].minimum = static_cast<std::int64_t>(draw.below(3, trial, 1));
    const auto allowed = static_cast<std::int64_t>(draw.below(5, trial, 2));
    c.budgets.push_back({c.bed.name("default"), c.bed.select("app", "a"), allowed});
    c.plan();
    c.now += minutes(11);
    const ScaleDownDecision d = c.plan();
    CHECK(static_cast<std::int64_t>(count - d.remove.size()) >= c.groups[0].minimum);
    std::int64_t free = 0;
    std::int64_t moving = 0;
    for (const ScaleDownNode& n : c.nodes) {
      const auto gone =
          std::find_if(d.remove.begin(), d.remove.end(), [&](const Removal& r) { return r.node == n.id; });
      const std::int64_t used = c.bed.snapshot.requested(Resource::cpu)[n.row];
      if (gone == d.remove.end()) {
        free += c.bed.snapshot.allocatable(Resource::cpu)[n.row] - used;
      } else {
        moving += used;
        if (gone->drain) CHECK(allowed >= 1);
      }
    }
    CHECK(moving <= free);
  }
}

TEST_CASE("nodes stay whose GPUs gpu-total asks for") {
  for (const std::int64_t least : {0, 4}) {
    CAPTURE(least);
    Case c;
    c.options.gpu_total = {"nvidia-tesla-t4:" + std::to_string(least) + ":100"};
    for (int i = 0; i < 2; ++i) {
      SnapshotNode node =
          c.bed.node("g" + std::to_string(i), test::room(8000, 32000), NodeId{static_cast<std::size_t>(i)});
      node.allocatable[Resource::gpus] = 4;
      node.labels.set(c.bed.name("k8s.amazonaws.com/accelerator"), c.bed.name("nvidia-tesla-t4"));
      c.nodes.push_back({node.id, c.bed.snapshot.add_node(node), 0, true, false, false});
      c.groups[0].target = i + 1;
    }
    const ScaleDownDecision d = c.run_until_removal(c.now + minutes(30));
    CHECK(d.remove.size() == (least == 0 ? 2 : 1));
  }
}

}  // namespace plimsoll::eks::ca
