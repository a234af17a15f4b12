#include "models/aws/spot/capacity_pools.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/sim/cluster/small_world.h"

// Also tests: attach

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

/// One pool of "test.large" in zone-a, ten Spot instances and two on-demand ones that run from the start.
struct Market {
  explicit Market(PoolLaw law, Faults faults = {}, Duration span = hours(24), std::uint64_t seed = 1)
      : world(small_world(span, 3, seed)) {
    auto p = std::make_unique<CapacityPools>(std::move(faults));
    pools = p.get();
    pool = pools->add(world, world.names.intern("test.large"), ZoneId{0}, law);
    world.attach(std::move(p));
    for (std::uint64_t i = 0; i < 12; ++i) {
      NodeSpec spec = node_spec(world, 2000, 8192);
      spec.pool = pool;
      spec.purchase = i < 10 ? PurchaseOption::spot : PurchaseOption::on_demand;
      spec.tag = i;
      const NodeId id = world.request_node(spec);
      world.node_running(id);
      world.node_ready(id);
    }
  }
  std::int64_t taken() const {
    std::int64_t n = 0;
    for (const Node& node : world.nodes()) n += node.end_reason == Reason::spot_interruption ? 1 : 0;
    return n;
  }
  World world;
  CapacityPools* pools = nullptr;
  PoolId pool;
};

Faults reclaim(Duration at, std::int64_t share, Duration dry, bool on_demand = false) {
  Faults f;
  Reclaim r;
  r.at = at;
  r.share = percent(share);
  r.dry = dry;
  r.on_demand_dry = on_demand;
  f.reclaims.push_back(r);
  return f;
}

TEST_CASE("a reclaim of everything: recommendation, notice, and two minutes later the end") {
  Market m({0}, reclaim(hours(1), 100, minutes(30)));
  m.world.run();
  CHECK(m.taken() == 10);
  for (std::uint32_t i = 0; i < 12; ++i) {
    const Node& n = m.world.node(NodeId{i});
    if (i < 10) {
      CHECK(n.notice_deadline == at_s(3600 + 120));
      CHECK(n.terminating == at_s(3600 + 120));
    } else {
      CHECK(n.state == NodeState::ready);
    }
  }
  CHECK(count_facts(m.world, Fact::rebalance_recommended) == 10);
  CHECK(count_facts(m.world, Fact::spot_notice) == 10);
}

TEST_CASE("while a pool is dry nothing is granted, on demand only when the scenario says so") {
  for (const bool on_demand : {false, true}) {
    Market m({0}, reclaim(hours(1), 50, minutes(30), on_demand));
    m.world.run_until(at_s(3600 + 10));
    CHECK(m.pools->request(m.world, m.pool, PurchaseOption::spot, 3).refused == 3);
    CHECK(m.pools->depth(m.world, m.pool, PurchaseOption::spot) == 0);
    CHECK(m.pools->request(m.world, m.pool, PurchaseOption::on_demand, 3).granted == (on_demand ? 0 : 3));
    CHECK(m.pools->next_change(m.pool, m.world.now()) == at_s(3600 + 1800));
    CHECK_FALSE(m.pools->available(m.pool, PurchaseOption::spot, at_s(3600 + 1799)));
    CHECK(m.pools->available(m.pool, PurchaseOption::spot, at_s(3600 + 1800)));
    CHECK(m.pools->next_change(m.pool, at_s(3600 + 1800)) == kTimeNever);
  }
}

TEST_CASE("a limit grants in part") {
  PoolLaw law{0};
  law.limit = 14;
  Market m(law);
  m.world.run_until(at_s(1));
  const CapacityAnswer a = m.pools->request(m.world, m.pool, PurchaseOption::spot, 5);
  CHECK(a.granted == 2);
  CHECK(a.refused == 3);
}

