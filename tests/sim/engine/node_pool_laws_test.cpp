// Laws of Karpenter on random NodePools: policies, waits, lifetimes, startup taints, protection, budgets by the hour.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/engine/columns.h"
#include "tests/sim/engine/drawn_columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// What a drawn NodePool says.
struct PoolRules {
  std::string name;
  bool empty_only = false, protected_nodes = false, startup = false;
  std::optional<Duration> consolidate_after, expire_after;  ///< none: Never
  std::int64_t percent = 10;
  Duration closed_from{}, closed_for{};  ///< every day: the budget is 0
};

std::string text_of(const std::optional<Duration>& d) {
  return d ? std::to_string(d->count() / 1'000'000) + "s" : "Never";
}

PoolRules draw_pool(Dice& dice, const std::string& name) {
  PoolRules r;
  r.name = name;
  r.empty_only = dice.between(0, 2) == 0;
  r.protected_nodes = dice.between(0, 5) == 0;
  r.startup = dice.between(0, 1) == 0;
  r.consolidate_after = seconds(dice.one_of<std::int64_t>({0, 30, 120}));
  if (dice.between(0, 5) == 0) r.consolidate_after.reset();
  if (dice.between(0, 1) == 0) r.expire_after = minutes(dice.between(40, 120));
  r.percent = dice.one_of<std::int64_t>({10, 30, 100});
  r.closed_from = hours(dice.between(1, 3));
  r.closed_for = minutes(dice.between(10, 50));
  return r;
}

std::string pool_yaml(const PoolRules& r, std::int64_t weight) {
  const std::int64_t hour = r.closed_from.count() / hours(1).count();
  return "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: " + r.name +
         "}\nspec:\n  weight: " + std::to_string(weight) +
         "\n  limits: {cpu: 40}\n  template:\n    metadata: {annotations: {" +
         (r.protected_nodes ? "karpenter.sh/do-not-disrupt: \"true\"" : "") +
         "}}\n    spec:\n      expireAfter: " + text_of(r.expire_after) + "\n" +
         (r.startup ? "      startupTaints: [{key: " + r.name + "/starting, effect: NoSchedule}]\n" : "") +
         R"(      requirements:
        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}
        - {key: karpenter.k8s.aws/instance-category, operator: In, values: [c, m]}
        - {key: karpenter.k8s.aws/instance-generation, operator: Gt, values: ["5"]}
        - {key: karpenter.k8s.aws/instance-size, operator: In, values: [large, xlarge, 2xlarge]}
        - {key: kubernetes.io/arch, operator: In, values: [amd64]}
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
  disruption:
    consolidationPolicy: )" +
         (r.empty_only ? "WhenEmpty" : "WhenEmptyOrUnderutilized") +
         "\n    consolidateAfter: " + text_of(r.consolidate_after) +
         "\n    budgets:\n      - nodes: " + std::to_string(r.percent) + "%\n      - {nodes: \"0\", schedule: \"0 " +
         std::to_string(hour) + " * * *\", duration: " + std::to_string(r.closed_for.count() / 60'000'000) + "m}\n";
}

/// Checks every disruption, and once a minute every node.
class PoolLaws : public ComponentOf<PoolLaws> {
 public:
  explicit PoolLaws(std::vector<PoolRules> pools) : pools_(std::move(pools)) {}
  bool watches() const override { return true; }
  void start(World& world) override {
    label_ = world.names.intern("karpenter.sh/nodepool");
    world.wake(handler, world.now(), Phase::end);
  }
  void handle(World& world, const Event&) override {
    for (const NodeId id : world.live_nodes()) look_at(world, world.node(id));
    world.wake(handler, world.now() + minutes(1), Phase::end);
  }
  void on_fact(World& world, const FactRecord& f) override {
    if (f.fact == Fact::pod_bound && !world.workload(f.workload).daemon) {
      if (const PoolRules* p = pool_of(world, world.node(f.node))) REQUIRE_FALSE(is_starting(world, f.node, *p));
    }
    if (f.fact == Fact::node_terminated && pool_of(world, world.node(f.node)) != nullptr) ++ended;
    if (f.fact != Fact::node_draining) return;
    const PoolRules* p = pool_of(world, world.node(f.node));
    if (p == nullptr) return;
    CAPTURE(p->name);
    CAPTURE(f.node.value());
    CAPTURE(to_string(f.at - kTimeZero));
    if (f.reason == Reason::expired) {
      ++expired;
      REQUIRE(p->expire_after.has_value());
      return;
    }
    if (f.reason != Reason::consolidation) return;
    ++consolidated;
    REQUIRE(p->consolidate_after.has_value());
    REQUIRE_FALSE(p->protected_nodes);
    REQUIRE_FALSE(is_closed(world, *p, f.at));
    if (p->empty_only) REQUIRE(is_empty(world, f.node));
    std::int64_t nodes = 0, leaving = 0;
    for (const NodeId id : world.live_nodes()) {
      const Node& n = world.node(id);
      if (pool_of(world, n) != p) continue;
      nodes += n.state == NodeState::ready || n.state == NodeState::draining ? 1 : 0;
      leaving += n.state == NodeState::draining ? 1 : 0;
    }
    REQUIRE(leaving <= (p->percent * nodes + 99) / 100);
  }

