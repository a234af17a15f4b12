#include "models/aws/spot/capacity_pools.h"

#include <algorithm>

#include "models/aws/billing/spot.h"

namespace plimsoll::aws {

namespace {

/// The recommendation precedes the notice by up to so long. AWS only says that it can come earlier or together.
constexpr Duration kLongestLead = minutes(10);
constexpr double kMicrosecondsPerHour = 3.6e9;

std::uint64_t pack(std::size_t a, std::size_t b, std::uint64_t step) {
  return (static_cast<std::uint64_t>(a) << 36) | (static_cast<std::uint64_t>(b) << 8) | step;
}

Duration exponential(const Stream& stream, std::uint64_t item, Duration mean, std::uint32_t sub) {
  if (mean <= Duration{}) return Duration{};
  return from_seconds(draw::exponential(stream, item, to_seconds(mean), sub));
}

bool live(const Node& n) { return n.state != NodeState::terminating && n.state != NodeState::terminated; }

}  // namespace

PoolLaw pool_law(const PriceBook& prices, const Faults& faults, std::string_view type, std::string_view zone) {
  PoolLaw law;
  const InstanceType* known = prices.catalogue().find_type(type);
  const auto band = known != nullptr ? prices.catalogue().interruption_band(prices.region(), *known) : std::nullopt;
  // Fargate Spot publishes no frequency: the lowest band, as the instances behind it are AWS's choice.
  double monthly = charges::band_probability(known == nullptr ? 0 : band.value_or(4));
  for (const PoolFaults& f : faults.pools) {
    if (!matches_pattern(f.type, type) || !matches_pattern(f.zone, zone)) continue;
    if (f.interruptions) monthly = static_cast<double>(f.interruptions->raw()) / 1e6;
    if (f.batch) law.batch = static_cast<double>(f.batch->raw()) / 1e6;
    if (f.dry) law.dry = *f.dry;
    if (f.on_demand_dry) law.on_demand_dry = *f.on_demand_dry;
    if (f.limit) law.limit = *f.limit;
    break;
  }
  law.hazard_per_hour = charges::interruption_hazard_per_hour(monthly);
  if (const auto kind = known != nullptr ? quota_kind(known->family) : std::nullopt) {
    law.kind = *kind;
    law.quota_vcpus = known->vcpu;
  }
  return law;
}

PoolId CapacityPools::add(World& world, NameId type, ZoneId zone, const PoolLaw& law) {
  const PoolId known = find(type, zone);
  if (!known.is_none()) return known;
  Pool pool;
  pool.type = type;
  pool.zone = zone;
  pool.law = law;
  std::string path = "pool/";
  path += world.names.text(type);
  path += '/';
  path += world.names.text(world.zones()[zone.index()]);
  pool.entity = hash_text(path);
  pools_.push_back(std::move(pool));
  return PoolId{pools_.size() - 1};
}

PoolId CapacityPools::find(NameId type, ZoneId zone) const {
  const auto at =
      std::find_if(pools_.begin(), pools_.end(), [&](const Pool& p) { return p.type == type && p.zone == zone; });
  return at == pools_.end() ? PoolId{} : PoolId{static_cast<std::size_t>(at - pools_.begin())};
}

void CapacityPools::draw_path(World& world, Pool& pool) const {
  const Stream stream = world.stream(pool.entity, Purpose::spot);
  if (pool.law.hazard_per_hour > 0) {
    const double mean_us = pool.law.batch / pool.law.hazard_per_hour * kMicrosecondsPerHour;
    // Times as doubles: a rare pool's next event may lie beyond what a Duration holds.
    double at = 0;
    const auto end = static_cast<double>(to_microseconds(world.end));
    for (std::uint64_t k = 0;; ++k) {
      at += draw::exponential(stream, k, mean_us, 0);
      if (!(at < end)) break;
      PoolEvent e;
      e.notice = kTimeZero + Duration{static_cast<std::int64_t>(at)};
      const auto lead = static_cast<std::uint64_t>(kLongestLead.count());
      e.rebalance = std::max(kTimeZero, e.notice - Duration{static_cast<std::int64_t>(stream.below(lead, k, 1))});
      const double low = std::max(0.0, 2 * pool.law.batch - 1);
      e.share = draw::uniform(stream, k, low, 2 * pool.law.batch - low, 2);
      e.dry_until = e.notice + exponential(stream, k, pool.law.dry, 3);
      e.on_demand_dry = pool.law.on_demand_dry;
      pool.events.push_back(e);
    }
  }
  const std::string_view type = world.names.text(pool.type);
  const std::string_view zone = world.names.text(world.zones()[pool.zone.index()]);
  for (const Reclaim& r : faults_.reclaims) {
    if (!matches_pattern(r.type, type) || !matches_pattern(r.zone, zone)) continue;
    PoolEvent e;
    e.notice = e.rebalance = world.window_start + r.at;
    e.share = static_cast<double>(r.share.raw()) / 1e6;
    e.dry_until = e.notice + r.dry;
    e.on_demand_dry = r.on_demand_dry;
    pool.events.push_back(e);
  }
  std::stable_sort(pool.events.begin(), pool.events.end(),
                   [](const PoolEvent& a, const PoolEvent& b) { return a.notice < b.notice; });
}

void CapacityPools::start(World& world) {
  for (std::size_t p = 0; p < pools_.size(); ++p) {
    draw_path(world, pools_[p]);
    for (std::size_t k = 0; k < pools_[p].events.size(); ++k) {
      const PoolEvent& e = pools_[p].events[k];
      if (e.rebalance <= world.end) world.wake(handler, e.rebalance, Phase::facts, pack(p, k, kRecommend));
      if (e.notice <= world.end) world.wake(handler, e.notice, Phase::facts, pack(p, k, kNotice));
    }
  }
}

bool CapacityPools::hit(const World& world, const Pool& pool, std::size_t event, const Node& node) const {
  const std::uint64_t group = node.group.is_none() ? 0 : hash_text(world.names.text(world.group(node.group).name));
  const Stream stream = world.stream(mix64(pool.entity ^ mix64(group + node.tag)), Purpose::spot);
  return stream.uniform(event) < pool.events[event].share;
}

void CapacityPools::handle(World& world, const Event& event) {
  const std::uint64_t step = event.payload & 0xffu;
  const auto low = static_cast<std::size_t>((event.payload >> 8) & 0xfffffffu);
  if (step == kReclaim) {
    const NodeId node{low};
    if (live(world.node(node))) world.terminate_node(node, Reason::spot_interruption);
    return;
  }
  const auto index = static_cast<std::size_t>(event.payload >> 36);
  const Pool& pool = pools_[index];
  std::vector<NodeId> hits;
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.pool != PoolId{index} || n.purchase != PurchaseOption::spot || n.notice_deadline != kTimeNever) continue;
    if (n.state != NodeState::running && n.state != NodeState::ready && n.state != NodeState::draining) continue;
    if (hit(world, pool, low, n)) hits.push_back(id);
  }
  for (const NodeId id : hits) {
    if (step == kRecommend) {
      world.recommend_rebalance(id);
      continue;
    }
    world.give_spot_notice(id, world.now() + kSpotNotice);
    world.wake(handler, world.now() + kSpotNotice, Phase::facts, pack(0, id.index(), kReclaim));
  }
}