TEST_CASE("a lost zone gives nothing for as long") {
  Market m({0});
  m.world.run_until(at_s(600));
  CHECK(m.pools->request(m.world, m.pool, PurchaseOption::on_demand, 2).granted == 2);
  m.world.lose_zone(ZoneId{0});
  CHECK(m.pools->request(m.world, m.pool, PurchaseOption::on_demand, 2).refused == 2);
  m.world.restore_zone(ZoneId{0});
  CHECK(m.pools->request(m.world, m.pool, PurchaseOption::on_demand, 2).granted == 2);
}

TEST_CASE("events come at hazard over batch, and take a batch on average") {
  // 0.5 per instance and hour in batches of 25 %: two events an hour, 4,000 in 2,000 hours.
  PoolLaw law;
  law.hazard_per_hour = 0.5;
  law.batch = 0.25;
  Market m(law, {}, hours(2000));
  m.world.run_until(kTimeZero);
  const std::vector<PoolEvent>& path = m.pools->path(m.pool);
  CHECK(static_cast<double>(path.size()) == doctest::Approx(4000).epsilon(0.06));
  double share = 0;
  for (const PoolEvent& e : path) {
    share += e.share;
    CHECK(e.rebalance <= e.notice);
    CHECK(e.dry_until >= e.notice);
    CHECK(e.share >= 0);
    CHECK(e.share <= 0.5);
  }
  CHECK(share / static_cast<double>(path.size()) == doctest::Approx(0.25).epsilon(0.03));
}

TEST_CASE("the path is drawn before anybody acts: what runs and other pools do not change it") {
  PoolLaw law;
  law.hazard_per_hour = 0.05;
  Market plain(law), other(law);
  other.pools->add(other.world, other.world.names.intern("other.large"), ZoneId{0}, law);
  for (std::uint32_t i = 0; i < 5; ++i) other.world.terminate_node(NodeId{i}, Reason::scale_down);
  plain.world.run();
  other.world.run();
  REQUIRE(plain.pools->path(plain.pool).size() == other.pools->path(other.pool).size());
  for (std::size_t k = 0; k < plain.pools->path(plain.pool).size(); ++k)
    CHECK(plain.pools->path(plain.pool)[k].notice == other.pools->path(other.pool)[k].notice);
  // The instances that both have are taken at the same instants.
  for (std::uint32_t i = 5; i < 10; ++i)
    CHECK(plain.world.node(NodeId{i}).terminating == other.world.node(NodeId{i}).terminating);
}

TEST_CASE("laws: the advisor's band, and what the scenario overrides") {
  document::Diagnostics diagnostics;
  document::Fields fields(document::Node::null(), diagnostics, "");
  Setting setting;
  setting.region = "us-east-1";
  setting.as_of = "today";
  const auto prices = PriceBook::open(fields, setting);
  REQUIRE(prices != nullptr);
  const InstanceType* type = prices->catalogue().find_type("m5.large");
  const auto band = prices->catalogue().interruption_band("us-east-1", *type);
  REQUIRE(band.has_value());
  const double middle[] = {0.025, 0.075, 0.125, 0.175, 0.25};
  const PoolLaw law = pool_law(*prices, {}, "m5.large", "us-east-1a");
  // -ln(1 - f) per 730 hours.
  CHECK(1 - std::pow(2.718281828459045, -730 * law.hazard_per_hour) == doctest::Approx(middle[*band]));
  CHECK_FALSE(law.on_demand_dry);

  Faults faults;
  PoolFaults p;
  p.type = "m5.*";
  p.zone = "us-east-1b";
  p.interruptions = percent(50);
  p.batch = percent(40);
  p.dry = minutes(5);
  p.limit = 7;
  faults.pools.push_back(p);
  CHECK(pool_law(*prices, faults, "m5.large", "us-east-1a").limit == -1);
  CHECK(pool_law(*prices, faults, "m6i.large", "us-east-1b").limit == -1);
  const PoolLaw own = pool_law(*prices, faults, "m5.large", "us-east-1b");
  CHECK(own.limit == 7);
  CHECK(own.batch == doctest::Approx(0.4));
  CHECK(own.dry == minutes(5));
  CHECK(own.hazard_per_hour == doctest::Approx(0.693147 / 730).epsilon(1e-5));
}

}  // namespace
}  // namespace plimsoll::aws
