// Whole EKS columns: laws that hold whatever the autoscalers decide, and public disagreements with their figures.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/engine/columns.h"
#include "tests/source_dir.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

std::string shipped(const std::string& name) { return std::string(PLIMSOLL_SOURCE_DIR) + "/scenarios/" + name; }

std::size_t column(const scenario::Scenario& s, std::string_view name) {
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    if (s.columns[c].name == name) return c;
  }
  FAIL("no such column");
  return 0;
}

Run finished(const scenario::Scenario& s, std::string_view name) {
  Run run = build(s, column(s, name), 0, {true, true});
  run.world.run();
  return run;
}

/// Follows the log of a run and checks, fact by fact, what no autoscaler may break.
void check_laws(const World& initial, const World& world) {
  std::vector<std::int64_t> desired;
  for (const Workload& w : initial.workloads()) desired.push_back(w.desired);
  std::vector<std::set<std::uint32_t>> healthy(desired.size());
  std::set<std::uint32_t> joined, consolidating;  // nodes outside groups: Karpenter's
  for (const FactRecord& f : world.log) {
    switch (f.fact) {
      case Fact::desired_changed:
        desired[f.workload.index()] = f.value;
        break;
      case Fact::pod_ready:
        healthy[f.workload.index()].insert(f.pod.value());
        break;
      case Fact::pod_unready:
      case Fact::pod_ended:
      case Fact::pod_stopping: {
        auto& set = healthy[f.workload.index()];
        set.erase(f.pod.value());
        const Workload& w = world.workload(f.workload);
        if (f.fact != Fact::pod_stopping || f.reason != Reason::node_drain || w.system) break;
        // An eviction: at most 25 % of the wanted replicas, rounded up, are away after it.
        const std::int64_t wanted = desired[f.workload.index()];
        CHECK(static_cast<std::int64_t>(set.size()) >= wanted - (wanted + 3) / 4);
        break;
      }
      case Fact::group_resized:
        CHECK(f.value >= world.group(f.group).minimum);
        break;
      case Fact::node_ready:
        if (f.group.is_none()) joined.insert(f.node.value()), consolidating.erase(f.node.value());
        break;
      case Fact::node_terminating:
        joined.erase(f.node.value());
        consolidating.erase(f.node.value());
        break;
      case Fact::node_draining:
        if (!f.group.is_none() || f.reason != Reason::consolidation) break;
        consolidating.insert(f.node.value());
        // The default budget of a NodePool: 10 % of its nodes, rounded up.
        CHECK(consolidating.size() <= (joined.size() + 9) / 10);
        break;
      default:
        break;
    }
  }
}

TEST_CASE("no scale-down below a minimum, no disruption budget broken, node budgets kept") {
  const scenario::Scenario s = read_text(R"(apiVersion: plimsoll/v1
seed: 5
load: {trace: wave.csv, start: 30m, for: 4h, warmup: 30m, to: web}
apps:
  web: {size: 500m/1Gi, work: 20ms, start: {cpu: 2s}, scale: {cpu: 60%, min: 4, max: 90}, calls: {api: 0.5}}
  api: {size: 750m/1Gi, work: 12ms, start: {cpu: 2s}, scale: {cpu: 60%, min: 4, max: 60}}
platforms:
  groups:
    type: eks
    capacity:
      nodeGroups:
        small: {type: m5.large, min: 2, max: 12, zones: [us-east-1a]}
        wide: {types: [m5.xlarge, m5a.xlarge], min: 1, max: 20}
      autoscaler: cluster-autoscaler
      flags:
        expander: priority
        balance-similar-node-groups: true
        scale-down-unneeded-time: 2m
        scale-down-delay-after-add: 3m
      priorities: {10: ["small"], 50: ["wide"]}
)");
  const Run initial = build(s, 0, 0, {true, true});
  Run run = initial;
  run.world.run();
  check_laws(initial.world, run.world);
  std::int64_t removed = 0;
  for (const FactRecord& f : run.world.log) removed += f.fact == Fact::node_draining ? 1 : 0;
  CHECK(removed > 0);
  CHECK(count(run.world, Fact::pod_serving) > 0);
}

