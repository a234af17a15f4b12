#include "models/aws/capacity/vcpu_quota.h"

#include <doctest/doctest.h>

#include "models/aws/spot/capacity_pools.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

TEST_CASE("every family counts against the quota of its kind") {
  for (const char* family :
       {"a1", "c7gn", "d3en", "h1", "i4i", "im4gn", "is4gen", "m5", "m7i-flex", "r6g", "t3a", "z1d"})
    CHECK_MESSAGE(quota_kind(family) == InstanceKind::standard, family);
  const std::pair<const char*, InstanceKind> others[] = {{"dl1", InstanceKind::dl},
                                                         {"f1", InstanceKind::f},
                                                         {"g5", InstanceKind::g_vt},
                                                         {"g6e", InstanceKind::g_vt},
                                                         {"gr6", InstanceKind::g_vt},
                                                         {"vt1", InstanceKind::g_vt},
                                                         {"hpc7a", InstanceKind::hpc},
                                                         {"inf2", InstanceKind::inf},
                                                         {"p3dn", InstanceKind::p},
                                                         {"p4d", InstanceKind::p},
                                                         {"p5en", InstanceKind::p5},
                                                         {"trn1n", InstanceKind::trn},
                                                         {"u-6tb1", InstanceKind::high_memory},
                                                         {"u7i-12tb", InstanceKind::high_memory},
                                                         {"x2gd", InstanceKind::x}};
  for (const auto& [family, kind] : others) CHECK_MESSAGE(quota_kind(family) == kind, family);
  CHECK_FALSE(quota_kind("mac2"));  // dedicated hosts
}

AccountQuotas quotas_of(std::int64_t on_demand, std::optional<std::int64_t> spot = {}) {
  AccountQuotas out;
  out.on_demand[static_cast<std::size_t>(InstanceKind::standard)] = on_demand;
  out.spot[static_cast<std::size_t>(InstanceKind::standard)] = spot;
  return out;
}

/// Pools of four and two vCPUs, one that no quota counts, and a launch of each on demand and on Spot.
struct QuotaBench {
  explicit QuotaBench(AccountQuotas quotas) : world(small_world()) {
    Faults faults;
    faults.quotas = quotas;
    auto p = std::make_unique<CapacityPools>(std::move(faults));
    pools = p.get();
    const auto add = [&](const char* type, std::int64_t vcpus) {
      PoolLaw law;
      law.quota_vcpus = vcpus;
      return pools->add(world, world.names.intern(type), ZoneId{0}, law);
    };
    four = add("four", 4);
    two = add("two", 2);
    uncounted = add("uncounted", 0);
    world.attach(std::move(p));
  }
  NodeId launch(PoolId pool, PurchaseOption purchase) {
    NodeSpec spec = node_spec(world, 2000, 8192);
    spec.pool = pool;
    spec.purchase = purchase;
    return world.request_node(spec);
  }
  std::int64_t granted(PoolId pool, PurchaseOption purchase, std::int64_t count) const {
    return pools->request(world, pool, purchase, count).granted;
  }
  World world;
  CapacityPools* pools = nullptr;
  PoolId four, two, uncounted;
};

