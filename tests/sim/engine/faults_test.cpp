// Zones, Spot pools and hosts that go away, on whole columns.
#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

const std::string kSteady = [] {
  std::string text = kTwoApps;
  const std::size_t from = text.find("load:"), to = text.find('\n', from);
  text.replace(from, to - from, "load: {constant: 400/s, for: 2h, warmup: 30m, to: web}");
  return text;
}();

Run play(const scenario::Scenario& s, std::size_t column = 0) {
  Run run = build(s, column, 0, {.keep_events = true});
  run.world.run();
  return run;
}

void check_balance(const World& world) {
  for (const Usage& u : world.usage) CHECK(u.served + u.lost + u.backlog == u.arrived);
}

/// Of the pods of applications that should run at the end, the share that does.
double recovered(const World& world) {
  std::int64_t wanted = 0, serving = 0;
  for (const Workload& w : world.workloads()) {
    if (w.system) continue;
    wanted += w.desired;
    serving += w.serving;
  }
  return static_cast<double>(serving) / static_cast<double>(wanted);
}

TEST_CASE("a lost zone costs every column requests at first, and no column for ever") {
  const scenario::Scenario calm = read_text(kSteady);
  const scenario::Scenario s = read_text(kSteady + "events: [{at: 30m, fail: {zone: us-east-1b}, for: 30m}]\n");
  const Time lost_at = kTimeZero + minutes(60);
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    CAPTURE(s.columns[c].name);
    const Run quiet = play(calm, c);
    const Run run = play(s, c);
    const World& world = run.world;
    check_balance(world);
    // Nothing differs before the zone goes.
    std::size_t same_until = common_prefix(quiet.world.log, world.log);
    REQUIRE(same_until < world.log.size());
    CHECK(world.log[same_until].at >= lost_at);
    std::int64_t failed = 0, lost_pods = 0;
    for (const Node& n : world.nodes()) failed += n.is_lost() ? 1 : 0;
    for (const Pod& p : world.pods()) lost_pods += is_host_loss(p.end_reason) ? 1 : 0;
    CHECK(failed > 0);
    CHECK(lost_pods > 0);
    CHECK(world.usage[0].lost > quiet.world.usage[0].lost);
    // A third of the requests for a minute or two, of two hours: well below a tenth.
    CHECK(world.usage[0].lost < world.usage[0].arrived / 10);
    CHECK(recovered(world) > 0.99);
    // In the outage nothing starts in the zone.
    for (const Node& n : world.nodes()) {
      if (n.zone != ZoneId{1}) continue;
      const bool during = n.requested > lost_at && n.requested < lost_at + minutes(30);
      CHECK_FALSE(during);
    }
  }
}

const std::string kSpot = R"(
  spotTasks:
    type: ecs
    capacity:
      capacityProviderStrategy:
        - {capacityProvider: FARGATE, base: 1, weight: 1}
        - {capacityProvider: FARGATE_SPOT, weight: 3}
  spotInstances:
    type: ecs
    capacity:
      capacityProviders:
        od: {asg: {type: m5.large, min: 1, max: 10}}
        spot: {asg: {types: [m5.large, m5a.large], min: 1, max: 30, spot: true, capacityRebalance: true}}
      capacityProviderStrategy: [{capacityProvider: od, base: 1, weight: 1}, {capacityProvider: spot, weight: 2}]
    eniTrunking: true
  spotNodes:
    type: eks
    capacity:
      nodeGroup: {type: m5.large, min: 2, max: 30, spot: 70%, capacityRebalance: true}
      autoscaler: cluster-autoscaler
faults:
  pools: [{interruptions: 95%, batch: 30%, dry: 5m}]
  reclaims: [{at: 40m, share: 90%, dry: 10m}]
)";

TEST_CASE("a Spot storm: served + lost + waiting = arrived, nothing is billed above on-demand, everybody recovers") {
  const scenario::Scenario s = read_text(kSteady + kSpot, {}, {"spotTasks", "spotInstances", "spotNodes"});
  REQUIRE(s.columns.size() == 3);
  for (std::size_t c = 0; c < 3; ++c) {
    CAPTURE(s.columns[c].name);
    const Run run = play(s, c);
    const World& world = run.world;
    check_balance(world);
    CHECK(count(world, Fact::spot_notice) > 0);
    CHECK(recovered(world) > 0.8);
    std::int64_t interrupted = 0;
    for (const Node& n : world.nodes()) {
      if (n.end_reason != Reason::spot_interruption || n.terminating == kTimeNever) continue;
      ++interrupted;
      CHECK(n.purchase == PurchaseOption::spot);
      CHECK(n.terminating <= n.notice_deadline);
    }
    CHECK(count(world, Fact::spot_notice) >= interrupted);
    // Every node that was asked for runs, or ended, or was asked for just now.
    for (const Node& n : world.nodes()) {
      if (n.host == HostKind::ec2 && n.requested < world.end - minutes(10))
        CHECK((n.ready != kTimeNever || n.terminating != kTimeNever));
    }
    const auto& bill = dynamic_cast<const billing::Bill&>(const_cast<World&>(world).component(run.bill));
    for (const auto& spot : bill.lines()) {
      const std::size_t cut = spot.what.item.rfind("/spot");
      if (cut == std::string::npos) continue;
      for (const auto& other : bill.lines()) {
        const std::string base = spot.what.item.substr(0, cut);
        if (other.what.item == base || other.what.item == base + "/on-demand")
          CHECK(spot.what.rate.raw() <= other.what.rate.raw());
      }
    }
  }
}

TEST_CASE("two columns of one design live through the same storm; without faults the storm is not there") {
  const std::string twice =
      kSteady +
      "  a: &spot {type: eks, capacity: {nodeGroup: {type: m5.large, min: 2, max: 30, "
      "spot: true}, autoscaler: cluster-autoscaler}}\n  b: *spot\nfaults: {reclaims: [{at: 40m}]}\n";
  const scenario::Scenario s = read_text(twice, {}, {"a", "b"});
  CHECK(run_one(s, 0, 0, {}).trace_hash == run_one(s, 1, 0, {}).trace_hash);
  const Run run = play(s);
  CHECK(count(run.world, Fact::spot_notice) >= 2);
  for (const FactRecord& f : run.world.log) {
    if (f.fact == Fact::spot_notice) CHECK(f.at == kTimeZero + minutes(70));
  }
}

TEST_CASE("spot that is never interrupted: the same life at a lower price") {
  const std::string head = kSteady +
                           "  od: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 2, max: 30}, "
                           "autoscaler: cluster-autoscaler}}\n  sp: {type: eks, capacity: {nodeGroup: {type: m5.large, "
                           "min: 2, max: 30, spot: true}, autoscaler: cluster-autoscaler}}\n"
                           "faults: {pools: [{interruptions: 0%}]}\n";
  const scenario::Scenario s = read_text(head, {}, {"od", "sp"});
  const results::RunResult od = run_one(s, 0, 0, {}), sp = run_one(s, 1, 0, {});
  CHECK(od.served == sp.served);
  CHECK(od.nodes_mean == sp.nodes_mean);
  CHECK(sp.total < od.total);
}

TEST_CASE("broken hosts are replaced on every kind of capacity") {
  const scenario::Scenario s =
      read_text(kSteady + "faults: {nodeFailures: 99.9%}\n", {"load.for=8h"}, {"instances", "nodes"});
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    CAPTURE(s.columns[c].name);
    const Run run = play(s, c);
    check_balance(run.world);
    CHECK(recovered(run.world) > 0.9);
  }
}

}  // namespace
}  // namespace plimsoll::engine
