// Laws of node autoscaling on random columns: sizes, disruption budgets, consolidation, budgets and traffic are drawn.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/engine/columns.h"
#include "tests/sim/engine/drawn_columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// What a drawn column promises.
struct Rules {
  std::map<std::string, std::int64_t> max_disruption;  ///< by application, percent of the wanted replicas
  Duration unneeded = minutes(10), after_add = minutes(10);
  std::int64_t budget = 10;
  bool budget_percent = true;
  Duration consolidate_after{};
};

std::string applications(Dice& dice, Rules& rules) {
  std::string out = "apps:\n";
  for (const char* name : {"web", "api"}) {
    const std::int64_t disruption = dice.one_of<std::int64_t>({10, 20, 34, 50});
    rules.max_disruption[name] = disruption;
    const std::int64_t least = dice.between(2, 8);
    out += std::string("  ") + name + ": {size: " + dice.one_of<std::string>({"250m/1Gi", "500m/512Mi", "900m/2Gi"}) +
           ", work: " + std::to_string(dice.between(8, 20)) +
           "ms, start: {cpu: 2s}, image: 60MB, maxDisruption: " + std::to_string(disruption) +
           "%, scale: {cpu: " + std::to_string(dice.between(45, 75)) + "%, min: " + std::to_string(least) +
           ", max: " + std::to_string(least + dice.between(20, 80)) + "}" +
           (name == std::string("web") ? ", calls: {api: 0.5}" : "") + "}\n";
  }
  return out;
}

std::string cluster_autoscaler_column(Dice& dice, Rules& rules) {
  rules.unneeded = minutes(dice.between(1, 8));
  rules.after_add = minutes(dice.between(1, 8));
  const std::int64_t first = dice.between(0, 3), second = dice.between(1, 3);
  return head(dice) + applications(dice, rules) +
         "platforms:\n  groups:\n    type: eks\n    capacity:\n      nodeGroups:\n        one: {type: " +
         dice.one_of<std::string>({"m5.large", "m5.xlarge"}) + ", min: " + std::to_string(first) +
         ", max: " + std::to_string(first + dice.between(4, 20)) +
         "}\n        two: {type: " + dice.one_of<std::string>({"c5.xlarge", "m5.2xlarge"}) +
         ", min: " + std::to_string(second) + ", max: " + std::to_string(second + dice.between(4, 20)) +
         "}\n      autoscaler: cluster-autoscaler\n      autoscalerMinor: " +
         std::to_string(dice.one_of<std::int64_t>({28, 32, 35})) + "\n      flags: {expander: " +
         dice.one_of<std::string>({"random", "least-waste", "most-pods", "least-nodes"}) +
         ", scale-down-unneeded-time: " + std::to_string(rules.unneeded.count() / 60'000'000) +
         "m, scale-down-delay-after-add: " + std::to_string(rules.after_add.count() / 60'000'000) + "m}\n";
}

/// Three groups in zones of their own or in all, and flags that change who goes and how many at once.
std::string three_groups(Dice& dice, Rules& rules) {
  rules.unneeded = minutes(dice.between(1, 8));
  rules.after_add = minutes(dice.between(1, 8));
  std::string groups;
  for (const char* name : {"one", "two", "three"}) {
    const std::int64_t least = dice.between(0, 2);
    groups += std::string("        ") + name +
              ": {type: " + dice.one_of<std::string>({"m5.large", "m5.xlarge", "c5.xlarge", "m5.2xlarge"}) +
              ", min: " + std::to_string(least) + ", max: " + std::to_string(least + dice.between(6, 15)) +
              dice.one_of<std::string>({"", ", zones: [us-east-1a]", ", zones: [us-east-1b]", ", selfManaged: true"}) +
              "}\n";
  }
  const auto yes = [&] { return dice.one_of<std::string>({"true", "false"}); };
  return head(dice) + applications(dice, rules) + "platforms:\n  groups:\n    type: eks\n    capacity:\n" +
         "      nodeGroups:\n" + groups + "      autoscaler: cluster-autoscaler\n      autoscalerMinor: " +
         std::to_string(dice.one_of<std::int64_t>({29, 33, 37})) + "\n      flags:\n        expander: " +
         dice.one_of<std::string>({"random", "least-waste", "most-pods", "least-nodes"}) +
         "\n        balance-similar-node-groups: " + yes() + "\n        scale-down-delay-type-local: " + yes() +
         "\n        ignore-daemonsets-utilization: " + yes() +
         "\n        max-scale-down-parallelism: " + std::to_string(dice.between(2, 10)) +
         "\n        max-drain-parallelism: " + std::to_string(dice.between(1, 2)) +
         "\n        max-graceful-termination-sec: " + std::to_string(dice.one_of<std::int64_t>({1, 10, 600})) +
         "\n        node-deletion-batcher-interval: " + dice.one_of<std::string>({"0s", "30s"}) +
         "\n        scale-down-utilization-threshold: " + dice.one_of<std::string>({"0.4", "0.5", "0.7"}) +
         "\n        scale-down-unneeded-time: " + std::to_string(rules.unneeded.count() / 60'000'000) +
         "m\n        scale-down-delay-after-add: " + std::to_string(rules.after_add.count() / 60'000'000) + "m\n";
}

