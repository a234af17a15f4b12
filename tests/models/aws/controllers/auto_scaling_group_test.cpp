// Also tests: auto_scaling_group_scale_in
#include "models/aws/controllers/auto_scaling_group.h"

#include <doctest/doctest.h>

#include <functional>

#include "models/aws/capacity/host_failures.h"
#include "sim/cluster/timeline.h"
#include "tests/models/aws/controllers/group_bench.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

struct Bench : testing::GroupBench {
  using Change = std::function<void(AutoScalingGroupConfig&, World&)>;
  explicit Bench(std::int64_t desired, bool draining = false, bool protect = false, const Change& change = {},
                 Faults faults = {}, Duration span = hours(1), std::vector<TimelineEvent> events = {})
      : GroupBench(span) {
    if (faults.node_failures.raw() > 0) world.attach(std::make_unique<HostFailures>(faults.node_failures));
    world.attach(std::make_unique<Timeline>(std::move(events)));
    auto market = std::make_unique<CapacityPools>(faults);
    pools = market.get();
    for (const char* type : {"test.large", "other.large"}) {
      for (int z = 0; z < 3; ++z) market->add(world, world.names.intern(type), ZoneId{z}, {});
    }
    const HandlerId market_id = world.attach(std::move(market));
    AutoScalingGroupConfig config = add_group(desired);
    config.managed_draining = draining;
    config.protect_busy = protect;
    config.pools = market_id;
    config.health_check = Delay::constant(seconds(150));
    if (change) change(config, world);
    finish(std::move(config));
    web = add_workload(world, "web", 100, 64);
  }
  void place_at(std::int64_t s, std::uint32_t node) {
    script->at(at_s(s), [id = web, node](World& w) { w.bind_pod(w.create_pod(id), NodeId{node}); });
  }

  CapacityPools* pools = nullptr;
  WorkloadId web;
};

TEST_CASE("instances come through running to ready, a zone each") {
  Bench b(3);
  b.world.run_until(at_s(100));
  REQUIRE(b.world.nodes().size() == 3);
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(b.node(i).zone == ZoneId{i});
    CHECK(b.node(i).requested == kTimeZero);
    CHECK(b.node(i).running == at_s(10));
    CHECK(b.node(i).ready == at_s(40));
    CHECK(b.node(i).state == NodeState::ready);
  }
}

TEST_CASE("a larger capacity is met two seconds later, in the emptiest zones") {
  Bench b(3);
  b.want_at(100, 5);
  b.world.run_until(at_s(300));
  REQUIRE(b.world.nodes().size() == 5);
  CHECK(b.node(3).requested == at_s(102));
  CHECK(b.node(3).zone == ZoneId{0});
  CHECK(b.node(4).zone == ZoneId{1});
  CHECK(b.node(4).ready == at_s(142));
}

TEST_CASE("scale-in takes the zones with most instances") {
  Bench b(5);  // zones a b c a b
  b.want_at(100, 3);
  b.world.run_until(at_s(300));
  CHECK(b.world.live_nodes().size() == 3);
  std::vector<int> per_zone(3, 0);
  for (const NodeId id : b.world.live_nodes()) ++per_zone[b.world.node(id).zone.index()];
  CHECK(per_zone == std::vector<int>{1, 1, 1});
  for (const Node& n : b.world.nodes()) {
    if (n.state == NodeState::ready) continue;
    CHECK(n.terminating == at_s(102));
    CHECK(n.terminated == at_s(122));
    CHECK(n.end_reason == Reason::scale_down);
  }
}

TEST_CASE("an instance that was lost is replaced") {
  Bench b(2);
  b.script->at(at_s(100), [](World& w) { w.terminate_node(NodeId{0}, Reason::node_lost); });
  b.world.run_until(at_s(300));
  REQUIRE(b.world.nodes().size() == 3);
  CHECK(b.node(2).requested == at_s(105));
  // Zones b and c: a is empty and c too; the first in order gets it.
  CHECK(b.node(2).zone == ZoneId{0});
  CHECK(b.world.live_nodes().size() == 2);
}