bool CapacityPools::available(PoolId id, PurchaseOption purchase, Time at) const {
  const Pool& pool = pools_[id.index()];
  return std::none_of(pool.events.begin(), pool.events.end(), [&](const PoolEvent& e) {
    return e.notice <= at && at < e.dry_until && (purchase == PurchaseOption::spot || e.on_demand_dry);
  });
}

Time CapacityPools::next_change(PoolId id, Time after) const {
  const Pool& pool = pools_[id.index()];
  Time next = kTimeNever;
  const auto consider = [&](Time t) {
    if (t > after) next = std::min(next, t);
  };
  for (const PoolEvent& e : pool.events) {
    consider(e.notice);
    consider(e.dry_until);
  }
  return next;
}

std::int64_t CapacityPools::pool_grants(const World& world, PoolId id, PurchaseOption purchase,
                                        std::int64_t count) const {
  if (!world.zone_available(pools_[id.index()].zone) || !available(id, purchase, world.now())) return 0;
  const std::int64_t limit = pools_[id.index()].law.limit;
  if (limit < 0) return count;
  std::int64_t used = 0;
  for (const NodeId node : world.live_nodes()) {
    const Node& n = world.node(node);
    if (n.pool == id && live(n)) ++used;
  }
  return std::clamp<std::int64_t>(limit - used, 0, count);
}