TEST_CASE("inflate: both autoscalers go up with 200 pods and back to nothing in the time of their rules") {
  const scenario::Scenario s = read_file(shipped("inflate.yaml"));
  for (const char* name : {"cluster-autoscaler", "karpenter"}) {
    CAPTURE(name);
    const Run initial = build(s, column(s, name), 0, {true, true});
    Run run = initial;
    const Time up = run.world.window_start + minutes(5), down = run.world.window_start + minutes(65);
    run.world.run_until(up + minutes(10));
    std::uint32_t serving = 0;
    for (const Workload& w : run.world.workloads()) serving += w.system ? 0 : w.serving;
    CHECK(serving == 200);
    run.world.run();
    check_laws(initial.world, run.world);
    // What is left is what was there before: the group's minimum, or the bootstrap group and what system pods hold.
    std::size_t nodes = 0;
    for (const NodeId id : run.world.live_nodes()) nodes += run.world.node(id).state == NodeState::ready ? 1 : 0;
    CHECK(nodes >= 2);
    CHECK(nodes <= 3);
    Time last = kTimeZero;
    for (const FactRecord& f : run.world.log) {
      if (f.fact == Fact::node_terminating) last = std::max(last, f.at);
    }
    // Cluster Autoscaler: unneeded for ten minutes, ten at a time. Karpenter: 10 % of the nodes a pass of 15 s and
    // more.
    CHECK(last > down);
    CHECK(last < down + (std::string_view(name) == "karpenter" ? minutes(10) : minutes(15)));
  }
}

/// Dollars of a line in one hour, in nano-dollars; 0 without the line.
std::int64_t in_hour(const results::RunResult& r, const std::string& item, std::size_t hour) {
  for (const auto& line : r.lines) {
    if (line.item == item && hour < line.hourly.size()) return line.hourly[hour].raw();
  }
  return 0;
}

