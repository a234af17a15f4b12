#include <algorithm>

#include "models/aws/autoscaling/mixed_instances.h"
#include "models/aws/controllers/auto_scaling_group.h"

namespace plimsoll::aws {

/// The pools of a zone, by option.
std::vector<PoolOffer> AutoScalingGroups::offers_in(World& world, const Group& group, ZoneId zone,
                                                    PurchaseOption purchase) const {
  const AutoScalingGroupConfig& config = group.config;
  const CapacityPools* pools = pools_of(world, config.pools);
  std::vector<PoolOffer> offers;
  for (std::size_t o = 0; o < config.options.size(); ++o) {
    const LaunchOption& option = config.options[o];
    PoolOffer offer;
    offer.option = o;
    // For the strategies that look at prices: of one capacity unit.
    offer.price = Rate{(purchase == PurchaseOption::spot ? option.spot : option.on_demand).raw() / option.weight};
    offer.depth = 1;
    PoolId pool;
    if (pools != nullptr) pool = pools->find(option.node.instance_type, zone);
    if (!pool.is_none()) offer.depth = pools->depth(world, pool, purchase);
    for (const Instance& i : group.instances) {
      if (i.option == o && i.zone == zone && i.purchase == purchase && i.stage != Stage::terminating) ++offer.used;
    }
    offers.push_back(offer);
  }
  return offers;
}

/// As the group's strategy for the purchase option tries them.
std::vector<std::size_t> AutoScalingGroups::ranked(const Group& group, const std::vector<PoolOffer>& offers,
                                                   PurchaseOption purchase) {
  const InstancesDistribution& d = group.config.distribution;
  return rank_offers(offers, purchase == PurchaseOption::spot ? d.spot_strategy : d.on_demand_strategy, d.spot_pools);
}

void AutoScalingGroups::shrink(World& world, Group& group, std::int64_t surplus) {
  const Stream stream =
      world.stream(hash_text(world.names.text(world.group(group.config.group).name)), Purpose::tie_break);
  // Ending one changes nothing about the others.
  std::vector<GroupInstance> seen;
  std::vector<NodeId> ids;
  seen.reserve(group.instances.size());
  ids.reserve(group.instances.size());
  std::int64_t on_demand = 0, spot = 0;
  // The place of an instance's pool in the order of its allocation strategy, by zone and purchase option.
  std::vector<std::vector<std::size_t>> orders(2 * world.zones().size());
  const auto rank = [&](const Instance& i) -> std::int64_t {
    if (group.config.options.size() == 1) return 0;
    std::vector<std::size_t>& order = orders[2 * i.zone.index() + (i.purchase == PurchaseOption::spot ? 1 : 0)];
    if (order.empty()) order = ranked(group, offers_in(world, group, i.zone, i.purchase), i.purchase);
    return std::find(order.begin(), order.end(), i.option) - order.begin();
  };
  for (const Instance& i : group.instances) {
    if (i.stage == Stage::terminating) continue;
    const Node& n = world.node(i.node);
    GroupInstance g;
    g.zone = world.names.text(world.zones()[i.zone.index()]);
    g.is_protected = group.config.protect_busy && n.app_pod_count > 0;
    g.launch_version = n.image;  // a new machine image is a new version of the launch template
    g.strategy_rank = rank(i);
    g.age = world.now() - n.requested;
    g.to_next_billing_hour = hours(1) - Duration{g.age.count() % hours(1).count()};
    g.spot = i.purchase == PurchaseOption::spot;
    ++(g.spot ? spot : on_demand);
    seen.push_back(g);
    ids.push_back(i.node);
  }
  while (surplus > 0) {
    const PurchaseSplit split = split_purchase_options(on_demand + spot - 1, group.config.distribution.on_demand_base,
                                                       group.config.distribution.on_demand_percent);
    const SurplusSide side = on_demand > split.on_demand ? SurplusSide::on_demand
                             : spot > split.spot         ? SurplusSide::spot
                                                         : SurplusSide::none;
    const auto victim = choose_termination(seen, group.config.termination, side, [&](std::size_t count) {
      return static_cast<std::size_t>(stream.below(count, group.terminations));
    });
    if (!victim) return;  // all are protected
    const std::int64_t units = weight(group, *instance_of(group, ids[*victim]));
    if (units > surplus) return;  // it would leave too few
    surplus -= units;
    ++group.terminations;
    begin_termination(world, group, ids[*victim], group.config.scale_in_reason);
    --(seen[*victim].spot ? spot : on_demand);
    seen.erase(seen.begin() + static_cast<std::ptrdiff_t>(*victim));
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(*victim));
  }
}

}  // namespace plimsoll::aws