std::int64_t CapacityPools::quota_room(const World& world, PurchaseOption purchase, InstanceKind kind) const {
  const auto quota = quota_.of(purchase, kind);
  if (!quota) return INT64_MAX;
  std::int64_t used = 0;
  for (const NodeId node : world.live_nodes()) {
    const Node& n = world.node(node);
    // A stopped instance of a warm pool counts for nothing.
    const bool stopped = n.state == NodeState::requested && n.running != kTimeNever;
    if (n.purchase != purchase || n.pool.is_none() || !live(n) || stopped) continue;
    const PoolLaw& law = pools_[n.pool.index()].law;
    if (VcpuQuota::counted_as(purchase, law.kind) == VcpuQuota::counted_as(purchase, kind)) used += law.quota_vcpus;
  }
  return std::max<std::int64_t>(*quota - used, 0);
}

CapacityAnswer CapacityPools::request(const World& world, PoolId id, PurchaseOption purchase,
                                      std::int64_t count) const {
  std::int64_t granted = pool_grants(world, id, purchase, count);
  const PoolLaw& law = pools_[id.index()].law;
  if (granted > 0 && law.quota_vcpus > 0 && quota_.of(purchase, law.kind))
    granted = std::min(granted, quota_room(world, purchase, law.kind) / law.quota_vcpus);
  return {granted, count - granted};
}

bool CapacityPools::held_by_quota(const World& world, PoolId id, PurchaseOption purchase) const {
  const PoolLaw& law = pools_[id.index()].law;
  return law.quota_vcpus > 0 && quota_.of(purchase, law.kind) &&
         quota_room(world, purchase, law.kind) < law.quota_vcpus && pool_grants(world, id, purchase, 1) > 0;
}

void CapacityPools::note_quota(const World& world, NodeGroupId asker, PurchaseOption purchase, bool waits) {
  std::array<bool, kInstanceKinds> waits_for{};
  for (std::size_t p = 0; waits && p < pools_.size(); ++p) {
    bool& of_kind = waits_for[static_cast<std::size_t>(VcpuQuota::counted_as(purchase, pools_[p].law.kind))];
    of_kind = of_kind || held_by_quota(world, PoolId{p}, purchase);
  }
  for (std::size_t k = 0; k < kInstanceKinds; ++k)
    quota_.note(world, asker, purchase, static_cast<InstanceKind>(k), waits_for[k]);
}

double CapacityPools::depth(const World& world, PoolId id, PurchaseOption purchase) const {
  if (request(world, id, purchase, 1).granted == 0) return 0;
  return 1 / (1e-6 + pools_[id.index()].law.hazard_per_hour);
}

void add_pools(World& world, CapacityPools& pools, const PriceBook& prices, const Faults& faults,
               std::string_view type) {
  const NameId name = world.names.intern(type);
  for (std::size_t z = 0; z < world.zones().size(); ++z) {
    const std::string_view zone = world.names.text(world.zones()[z]);
    pools.add(world, name, ZoneId{z}, pool_law(prices, faults, type, zone));
  }
}

}  // namespace plimsoll::aws
