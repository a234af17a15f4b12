#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/aws/capacity/vcpu_quota.h"
#include "models/aws/price_book.h"
#include "sim/cluster/world.h"
#include "sim/policy/binding_limits.h"
#include "sim/policy/interfaces.h"
#include "sim/policy/platform.h"

namespace plimsoll::aws {

/// How Spot capacity of one pool comes and goes. Two processes that belong together: every `batch / hazard` hours the
/// pool takes back a random share of its instances, `batch` on average, and has nothing to give for a while after.
struct PoolLaw {
  double hazard_per_hour = 0;  ///< of one Spot instance; 0: never interrupted
  double batch = 0.25;         ///< (0, 1]; assumed: interruptions of a pool come in groups
  Duration dry = minutes(24);  ///< mean; SOURCE: measured zones of 2023, mean down-time about 0.4 h
  bool on_demand_dry = false;
  std::int64_t limit = -1;       ///< most instances at once; -1: none
  std::int64_t quota_vcpus = 0;  ///< of one instance, as the account's quota of its kind counts them; 0: it does not
  InstanceKind kind = InstanceKind::standard;
};

/// The law of a type in a zone: the hazard of its Spot Advisor band, -ln(1 - f) / 730 per hour with f the middle of
/// the band (band 4 when the advisor has no row), overridden by the scenario's `faults.pools`.
PoolLaw pool_law(const PriceBook& prices, const Faults& faults, std::string_view type, std::string_view zone);

/// One event of a pool's path. The rebalance recommendation comes ahead of the notice or with it; capacity is back at
/// `dry_until`.
struct PoolEvent {
  Time rebalance{}, notice{}, dry_until{};
  double share = 0;  ///< of the pool's Spot instances
  bool on_demand_dry = false;
};

/// Length of the interruption notice. SOURCE: Spot Instance interruption notices (EC2 user guide).
inline constexpr Duration kSpotNotice = seconds(120);

/// The Spot market and the shortage of a region: pools of (instance type, zone). A pool's path over the whole run is
/// drawn from the seed at the start, under the name "pool/<type>/<zone>", before any policy acts; which instances an
/// event takes is drawn per instance from its launch ordinal (Node::tag). For each event it recommends rebalancing to
/// the instances that will be taken, gives them the two-minute notice, and ends what is left of them when the notice is
/// over (terminate_node with Reason::spot_interruption; the owner of the node sees that fact and replaces it). It also
/// answers whether a launch would be granted: not while the pool is dry, not beyond its limit, not in a lost zone, not
/// beyond the account's quota of vCPUs (VcpuQuota). A node takes part when its `pool` is set. SOURCE: "Spot Instance
/// interruptions", "EC2 instance rebalance recommendations" (EC2 user guide). Left out: prices that move (the advisor's
/// mean is billed), capacity reservations, hibernation.
class CapacityPools : public ComponentOf<CapacityPools>,
                      public CapacitySource,
                      public FaultModel,
                      public BindingLimits {
 public:
  /// `faults` gives the reclaims of the scenario; lost zones are the world's.
  explicit CapacityPools(Faults faults) : faults_(std::move(faults)), quota_(faults_.quotas) {}

  /// The pool of (type, zone), added when new. Names as in the world. Only before the run.
  PoolId add(World& world, NameId type, ZoneId zone, const PoolLaw& law);
  /// None when the pool was never added.
  PoolId find(NameId type, ZoneId zone) const;
  const PoolLaw& law(PoolId pool) const { return pools_[pool.index()].law; }

  CapacityAnswer request(const World& world, PoolId pool, PurchaseOption purchase, std::int64_t count) const override;
  Time next_change(PoolId pool, Time after) const override;
  bool available(PoolId pool, PurchaseOption purchase, Time at) const override;
  /// How deep a pool is beside others, for capacity-optimized strategies: the rarer its interruptions the deeper; 0
  /// while it has nothing. AWS publishes no depths.
  double depth(const World& world, PoolId pool, PurchaseOption purchase) const;
  const std::vector<PoolEvent>& path(PoolId pool) const { return pools_[pool.index()].events; }
  /// Whether the pool has an instance to give that the account's quota alone forbids.
  bool held_by_quota(const World& world, PoolId pool, PurchaseOption purchase) const;
  /// Who launches tells whether something of it waits for instances that a quota alone holds back.
  void note_quota(const World& world, NodeGroupId asker, PurchaseOption purchase, bool waits);
  std::vector<Limit> binding_limits(const World& world) const override { return quota_.binding_limits(world); }

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

 private:
  struct Pool {
    NameId type;
    ZoneId zone;
    PoolLaw law;
    std::uint64_t entity = 0;
    std::vector<PoolEvent> events;  // by notice
  };
  enum : std::uint64_t { kRecommend = 0, kNotice = 1, kReclaim = 2 };
  void draw_path(World& world, Pool& pool) const;
  bool hit(const World& world, const Pool& pool, std::size_t event, const Node& node) const;
  std::int64_t pool_grants(const World& world, PoolId pool, PurchaseOption purchase, std::int64_t count) const;
  std::int64_t quota_room(const World& world, PurchaseOption purchase, InstanceKind kind) const;

  Faults faults_;
  VcpuQuota quota_;
  std::vector<Pool> pools_;
};

/// Adds the pools of a type in every zone of the world.
void add_pools(World& world, CapacityPools& pools, const PriceBook& prices, const Faults& faults,
               std::string_view type);

/// The capacity pools of a world; null when a column has none.
inline CapacityPools* pools_of(World& world, HandlerId pools) {
  return pools.is_none() ? nullptr : dynamic_cast<CapacityPools*>(&world.component(pools));
}

}  // namespace plimsoll::aws