TEST_CASE("without a quota everything is granted, and nobody is held back") {
  QuotaBench b({});
  for (int i = 0; i < 50; ++i) b.launch(b.four, PurchaseOption::on_demand);
  CHECK(b.granted(b.four, PurchaseOption::on_demand, 1'000) == 1'000);
  CHECK_FALSE(b.pools->held_by_quota(b.world, b.four, PurchaseOption::on_demand));
  b.pools->note_quota(b.world, {}, PurchaseOption::on_demand, true);
  CHECK(b.pools->binding_limits(b.world).empty());
}

TEST_CASE("vCPUs of what runs and of what is on its way count, each purchase option by itself") {
  QuotaBench b(quotas_of(14, 4));
  const NodeId first = b.launch(b.four, PurchaseOption::on_demand);
  b.launch(b.four, PurchaseOption::on_demand);  // 8 of 14
  b.launch(b.uncounted, PurchaseOption::on_demand);
  CHECK(b.granted(b.four, PurchaseOption::on_demand, 5) == 1);  // 6 left
  CHECK(b.granted(b.two, PurchaseOption::on_demand, 5) == 3);
  CHECK(b.granted(b.uncounted, PurchaseOption::on_demand, 5) == 5);
  CHECK(b.granted(b.four, PurchaseOption::spot, 5) == 1);
  b.launch(b.four, PurchaseOption::on_demand);  // 12
  CHECK(b.pools->held_by_quota(b.world, b.four, PurchaseOption::on_demand));
  CHECK_FALSE(b.pools->held_by_quota(b.world, b.two, PurchaseOption::on_demand));
  // A stopped instance gives its vCPUs back, one that ends too.
  b.world.node_running(first);
  b.world.stop_node(first, Reason::warm_pool);
  CHECK(b.granted(b.four, PurchaseOption::on_demand, 5) == 1);
  b.world.terminate_node(first, Reason::scale_in);
  CHECK(b.granted(b.four, PurchaseOption::on_demand, 5) == 1);
}

TEST_CASE("each kind has its own quota; P5 has one on Spot and counts as P on demand") {
  AccountQuotas quotas;
  const auto set = [&quotas](InstanceKind kind, std::int64_t on_demand, std::int64_t spot) {
    quotas.on_demand[static_cast<std::size_t>(kind)] = on_demand;
    quotas.spot[static_cast<std::size_t>(kind)] = spot;
  };
  set(InstanceKind::g_vt, 16, 0);
  set(InstanceKind::p, 100, 96);
  set(InstanceKind::p5, 0, 192);  // on demand this one does not exist: P counts
  QuotaBench b(quotas);
  const auto add = [&b](const char* type, InstanceKind kind, std::int64_t vcpus) {
    PoolLaw law;
    law.kind = kind;
    law.quota_vcpus = vcpus;
    return b.pools->add(b.world, b.world.names.intern(type), ZoneId{0}, law);
  };
  const PoolId g = add("g", InstanceKind::g_vt, 8), p4 = add("p4", InstanceKind::p, 96),
               p5 = add("p5", InstanceKind::p5, 4);
  CHECK(b.granted(b.four, PurchaseOption::on_demand, 1'000) == 1'000);  // Standard: no quota here
  CHECK(b.granted(g, PurchaseOption::on_demand, 9) == 2);               // 16 / 8
  CHECK(b.granted(g, PurchaseOption::spot, 9) == 0);
  b.launch(p4, PurchaseOption::on_demand);                  // 96 of 100
  CHECK(b.granted(p5, PurchaseOption::on_demand, 9) == 1);  // 4 left of P
  CHECK(b.granted(p5, PurchaseOption::spot, 99) == 48);     // 192 / 4
  CHECK(b.granted(p4, PurchaseOption::spot, 9) == 1);       // 96 / 96
  CHECK(b.granted(g, PurchaseOption::on_demand, 9) == 2);   // untouched
  CHECK(b.pools->held_by_quota(b.world, p4, PurchaseOption::on_demand));
}

TEST_CASE("a pool that has nothing is not held back by the quota") {
  QuotaBench b(quotas_of(2));
  CHECK(b.pools->held_by_quota(b.world, b.four, PurchaseOption::on_demand));
  b.world.lose_zone(ZoneId{0});
  CHECK_FALSE(b.pools->held_by_quota(b.world, b.four, PurchaseOption::on_demand));
}

TEST_CASE("a quota binds while anybody waits for it") {
  QuotaBench b(quotas_of(6));
  b.launch(b.four, PurchaseOption::on_demand);  // no second one of four
  auto s = std::make_unique<Script>();
  const auto note = [&](std::int64_t at, std::size_t group, bool waits) {
    s->at(at_s(at), [pools = b.pools, group, waits](World& w) {
      pools->note_quota(w, NodeGroupId{group}, PurchaseOption::on_demand, waits);
    });
  };
  note(100, 0, true);
  note(200, 1, true);
  note(300, 0, false);
  note(400, 1, false);
  note(500, 1, false);
  b.world.attach(std::move(s));
  b.world.run();
  const auto limits = b.pools->binding_limits(b.world);
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].name == "the account's quota of 6 Standard vCPUs on demand");
  CHECK(limits[0].share == doctest::Approx(300.0 / 3600));
}

}  // namespace
}  // namespace plimsoll::aws