std::string karpenter_column(Dice& dice, Rules& rules) {
  return head(dice) + applications(dice, rules) +
         "platforms:\n  pools:\n    type: eks\n    capacity: {bootstrap: {type: m5.large, count: 2}, nodePools: "
         "[pool.yaml], karpenterMinor: " +
         std::to_string(dice.one_of<std::int64_t>({4, 13, 14})) + "}\n";
}

std::string node_pool(Dice& dice, Rules& rules) {
  rules.consolidate_after = seconds(dice.one_of<std::int64_t>({0, 30, 120}));
  rules.budget_percent = dice.between(0, 1) == 1;
  rules.budget = rules.budget_percent ? dice.one_of<std::int64_t>({10, 25, 60}) : dice.between(1, 4);
  return R"(apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      requirements:
        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}
        - {key: karpenter.k8s.aws/instance-category, operator: In, values: [c, m]}
        - {key: karpenter.k8s.aws/instance-generation, operator: Gt, values: ["5"]}
        - {key: karpenter.k8s.aws/instance-size, operator: In, values: [large, xlarge, 2xlarge]}
        - {key: kubernetes.io/arch, operator: In, values: [amd64]}
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
  disruption:
    consolidationPolicy: WhenEmptyOrUnderutilized
    consolidateAfter: )" +
         std::to_string(rules.consolidate_after.count() / 1'000'000) + "s\n    budgets: [{nodes: \"" +
         std::to_string(rules.budget) + (rules.budget_percent ? "%" : "") + "\"}]\n";
}

/// Looks at the column after every fact and once a minute.
class Laws : public ComponentOf<Laws> {
 public:
  explicit Laws(Rules rules, bool karpenter) : rules_(std::move(rules)), karpenter_(karpenter) {}
  bool watches() const override { return true; }
  void start(World& world) override { world.wake(handler, world.now(), Phase::end); }

  void handle(World& world, const Event&) override {
    minute(world);
    world.wake(handler, world.now() + minutes(1), Phase::end);
  }

  void on_fact(World& world, const FactRecord& f) override {
    switch (f.fact) {
      case Fact::group_resized: {
        const NodeGroup& g = world.group(f.group);
        REQUIRE(f.value >= g.minimum);
        REQUIRE(f.value <= g.maximum);
        if (f.value > sizes_[f.group.index()]) last_growth_ = f.at;
        sizes_[f.group.index()] = f.value;
        break;
      }
      case Fact::pod_ready:
        healthy_[f.workload.index()].insert(f.pod.value());
        break;
      case Fact::pod_unready:
      case Fact::pod_ended:
        healthy_[f.workload.index()].erase(f.pod.value());
        break;
      case Fact::pod_stopping: {
        std::set<std::uint32_t>& healthy = healthy_[f.workload.index()];
        const bool was_healthy = healthy.erase(f.pod.value()) > 0;
        const Workload& w = world.workload(f.workload);
        const auto promised = rules_.max_disruption.find(std::string(world.names.text(w.name)));
        if (f.reason != Reason::node_drain || !was_healthy || promised == rules_.max_disruption.end()) break;
        ++evictions;
        const std::int64_t may_miss = (w.desired * promised->second + 99) / 100;
        REQUIRE(static_cast<std::int64_t>(healthy.size()) >= w.desired - may_miss);
        break;
      }
      case Fact::node_draining:
        if (!karpenter_ || !f.group.is_none() || f.reason != Reason::consolidation) break;
        ++disrupted;
        check_budget(world, f.node);
        break;
      default:
        break;
    }
  }

  std::int64_t evictions = 0, disrupted = 0, looks = 0, empty_minutes = 0;

 private:
  /// Nodes of the pool that are initialized, and those of them on their way out.
  std::pair<std::int64_t, std::int64_t> pool(const World& world) const {
    std::int64_t nodes = 0, leaving = 0;
    for (const NodeId id : world.live_nodes()) {
      const Node& n = world.node(id);
      if (!n.group.is_none()) continue;
      nodes += n.state == NodeState::ready || n.state == NodeState::draining ? 1 : 0;
      leaving += n.state == NodeState::draining ? 1 : 0;
    }
    return {nodes, leaving};
  }

  void check_budget(const World& world, NodeId node) {
    const auto [nodes, leaving] = pool(world);
    const std::int64_t allowed = rules_.budget_percent ? (rules_.budget * nodes + 99) / 100 : rules_.budget;
    CAPTURE(node.value());
    REQUIRE(leaving <= allowed);
  }