TEST_CASE("what was asked for and is not wanted any more never runs") {
  Bench b(0);
  b.want_at(10, 4);
  b.want_at(15, 1);
  b.world.run_until(at_s(300));
  CHECK(count_facts(b.world, Fact::node_requested) == 4);
  CHECK(count_facts(b.world, Fact::node_running) == 1);
  CHECK(b.world.live_nodes().size() == 1);
}

TEST_CASE("managed draining lets tasks go before the instance ends") {
  Bench b(1, true);
  b.place_at(50, 0);
  b.want_at(100, 0);
  b.script->at(at_s(160), [](World& w) { w.pod_ended(PodId{0}, Reason::node_drain); });
  b.world.run_until(at_s(600));
  CHECK(b.node(0).draining == at_s(102));
  CHECK(b.node(0).terminating == at_s(165));
  CHECK(b.node(0).terminated == at_s(185));
  CHECK(count_facts(b.world, Fact::node_requested) == 1);
}

TEST_CASE("managed draining gives up after 48 hours; a hook of the user's own is waited for as well") {
  Bench b(1, true, false, {}, {}, hours(60));
  b.place_at(50, 0);
  b.want_at(100, 0);
  const Time chosen = at_s(102), limit = chosen + hours(48);
  b.world.run_until(limit - microseconds(1));
  CHECK(b.node(0).draining == chosen);
  CHECK(b.node(0).state == NodeState::draining);  // a task that stands alone is not replaced
  b.world.run_until(limit);
  CHECK(b.node(0).terminating == limit);
  CHECK(b.world.pod(PodId{0}).end_reason == Reason::scale_down);

  LifecycleHook hook;
  hook.launching = false;
  hook.work = Delay::constant(minutes(20));
  Bench both(1, true, false, [&](AutoScalingGroupConfig& c, World&) { c.hooks = {hook}; });
  both.place_at(50, 0);
  both.want_at(100, 0);
  both.script->at(at_s(200), [](World& w) { w.pod_ended(PodId{0}, Reason::completed); });
  both.world.run_until(at_s(2000));
  CHECK(both.node(0).terminating == at_s(102) + minutes(20));
}

TEST_CASE("without draining the tasks end with their instance") {
  Bench b(1);
  b.place_at(50, 0);
  b.want_at(100, 0);
  b.world.run_until(at_s(600));
  CHECK(b.world.pod(PodId{0}).ended == at_s(102));
  CHECK(b.world.pod(PodId{0}).end_reason == Reason::scale_down);
}

TEST_CASE("termination protection spares busy instances") {
  Bench b(3, false, true);
  b.place_at(50, 0);
  b.place_at(50, 1);
  b.want_at(100, 0);
  b.world.run_until(at_s(600));
  CHECK(b.node(0).state == NodeState::ready);
  CHECK(b.node(1).state == NodeState::ready);
  CHECK(b.node(2).state == NodeState::terminated);
}

TEST_CASE("the n-th launch of a pool draws the same delays whatever happened before") {
  const auto second_boot = [](bool detour) {
    Bench b(1);
    if (detour) b.script->at(at_s(60), [](World& w) { w.create_pod(WorkloadId{0}); });
    b.want_at(detour ? 500 : 100, 2);
    b.world.run_until(at_s(900));
    return b.node(1).ready - b.node(1).requested;
  };
  CHECK(second_boot(false) == second_boot(true));
}

/// Two types, the second cheaper; half of what is above one instance is Spot.
void mixed(AutoScalingGroupConfig& config, World& world) {
  config.options = {{config.node, Rate{100}, Rate{40}}, {config.node, Rate{90}, Rate{30}}};
  config.options[1].node.instance_type = world.names.intern("other.large");
  config.distribution.on_demand_base = 1;
  config.distribution.on_demand_percent = 50;
}

std::int64_t live_spot(const World& world) {
  std::int64_t n = 0;
  for (const NodeId id : world.live_nodes()) n += world.node(id).purchase == PurchaseOption::spot ? 1 : 0;
  return n;
}

std::vector<TimelineEvent> lost_zone(Duration at, Duration span) { return {{at, ZoneFailure{"zone-a", span}}}; }