  std::int64_t consolidated = 0, expired = 0, ended = 0, idle_minutes = 0, started = 0;

 private:
  const PoolRules* pool_of(const World& world, const Node& node) const {
    if (node.host != HostKind::ec2 || !node.group.is_none()) return nullptr;
    const std::string_view name = world.names.text(node.labels.find(label_));
    for (const PoolRules& p : pools_) {
      if (p.name == name) return &p;
    }
    return nullptr;
  }
  /// The calendar's day begins with the window.
  static bool is_closed(const World& world, const PoolRules& p, Time at) {
    const Duration of_day = at - world.window_start;
    return of_day >= p.closed_from && of_day < p.closed_from + p.closed_for;
  }
  static bool is_empty(const World& world, NodeId id) {
    for (const PodId p : world.pods_on(id)) {
      if (!world.pod(p).daemon && world.pod(p).state != PodState::stopping) return false;
    }
    return true;
  }
  static bool is_starting(const World& world, NodeId id, const PoolRules& p) {
    const NameId key = world.names.find(p.name + "/starting");
    const std::vector<Taint>& taints = world.node(id).taints;
    return p.startup && std::any_of(taints.begin(), taints.end(), [key](const Taint& t) { return t.key == key; });
  }

  void look_at(const World& world, const Node& n) {
    const PoolRules* p = pool_of(world, n);
    if (p == nullptr) return;
    CAPTURE(p->name);
    CAPTURE(n.id.value());
    CAPTURE(to_string(world.now() - kTimeZero));
    const Time now = world.now();
    if (n.state == NodeState::requested || n.state == NodeState::running) {
      REQUIRE(now - n.requested <= minutes(16));
      return;
    }
    if (n.state != NodeState::ready) {
      idle_since_.erase(n.id.value());
      return;
    }
    // A lifetime is over to the second; budgets do not hold it.
    if (p->expire_after) REQUIRE(now - n.requested <= *p->expire_after);
    if (is_starting(world, n.id, *p)) {
      ++started;
      REQUIRE(now - n.ready <= minutes(2));
    }
    const bool may_go = p->consolidate_after && !p->protected_nodes && !is_closed(world, *p, now);
    if (!may_go || !is_empty(world, n.id)) {
      idle_since_.erase(n.id.value());
      return;
    }
    const Time since = idle_since_.emplace(n.id.value(), now).first->second;
    ++idle_minutes;
    // A pass every 10 s, 15 s of validation, nominations of 20 s, and one node of the pool after the other at worst.
    REQUIRE(now - since <= *p->consolidate_after + minutes(4) + minutes(static_cast<std::int64_t>(idle_since_.size())));
  }

  std::vector<PoolRules> pools_;
  NameId label_;
  std::map<std::uint32_t, Time> idle_since_;
};

TEST_CASE("nodes of random NodePools serve or go in the time that their rules say, and budgets hold by the hour") {
  std::int64_t consolidated = 0, expired = 0, idle = 0, ended = 0;
  for (std::uint64_t seed = 201; seed <= 208; ++seed) {
    Dice dice(seed);
    const std::vector<PoolRules> pools{draw_pool(dice, "first"), draw_pool(dice, "second")};
    std::string text = head(dice) + "calendar: \"2026-03-02\"\napps:\n";
    for (const char* app : {"web", "api"}) {
      const std::int64_t least = dice.between(2, 6);
      text += std::string("  ") + app + ": {size: " + dice.one_of<std::string>({"500m/1Gi", "900m/2Gi", "1500m/2Gi"}) +
              ", work: " + std::to_string(dice.between(8, 20)) +
              "ms, start: {cpu: 2s}, image: 60MB, scale: {cpu: 60%, " + "min: " + std::to_string(least) +
              ", max: " + std::to_string(least + dice.between(10, 30)) + "}" +
              (app == std::string("web") ? ", calls: {api: 0.5}" : "") + "}\n";
    }
    text +=
        "platforms:\n  pools:\n    type: eks\n    capacity: {bootstrap: {type: m5.large, count: 2}, nodePools: "
        "[first.yaml, second.yaml], karpenterMinor: " +
        std::to_string(dice.one_of<std::int64_t>({5, 13, 14})) + "}\n";
    CAPTURE(text);
    const Folder folder;
    folder.put("walk.csv", walk(dice));
    folder.put("first.yaml", pool_yaml(pools[0], 10));
    folder.put("second.yaml", pool_yaml(pools[1], 5));
    const scenario::Scenario s = read_file(folder.put("s.yaml", text));
    Run run = build(s, 0, 0, {false, true});
    const HandlerId laws = run.world.attach(std::make_unique<PoolLaws>(pools));
    run.world.run();
    const PoolLaws& seen = dynamic_cast<const PoolLaws&>(run.world.component(laws));
    consolidated += seen.consolidated;
    expired += seen.expired;
    idle += seen.idle_minutes;
    ended += seen.ended;
  }
  // Enough to judge by.
  CHECK(consolidated > 50);
  CHECK(expired > 20);
  CHECK(idle > 5);
  CHECK(ended > 80);
}

}  // namespace
}  // namespace plimsoll::engine