  static bool is_empty(const World& world, NodeId id) {
    for (const PodId p : world.pods_on(id)) {
      if (!world.pod(p).daemon) return false;
    }
    return true;
  }

  void minute(const World& world) {
    ++looks;
    const auto [nodes, leaving] = pool(world);
    for (const NodeId id : world.live_nodes()) {
      const Node& n = world.node(id);
      CAPTURE(id.value());
      if (n.state == NodeState::requested || n.state == NodeState::running) {
        // max-node-provision-time and Karpenter's registration timeout: 15 min, seen within a minute.
        REQUIRE(world.now() - n.requested <= minutes(16));
        continue;
      }
      const bool idle = n.state == NodeState::ready && is_empty(world, id);
      if (!idle) {
        empty_since_.erase(id.value());
        continue;
      }
      const Time since = empty_since_.emplace(id.value(), world.now()).first->second;
      if (!removable(world, n)) continue;
      ++empty_minutes;
      if (karpenter_) {
        // consolidateAfter, a pass every 10 s, 15 s of validation; one pass takes at most what the budget allows.
        const std::int64_t allowed =
            std::max<std::int64_t>(1, rules_.budget_percent ? rules_.budget * nodes / 100 : rules_.budget);
        const Duration passes = seconds(60 * (1 + (nodes + leaving) / allowed));
        REQUIRE(world.now() - since <= rules_.consolidate_after + minutes(3) + passes);
      } else {
        // Unneeded for long enough, nothing added for long enough; then ten at once in each loop. While its last pod
        // was stopping, a disruption budget that was used up may have kept it: then it is looked at again five minutes
        // later (unremovable-node-recheck-timeout), and is unneeded from that look on.
        const Time unneeded_from = since + minutes(5);
        const Time free_from = std::max(unneeded_from + rules_.unneeded, last_growth_ + rules_.after_add);
        REQUIRE(world.now() - free_from <= minutes(3));
      }
    }
  }

  bool removable(const World& world, const Node& n) const {
    if (karpenter_) return n.group.is_none();
    return !n.group.is_none() && world.group(n.group).desired > world.group(n.group).minimum;
  }

  Rules rules_;
  bool karpenter_;
  std::map<std::size_t, std::set<std::uint32_t>> healthy_;
  std::map<std::size_t, std::int64_t> sizes_;
  std::map<std::uint32_t, Time> empty_since_;
  Time last_growth_{};
};

/// How often the laws had something to judge.
struct Seen {
  std::int64_t evictions = 0, disrupted = 0, empty_minutes = 0;
};

/// Runs a drawn column under its laws.
void obey(const scenario::Scenario& s, const Rules& rules, bool karpenter, Seen& all) {
  Run run = build(s, 0, 0, {false, true});
  const HandlerId laws = run.world.attach(std::make_unique<Laws>(rules, karpenter));
  run.world.run();
  const Laws& seen = dynamic_cast<const Laws&>(run.world.component(laws));
  CHECK(seen.looks >= 4 * 60);
  all.evictions += seen.evictions;
  all.disrupted += seen.disrupted;
  all.empty_minutes += seen.empty_minutes;
}

TEST_CASE("random columns of Cluster Autoscaler keep minima, disruption budgets and the time of their timers") {
  Seen all;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Dice dice(seed);
    Rules rules;
    const std::string text = cluster_autoscaler_column(dice, rules);
    CAPTURE(text);
    const Folder folder;
    folder.put("walk.csv", walk(dice));
    obey(read_file(folder.put("s.yaml", text)), rules, false, all);
  }
  CHECK(all.evictions > 50);
  CHECK(all.empty_minutes > 50);
}

TEST_CASE("random columns of three groups under other flags of Cluster Autoscaler keep the same laws") {
  Seen all;
  for (std::uint64_t seed = 51; seed <= 56; ++seed) {
    Dice dice(seed);
    Rules rules;
    const std::string text = three_groups(dice, rules);
    CAPTURE(text);
    const Folder folder;
    folder.put("walk.csv", walk(dice));
    obey(read_file(folder.put("s.yaml", text)), rules, false, all);
  }
  CHECK(all.evictions > 20);
  CHECK(all.empty_minutes > 20);
}

TEST_CASE("random columns of Karpenter keep its budgets, disruption budgets and the time of consolidation") {
  Seen all;
  for (std::uint64_t seed = 101; seed <= 108; ++seed) {
    Dice dice(seed);
    Rules rules;
    const std::string pool = node_pool(dice, rules);
    const std::string text = karpenter_column(dice, rules);
    CAPTURE(text);
    CAPTURE(pool);
    const Folder folder;
    folder.put("walk.csv", walk(dice));
    folder.put("pool.yaml", pool);
    obey(read_file(folder.put("s.yaml", text)), rules, true, all);
  }
  CHECK(all.evictions > 50);
  CHECK(all.disrupted > 50);
  CHECK(all.empty_minutes > 5);
}

}  // namespace
}  // namespace plimsoll::engine