Faults taken(Duration at, std::int64_t share, Duration dry) {
  Faults f;
  Reclaim r;
  r.at = at;
  r.share = percent(share);
  r.dry = dry;
  f.reclaims.push_back(r);
  return f;
}

TEST_CASE("a mixed group: the base and half of the rest on demand, in the order of the overrides; Spot by price") {
  Bench b(6, false, false, mixed);
  b.world.run_until(at_s(200));
  // 1 + ceil(5 x 50 %) = 4 on demand, 2 Spot.
  CHECK(live_spot(b.world) == 2);
  for (const NodeId id : b.world.live_nodes()) {
    const Node& n = b.world.node(id);
    const bool first = b.world.names.text(n.instance_type) == "test.large";
    if (n.purchase == PurchaseOption::on_demand) CHECK(first);
    CHECK_FALSE(n.pool.is_none());
  }
  // Down to 3: 1 + ceil(2 x 50 %) = 2 on demand, 1 Spot.
  b.script = nullptr;
  b.world.set_group_desired(b.group, 3);
  b.world.run_until(at_s(400));
  CHECK(b.world.live_nodes().size() == 3);
  CHECK(live_spot(b.world) == 1);
}

TEST_CASE("Spot instances that were taken are not replaced while no pool has any; on-demand ones never stand in") {
  Bench b(7, false, false, mixed, taken(minutes(10), 100, minutes(10)));
  b.world.run_until(at_s(600 + 300));
  CHECK(live_spot(b.world) == 0);
  CHECK(b.world.live_nodes().size() == 4);
  CHECK(count_facts(b.world, Fact::launch_refused) >= 2);
  b.world.run_until(at_s(600 + 600 + 200));
  CHECK(live_spot(b.world) == 3);
  CHECK(b.world.live_nodes().size() == 7);
}

TEST_CASE("capacity rebalancing launches before the notice ends the old one") {
  const auto rebalanced = [](AutoScalingGroupConfig& config, World& world) {
    mixed(config, world);
    config.distribution.on_demand_base = 0;
    config.distribution.on_demand_percent = 0;
    config.capacity_rebalance = true;
  };
  Faults f;
  Reclaim r;
  r.at = minutes(10);
  r.type = "other.large";
  r.dry = hours(1);
  f.reclaims.push_back(r);
  Bench b(4, false, false, rebalanced, f);
  b.world.run_until(at_s(599));
  CHECK(b.world.nodes().size() == 4);
  b.world.run_until(at_s(600));
  const std::size_t launched = b.world.nodes().size();
  CHECK(launched > 4);
  b.world.run_until(at_s(900));
  std::int64_t left = 0;
  for (const Node& n : b.world.nodes()) {
    if (n.state == NodeState::ready) ++left;
    // Replacements take 40 s, so none of the old ones is left for AWS to take.
    CHECK(n.end_reason != Reason::spot_interruption);
  }
  CHECK(left == 4);
}

TEST_CASE("a lost zone: found unhealthy, replaced in the others, evened out when it is back") {
  Bench b(6, false, false, {}, {}, hours(1), lost_zone(minutes(10), minutes(10)));
  b.world.run_until(at_s(600));
  for (const Node& n : b.world.nodes()) CHECK(n.is_lost() == (n.zone == ZoneId{0}));
  b.world.run_until(at_s(600 + 149));
  CHECK(b.world.nodes().size() == 6);
  // 150 s to be found, 5 s to react, 40 s to be ready.
  b.world.run_until(at_s(600 + 150 + 5 + 41));
  std::vector<int> per_zone(3, 0);
  for (const NodeId id : b.world.live_nodes()) {
    if (b.world.node(id).state == NodeState::ready) ++per_zone[b.world.node(id).zone.index()];
  }
  CHECK(per_zone == std::vector<int>{0, 3, 3});
  b.world.run_until(at_s(2400));
  per_zone.assign(3, 0);
  for (const NodeId id : b.world.live_nodes()) ++per_zone[b.world.node(id).zone.index()];
  CHECK(per_zone == std::vector<int>{2, 2, 2});
  for (const Node& n : b.world.nodes()) {
    if (n.is_lost()) CHECK(n.end_reason == Reason::node_lost);
  }
}

