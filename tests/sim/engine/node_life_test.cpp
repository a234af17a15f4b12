// Whole EKS columns: every node that an autoscaler launched carries pods, or is removed in the time that its rules say.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// What the rules allow: how long an empty node stays, and how long after a scale-up nothing is removed.
struct IdleRule {
  Duration empty, after_scale_up;
  Duration slack;  ///< scans, validation, other nodes that go first
};

struct Idle {
  NodeId node;
  Time from{}, to{};
};

/// Times without any pod but daemons, of nodes while they are ready.
std::vector<Idle> idle_times(const World& world) {
  std::vector<Idle> out;
  std::map<std::uint32_t, std::int64_t> pods;
  std::map<std::uint32_t, Time> empty_since;
  const auto close = [&](std::uint32_t node, Time at) {
    const auto open = empty_since.find(node);
    if (open == empty_since.end()) return;
    out.push_back({NodeId{node}, open->second, at});
    empty_since.erase(open);
  };
  for (const FactRecord& f : world.log) {
    if (f.node.is_none() || world.node(f.node).host != HostKind::ec2) continue;
    const std::uint32_t node = f.node.value();
    if (f.fact == Fact::node_ready && pods[node] == 0) empty_since.emplace(node, f.at);
    if (f.fact == Fact::node_draining || f.fact == Fact::node_terminating) close(node, f.at);
    if (f.pod.is_none() || world.pod(f.pod).daemon) continue;
    if (f.fact == Fact::pod_bound && ++pods[node] == 1) close(node, f.at);
    if (f.fact == Fact::pod_ended && --pods[node] == 0 && world.node(f.node).terminating > f.at)
      empty_since.emplace(node, f.at);
  }
  while (!empty_since.empty()) close(empty_since.begin()->first, world.end);
  return out;
}

/// Desired capacity of a group over time.
std::int64_t desired_at(const World& initial, const World& world, NodeGroupId group, Time at) {
  std::int64_t desired = initial.group(group).desired;
  for (const FactRecord& f : world.log) {
    if (f.at > at) break;
    if (f.fact == Fact::group_resized && f.group == group) desired = f.value;
  }
  return desired;
}

/// When nodes were last asked for up to an instant.
Time last_scale_up(const World& world, Time at) {
  Time last = kTimeZero;
  for (const FactRecord& f : world.log) {
    if (f.at > at) break;
    if (f.fact == Fact::node_requested) last = f.at;
  }
  return last;
}

std::size_t check_idle(const World& initial, const World& world, const IdleRule& rule) {
  std::size_t removed = 0;
  for (const Idle& i : idle_times(world)) {
    const NodeGroupId group = world.node(i.node).group;
    // The rules may not go below a group's least size; a bootstrap group is nobody's to remove.
    const Time allowed = std::max(i.from + rule.empty, last_scale_up(world, i.to) + rule.after_scale_up) + rule.slack;
    if (i.to <= allowed) continue;
    ++removed;
    CAPTURE(world.names.text(world.node(i.node).name));
    CAPTURE((i.from - kTimeZero).count() / 1'000'000);
    CAPTURE((i.to - kTimeZero).count() / 1'000'000);
    CHECK_FALSE(group.is_none());
    if (!group.is_none()) CHECK(desired_at(initial, world, group, allowed) == world.group(group).minimum);
  }
  return removed;
}

const char* const kWaves = R"(apiVersion: plimsoll/v1
seed: 11
load: {trace: wave.csv, start: 30m, for: 4h, warmup: 30m, to: web}
apps:
  web: {size: 500m/1Gi, work: 20ms, start: {cpu: 2s}, scale: {cpu: 60%, min: 4, max: 90}, calls: {api: 0.5}}
  api: {size: 750m/1Gi, work: 12ms, start: {cpu: 2s}, scale: {cpu: 60%, min: 4, max: 60}}
platforms:
  defaults:
    type: eks
    capacity: {nodeGroup: {type: m5.xlarge, min: 1, max: 30}, autoscaler: cluster-autoscaler}
  quick:
    type: eks
    capacity:
      nodeGroups:
        small: {type: m5.large, min: 2, max: 12}
        wide: {types: [m5.xlarge, m5a.xlarge], min: 1, max: 20}
      autoscaler: cluster-autoscaler
      flags: {scale-down-unneeded-time: 2m, scale-down-delay-after-add: 3m}
  spot:
    type: eks
    capacity:
      nodeGroup: {types: [m5.xlarge, m5a.xlarge, m6i.xlarge], min: 2, max: 30, spot: true}
      autoscaler: cluster-autoscaler
)";

TEST_CASE("an empty node of a group goes when Cluster Autoscaler's timers are over, unless the group is at its least") {
  const scenario::Scenario s = read_text(kWaves);
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    CAPTURE(s.columns[c].name);
    const Run initial = build(s, c, 0, {true, true});
    Run run = initial;
    run.world.run();
    const bool quick = s.columns[c].name == "quick";
    // Scans of 10 s, of which a loop that scaled up skips its scale-down; ten empty nodes at a time; 5 s after the
    // taint.
    const IdleRule rule{quick ? minutes(2) : minutes(10), quick ? minutes(3) : minutes(10), minutes(1)};
    check_idle(initial.world, run.world, rule);
    std::size_t empty = 0;
    for (const FactRecord& f : run.world.log) empty += f.fact == Fact::node_draining ? 1 : 0;
    CHECK(empty > 0);  // nodes did go
  }
}

TEST_CASE("an empty node of Karpenter's goes within its consolidation's polls and waits") {
  const scenario::Scenario s = read_file(std::string(PLIMSOLL_SOURCE_DIR) + "/scenarios/inflate.yaml");
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    if (s.columns[c].name != "karpenter") continue;
    const Run initial = build(s, c, 0, {true, true});
    Run run = initial;
    run.world.run();
    // consolidateAfter 1 m after the last pod's end, a poll of 10 s and a wait of 15 s; 10 % of the nodes at a time, of
    // 15: two each pass, and each pass waits until its nodes are gone (5 s to stop, up to 40 s to shut down).
    check_idle(initial.world, run.world, {minutes(1), Duration{}, seconds(25) + 8 * seconds(70)});
    std::size_t gone = 0;
    for (const FactRecord& f : run.world.log) gone += f.fact == Fact::node_draining ? 1 : 0;
    CHECK(gone >= 15);
  }
}

TEST_CASE("every node that was asked for runs, or is given up, within the time limits of its launch") {
  const scenario::Scenario s = read_text(kWaves);
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    CAPTURE(s.columns[c].name);
    Run run = build(s, c, 0, {true, true});
    run.world.run();
    for (const Node& n : run.world.nodes()) {
      if (n.host != HostKind::ec2 || n.requested + minutes(16) > run.world.end) continue;
      const Time settled = std::min(n.ready, n.terminating);
      CAPTURE(run.world.names.text(n.name));
      CHECK(settled <= n.requested + minutes(16));  // max-node-provision-time and a scan
    }
  }
}

}  // namespace
}  // namespace plimsoll::engine
