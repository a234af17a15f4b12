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

}  // namespace plimsoll::eks::ca