TEST_CASE("without AZRebalance zones stay as they are") {
  Bench b(
      6, false, false, [](AutoScalingGroupConfig& c, World&) { c.zone_rebalance = false; }, {}, hours(1),
      lost_zone(minutes(10), minutes(10)));
  b.world.run();
  std::vector<int> per_zone(3, 0);
  for (const NodeId id : b.world.live_nodes()) ++per_zone[b.world.node(id).zone.index()];
  CHECK(per_zone == std::vector<int>{0, 3, 3});
}

TEST_CASE("instance refresh: a tenth at a time, or launched first") {
  for (const std::int64_t most : {100, 110}) {
    CAPTURE(most);
    Bench b(10, false, false, [most](AutoScalingGroupConfig& c, World&) {
      c.refreshes = {{minutes(5), {90, most, Duration{}}}};
    });
    std::int64_t fewest = 10, largest = 10;
    for (int s = 290; s < 3000; s += 5) {
      b.world.run_until(at_s(s));
      std::int64_t ready = 0, live = 0;
      for (const NodeId id : b.world.live_nodes()) {
        ready += b.world.node(id).state == NodeState::ready ? 1 : 0;
        live += b.world.node(id).state != NodeState::terminating ? 1 : 0;
      }
      fewest = std::min(fewest, ready);
      largest = std::max(largest, live);
    }
    CHECK(fewest == (most == 100 ? 9 : 10));
    CHECK(largest == (most == 100 ? 10 : 11));
    CHECK_FALSE(b.groups->refreshing(b.group));
    for (std::uint32_t i = 0; i < 10; ++i) CHECK(b.node(i).end_reason == Reason::rollout);
    CHECK(b.world.nodes().size() == 20);
  }
}

TEST_CASE("an instance refresh pauses at its checkpoints, and ends with the last one") {
  Bench b(10, false, false, [](AutoScalingGroupConfig& c, World&) {
    InstanceRefresh refresh{50, 100, Duration{}};
    refresh.checkpoints = {20, 50};
    refresh.checkpoint_delay = minutes(10);
    c.refreshes = {{minutes(5), refresh}};
  });
  const auto replaced = [&] {
    std::int64_t n = 0;
    for (const Node& node : b.world.nodes()) n += node.end_reason == Reason::rollout ? 1 : 0;
    return n;
  };
  // Two at 300 s; their successors join within a minute, and ten minutes later three more may go.
  b.world.run_until(at_s(890));
  CHECK(replaced() == 2);
  CHECK(b.groups->refreshing(b.group));
  b.world.run_until(at_s(1100));
  CHECK(replaced() == 5);
  b.world.run_until(at_s(3500));
  CHECK(replaced() == 5);
  CHECK_FALSE(b.groups->refreshing(b.group));
}

TEST_CASE("maximum instance lifetime replaces, a tenth at a time") {
  Bench b(3, false, false, [](AutoScalingGroupConfig& c, World&) { c.max_lifetime = minutes(20); });
  b.world.run_until(at_s(1200 + 60 * 8));
  CHECK(b.world.nodes().size() == 6);
  for (std::uint32_t i = 0; i < 3; ++i) CHECK(b.node(i).terminating >= at_s(1200));
}

TEST_CASE("a launch hook holds the instance back; one that runs out of time abandons it") {
  LifecycleHook hook;
  hook.work = Delay::constant(seconds(90));
  Bench slow(1, false, false, [&](AutoScalingGroupConfig& c, World&) { c.hooks = {hook}; });
  slow.world.run_until(at_s(200));
  CHECK(slow.node(0).ready == at_s(10 + 90));
  hook.heartbeat = seconds(60);
  Bench late(1, false, false, [&](AutoScalingGroupConfig& c, World&) { c.hooks = {hook}; });
  late.world.run_until(at_s(100));
  CHECK(late.node(0).terminating == at_s(10 + 60));
  CHECK(late.node(0).end_reason == Reason::launch_failed);
  CHECK(late.world.nodes().size() == 2);
  hook.default_continue = true;
  Bench goes_on(1, false, false, [&](AutoScalingGroupConfig& c, World&) { c.hooks = {hook}; });
  goes_on.world.run_until(at_s(200));
  CHECK(goes_on.node(0).ready == at_s(10 + 60));
}