TEST_CASE("one r6a.4xlarge and eight c6a.2xlarge stay at 3.64176 $/h where four r6a.4xlarge cost 4.0608 $/h") {
  const scenario::Scenario s =
      read_file(shipped("disagreements/cheapest-overall.yaml"), {}, {}, shipped("disagreements/prices"));
  const auto cost = [&](const char* name) {
    Run run = finished(s, name);
    const results::RunResult r = summarise(run, s, column(s, name), 0);
    // The last hour, in which nothing changes any more.
    return in_hour(r, "ec2/r6a.4xlarge/on-demand", 2) + in_hour(r, "ec2/c6a.2xlarge/on-demand", 2);
  };
  // 4 x 1.0152, and 1.0152 + 8 x 0.32832; a node that ends in the first seconds of the hour adds less than a mill.
  const auto about = [](std::int64_t nano, std::int64_t wanted) { return nano >= wanted && nano < wanted + 1'000'000; };
  CHECK(about(cost("cluster-autoscaler"), 4'060'800'000));
  CHECK(about(cost("karpenter"), 3'641'760'000));
  CHECK(cost("karpenter-open-budget") < 3'641'760'000);
}

TEST_CASE("a fee of 0.03 $ a node turns 0.64 against 0.65 $/h into 1.12 against 0.68 $/h") {
  const scenario::Scenario s =
      read_file(shipped("disagreements/node-fees.yaml"), {}, {}, shipped("disagreements/prices"));
  const auto cost = [&](const char* name, const std::string& line, bool fee) {
    Run run = finished(s, name);
    const results::RunResult r = summarise(run, s, column(s, name), 0);
    return in_hour(r, line, 1) + (fee ? in_hour(r, "fees/node", 1) : 0);
  };
  CHECK(cost("sixteen-large", "ec2/m6g.large/on-demand", false) == 640'000'000);
  CHECK(cost("one-8xlarge", "ec2/m6g.8xlarge/on-demand", false) == 650'000'000);
  CHECK(cost("sixteen-large", "ec2/m6g.large/on-demand", true) == 1'120'000'000);
  CHECK(cost("one-8xlarge", "ec2/m6g.8xlarge/on-demand", true) == 680'000'000);
}

TEST_CASE("scale-down by quarters: cost, pending pod-seconds and time of both autoscalers") {
  const scenario::Scenario s = read_file(shipped("disagreements/scale-down-steps.yaml"));
  for (const char* name : {"cluster-autoscaler", "karpenter"}) {
    CAPTURE(name);
    Run run = finished(s, name);
    const World& w = run.world;
    std::size_t peak = 0, now = 0;
    Time done = kTimeNever;  // when a quarter of the peak is reached
    Duration pending{};      // of evicted pods' successors, after the first step
    for (const FactRecord& f : w.log) {
      if (f.fact == Fact::node_ready) ++now;
      if (f.fact == Fact::node_terminating) --now;
      peak = std::max(peak, now);
      if (f.at > w.window_start + minutes(180) && done == kTimeNever && now * 100 <= peak * 30) done = f.at;
    }
    for (const Pod& p : w.pods()) {
      if (p.created > w.window_start + minutes(60) && p.bound != kTimeNever) pending += p.bound - p.created;
    }
    CHECK(peak >= 100);
    CHECK(done < w.window_start + minutes(235));
    // Evicted pods find room that is there: seconds each, not a boot each.
    CHECK(pending < hours(2));
    const results::RunResult r = summarise(run, s, column(s, name), 0);
    // 4 h: an hour each at 100, 75, 50 and 25 % of about 100 m5.xlarge at 0.192 $/h are 48 $; 20 h at the peak were 77
    // $.
    CHECK(r.total.raw() > 40'000'000'000);
    CHECK(r.total.raw() < 70'000'000'000);
  }
}

TEST_CASE("Karpenter evicts several times as often as Cluster Autoscaler on the same day") {
  const scenario::Scenario s = read_file(shipped("disagreements/eviction-churn.yaml"), {"load.for=6h"});
  std::int64_t evictions[2];
  for (const int k : {0, 1}) {
    const char* name = k == 0 ? "cluster-autoscaler" : "karpenter";
    Run run = finished(s, name);
    evictions[k] = summarise(run, s, column(s, name), 0).evictions;
  }
  CHECK(evictions[1] >= 5 * evictions[0]);
  CHECK(evictions[1] > 20);
}

/// What is said of a column with this capacity block; `pool` stands in pool.yaml.
std::string faults_of(const std::string& capacity, const std::string& requirement, const std::string& limits) {
  const Folder folder;
  folder.put("pool.yaml", "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: default}\nspec:\n  limits: " +
                              limits + "\n  template:\n    spec:\n      requirements: [" + requirement +
                              "]\n      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n");
  document::Diagnostics diagnostics;
  const auto read = scenario::read_scenario(
      folder.put("s.yaml",
                 "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 1h}\napps: {web: {size: 500m/1Gi, work: 5ms}}\n"
                 "platforms: {a: {type: eks, capacity: " +
                     capacity + "}}\n"),
      registry(), {}, diagnostics);
  CHECK(read.has_value() == !diagnostics.has_errors());
  return diagnostics.text();
}

TEST_CASE("capacity that could never work is refused, with the reason and what is near") {
  const std::string pools = "{bootstrap: {type: m5.large, count: 2}, nodePools: [pool.yaml]}";
  const std::string category = "{key: karpenter.k8s.aws/instance-category, operator: In, values: [c]}";
  struct Row {
    std::string capacity, requirement, limits, says;
  };
  const Row rows[] = {
      {pools, category, "{cpu: 100}", ""},
      {pools, "{key: node.kubernetes.io/instance-type, operator: In, values: [m5.xxlarge]}", "{cpu: 100}",
       "no instance type satisfies its requirements"},
      {pools, category, "{cpu: 1, memory: 1Gi}", "its limits are smaller than its smallest node"},
      {pools, "{key: kubernetes.io/os, operator: In, values: [windows]}", "{cpu: 100}",
       "Windows nodes are not simulated"},
      {"{bootstrap: {type: t3.nano, count: 2}, nodePools: [pool.yaml]}",
       "{key: node.kubernetes.io/instance-type, operator: In, values: [c6g.medium, t3.micro]}", "{cpu: 100}", ""},
      {"{bootstrap: {type: t3.nano, count: 2}, nodePools: [pool.yaml]}",
       "{key: node.kubernetes.io/instance-type, operator: In, values: [t3.nano]}", "{cpu: 100}",
       "no instance type of the NodePools can hold a pod of web"},
      {"{nodeGroup: {type: m5.large, min: 5, max: 3}}", category, "{cpu: 100}", "min 5 is above max 3"},
      {"{nodeGroup: {type: t3.nano}}", category, "{cpu: 100}", "t3.nano offers 1930m / 100Mi"},
      {"{nodeGroup: {type: m5.large}, autoscaler: cluster-autoscaler, flags: {scale-down-uneeded-time: 5m}}", category,
       "{cpu: 100}", "did you mean 'scale-down-unneeded-time'?"},
      {"{nodeGroup: {type: m5.large, ami: Windows}}", category, "{cpu: 100}", "Linux pods"},
      {"{nodeGroup: {type: m5.large}, autoscaler: cluster-autoscaler, flags: {grpc-expander-url: 'x'}}", category,
       "{cpu: 100}", "grpc-expander-url of Cluster Autoscaler is not simulated"},
      {"{nodeGroup: {type: m5.large}, autoscaler: karpenter}", category, "{cpu: 100}", "nodePools: [pool.yaml]"},
      {"{bootstrap: {type: m5.large, count: 2}, nodePools: [pool.yaml], autoscaler: karpenter}", category, "{cpu: 100}",
       ""},
      {"{hybridNodes: {count: 2, cpu: 1 vCPU, memory: 1GiB}}", category, "{cpu: 100}",
       "a hybrid node offers 940m / 924Mi"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.capacity);
    CAPTURE(row.requirement);
    const std::string said = faults_of(row.capacity, row.requirement, row.limits);
    CAPTURE(said);
    CHECK(said.find(row.says) != std::string::npos);
    CHECK(said.empty() == row.says.empty());
  }
}

TEST_CASE("hybrid nodes serve beside nodes of a group, for a fee of their vCPUs alone") {
  const scenario::Scenario s = read_text(R"(apiVersion: plimsoll/v1
load: {constant: 20/s, for: 2h, warmup: 30m}
apps: {web: {size: 1500m/2Gi, work: 5ms, replicas: 20, spread: none}}
platforms:
  mixed:
    type: eks
    addons: none
    logging: none
    capacity:
      hybridNodes: {count: 3, cpu: 8 vCPU, memory: 32GiB}
      nodeGroup: {type: m5.xlarge, min: 0, max: 10}
      autoscaler: cluster-autoscaler
  own:
    type: eks
    capacity: {hybridNodes: {count: 6, cpu: 8 vCPU, memory: 32GiB}}
)");
  for (const std::size_t c : {std::size_t{0}, std::size_t{1}}) {
    CAPTURE(s.columns[c].name);
    Run run = build(s, c, 0, {false, true});
    const World initial = run.world;
    run.world.run();
    check_laws(initial, run.world);
    std::size_t hybrid = 0, own_pods = 0, ec2 = 0, pending = run.world.pending_pods().size();
    for (const NodeId id : run.world.live_nodes()) {
      const bool own = run.world.names.text(run.world.node(id).instance_type) == "hybrid";
      (own ? hybrid : ec2) += 1;
      for (const PodId p : run.world.pods_on(id)) {
        const bool app = !run.world.workload(run.world.pod(p).workload).system;
        own_pods += own && app ? 1 : 0;
      }
    }
    CHECK(pending == 0);
    // 7910m less 150m of daemons hold five pods of 1500m; CoreDNS and the autoscaler take room of one of them at most.
    CHECK(hybrid == (c == 0 ? 3 : 6));
    CHECK(own_pods >= (c == 0 ? 12 : 20));
    CHECK((ec2 > 0) == (c == 0));
    const results::RunResult r = summarise(run, s, c, 0);
    // 24 or 48 vCPU x 0.020 $/h, and no instance and no disk of theirs.
    CHECK(in_hour(r, "eks/hybrid-nodes", 1) == (c == 0 ? 480'000'000 : 960'000'000));
    if (c == 1) CHECK(in_hour(r, "ebs/gp3", 1) == 0);
  }
}

TEST_CASE("a taint that Cluster Autoscaler is told to be a startup taint comes off, and its group grows") {
  const scenario::Scenario s = read_text(R"(apiVersion: plimsoll/v1
load: {constant: 0/s, for: 1h, warmup: 0s}
apps: {fill: {size: 850m/3Gi, replicas: 8, work: 1ms, image: 50MB, spread: none}}
platforms:
  told:
    type: eks
    capacity:
      nodeGroup: {type: m5.xlarge, min: 1, max: 10, taints: [{key: example.com/agent-not-ready, effect: NoSchedule}]}
      autoscaler: cluster-autoscaler
      flags: {startup-taint: [example.com/agent-not-ready]}
  untold:
    type: eks
    capacity:
      nodeGroup: {type: m5.xlarge, min: 1, max: 10, taints: [{key: example.com/agent-not-ready, effect: NoSchedule}]}
      autoscaler: cluster-autoscaler
)");
  const auto started = [](const World& world) {
    for (const Workload& w : world.workloads()) {
      if (world.names.text(w.name) == "fill") return w.started;
    }
    return std::uint32_t{0};
  };
  const Run told = finished(s, "told"), untold = finished(s, "untold");
  CHECK(started(told.world) == 8);
  CHECK(count(told.world, Fact::node_ready) > 1);
  CHECK(started(untold.world) == 0);
  CHECK(count(untold.world, Fact::node_ready) == 1);  // no more of them: they would not help
}

TEST_CASE("--nodes names the groups that are resized") {
  const scenario::Scenario s = read_text(R"(apiVersion: plimsoll/v1
load: {constant: 0/s, for: 30m, warmup: 0s}
apps: {fill: {size: 850m/3Gi, replicas: 30, work: 1ms, image: 50MB, spread: none}}
platforms:
  one:
    type: eks
    capacity:
      nodeGroups:
        a: {type: m5.xlarge, min: 1, max: 10}
        b: {type: m5.xlarge, min: 1, max: 10}
      autoscaler: cluster-autoscaler
      flags: {nodes: ["1:4:b"]}
)");
  const Run run = finished(s, "one");
  for (const NodeGroup& g : run.world.groups()) {
    CHECK(g.desired == (run.world.names.text(g.name) == "b" ? 4 : 1));
  }
}

}  // namespace
}  // namespace plimsoll::engine