TEST_CASE("a termination hook keeps the instance for its work") {
  LifecycleHook hook;
  hook.launching = false;
  hook.work = Delay::constant(seconds(45));
  Bench b(1, false, false, [&](AutoScalingGroupConfig& c, World&) { c.hooks = {hook}; });
  b.want_at(100, 0);
  b.world.run_until(at_s(300));
  CHECK(b.node(0).terminating == at_s(102 + 45));
  CHECK(b.world.nodes().size() == 1);
}

TEST_CASE("scheduled actions set bounds and desired capacity") {
  Bench b(1, false, false, [](AutoScalingGroupConfig& c, World&) {
    c.schedule = {{minutes(10), Duration{}, 4, std::nullopt, std::nullopt},
                  {minutes(30), Duration{}, 0, 2, std::nullopt}};
  });
  b.world.run_until(at_s(900));
  CHECK(b.world.live_nodes().size() == 4);
  b.world.run_until(at_s(2000));
  CHECK(b.world.live_nodes().size() == 2);
  CHECK(b.world.group(b.group).maximum == 2);
}

TEST_CASE("every launch joins, fails or ends, and the group stays within its bounds and the allowed overshoot") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Faults f;
    Reclaim r;
    r.at = minutes(40);
    r.share = percent(60);
    r.dry = minutes(7);
    f.reclaims.push_back(r);
    f.node_failures = percent(99);
    Bench b(
        8, true, false,
        [](AutoScalingGroupConfig& c, World& w) {
          mixed(c, w);
          c.capacity_rebalance = true;
          c.delays = {};
        },
        f, hours(3), lost_zone(minutes(20), minutes(15)));
    for (int i = 1; i < 30; ++i) {
      const std::int64_t to = static_cast<std::int64_t>(mix64(seed * 100 + static_cast<std::uint64_t>(i)) % 11);
      b.want_at(i * 300, to);
    }
    for (int s = 0; s <= 3 * 3600; s += 20) {
      b.world.run_until(at_s(s));
      std::int64_t members = 0;
      for (const NodeId id : b.world.live_nodes()) {
        const NodeState state = b.world.node(id).state;
        members += state != NodeState::terminating && state != NodeState::draining ? 1 : 0;
      }
      REQUIRE(members <= 11);  // maximum 10, and one for rebalancing
    }
    for (const Node& n : b.world.nodes()) {
      if (n.requested > at_s(3 * 3600 - 600)) continue;
      CHECK((n.ready != kTimeNever || n.terminating != kTimeNever));
    }
  }
}

TEST_CASE("beyond the account's vCPUs a group is refused and tries again") {
  testing::GroupBench b;
  Faults faults;
  faults.quotas.on_demand[0] = 7;  // three of two vCPUs
  auto own = std::make_unique<CapacityPools>(faults);
  CapacityPools& pools = *own;
  PoolLaw law;
  law.quota_vcpus = 2;
  for (int z = 0; z < 3; ++z) pools.add(b.world, b.world.names.intern("test.large"), ZoneId{z}, law);
  AutoScalingGroupConfig config = b.add_group(2);
  config.pools = b.world.attach(std::move(own));
  b.finish(config);
  b.want_at(600, 5);
  b.want_at(1'500, 3);
  b.world.run();
  std::int64_t live_nodes = 0;
  for (const NodeId id : b.world.live_nodes()) live_nodes += b.world.node(id).state == NodeState::ready ? 1 : 0;
  CHECK(live_nodes == 3);
  bool told = false;
  for (const FactRecord& f : b.world.log) {
    if (f.fact != Fact::launch_refused) continue;
    told = true;
    CHECK(f.reason == Reason::vcpu_limit);
    CHECK(f.value == 2);
    CHECK(f.at < at_s(1'503));
  }
  CHECK(told);
  // From the third launch that is asked for, two seconds after the resize, until the group wants no more than it has.
  const auto limits = pools.binding_limits(b.world);
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].share == doctest::Approx(900.0 / 3600));
}

}  // namespace
}  // namespace plimsoll::aws
