#include "models/eks/karpenter/provisioning.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "models/eks/karpenter/candidates.h"

namespace plimsoll::eks::karpenter {

std::vector<SchedulingPod> reschedulable_pods(const Simulation& sim, const PodDirectory& directory, Row row) {
  std::vector<SchedulingPod> out;
  for (const PodOnNode& p : sim.snapshot.pods(row)) {
    if (sim.shapes[p.shape].is_daemon || p.id.is_none()) continue;
    const PodFacts& f = directory.facts(p.id);
    const bool finished = f.phase == PodPhase::succeeded || f.phase == PodPhase::failed;
    const bool stopping = p.terminating && f.controller != ControllerKind::stateful_set;
    if (f.mirror || f.controller == ControllerKind::daemon_set || finished || stopping) continue;
    out.push_back({p.id, p.shape, p.start});
  }
  return out;
}

bool is_held(const PodDirectory& directory, const SchedulingPod& pod, Time now, Release release) {
  if (release < kHeldPodsStaySince) return false;
  const PodFacts& facts = directory.facts(pod.id);
  return facts.fully_blocked || is_protected(facts, pod.created, now, release);
}

std::vector<SchedulingPod> currently_reschedulable_pods(const Simulation& sim, const PodDirectory& directory, Row row,
                                                        Time now, Release release) {
  std::vector<SchedulingPod> out = reschedulable_pods(sim, directory, row);
  std::erase_if(out, [&](const SchedulingPod& p) { return is_held(directory, p, now, release); });
  return out;
}

ProvisioningPlan plan_provisioning(const Cluster& cluster, const ProvisioningInput& input) {
  ProvisioningPlan plan;
  const bool leaving =
      std::any_of(cluster.nodes.begin(), cluster.nodes.end(), [](const ClusterNode& n) { return n.deleting; });
  if (input.pending.empty() && !leaving) return plan;
  std::optional<PoolTemplates> own;
  if (input.templates == nullptr) own.emplace(cluster);
  const PoolTemplates& templates = own ? *own : *input.templates;

  const Trial trial(cluster.sim);
  std::vector<SchedulingPod> pods(input.pending.begin(), input.pending.end());
  for (const ClusterNode& node : cluster.nodes) {
    if (!node.deleting || node.row == kNoRow || input.pods == nullptr) continue;
    for (const SchedulingPod& p :
         currently_reschedulable_pods(cluster.sim, *input.pods, node.row, input.now, input.release)) {
      pods.push_back(p);
      cluster.sim.snapshot.remove_pod(node.row, p.id, cluster.sim.shapes[p.shape]);
    }
  }
  if (pods.empty()) return plan;
  SolveTime time;
  time.per_try = input.try_cost;
  if (input.release >= kSolveLimitSince) time.limit = kSolveLimit;
  SchedulingResult result = schedule(cluster, templates, pods, {}, &time);
  plan.spent = time.spent;
  for (PlannedClaim& claim : result.claims) truncate_types(claim, cluster, max_instance_types(input.release));
  plan.claims = std::move(result.claims);
  plan.nominations = std::move(result.existing);
  plan.unschedulable = std::move(result.unschedulable);
  plan.limited_pools = std::move(result.limited_pools);
  return plan;
}

void truncate_types(PlannedClaim& claim, const Cluster& cluster, std::size_t count) {
  cluster.types.order_by_price(claim.types, cluster.types.mask(claim.requirements, cluster.known, cluster.sim.names));
  if (claim.types.size() <= count) return;
  if (const auto needed = cluster.types.types_for_min_values(claim.types, claim.requirements))
    count = std::max(count, *needed);
  claim.types.resize(std::min(count, claim.types.size()));
}

LaunchRequest launch_request(const PlannedClaim& claim, const Cluster& cluster) {
  const InstanceTypes& types = cluster.types;
  const OfferingMask mask = types.mask(claim.requirements, cluster.known, cluster.sim.names);
  const bool any_goes = claim.requirements.has_min_values();
  const auto plain = [&](std::uint32_t t) {
    const aws::InstanceType* s = types[t].source;
    return s == nullptr || (!s->bare_metal && s->gpu_count == 0 && s->accelerator_count == 0);
  };
  std::vector<std::uint32_t> asked;
  for (const std::uint32_t t : claim.types) {
    if (types.has_offering(t, mask)) asked.push_back(t);
  }
  if (!any_goes && std::any_of(asked.begin(), asked.end(), plain))
    std::erase_if(asked, [&](std::uint32_t t) { return !plain(t); });

  double dearest_spot = std::numeric_limits<double>::infinity();
  const auto stays = [&](const Offering& o) {
    return o.available && InstanceTypes::in_mask(o, mask) &&
           (o.capacity_type != CapacityType::spot || o.usd() <= dearest_spot);
  };
  const auto offers = [&](CapacityType kind) {
    return std::any_of(asked.begin(), asked.end(), [&](std::uint32_t t) {
      return std::any_of(types[t].offerings.begin(), types[t].offerings.end(),
                         [&](const Offering& o) { return o.capacity_type == kind && stays(o); });
    });
  };
  if (!any_goes) {
    double cheapest_on_demand = std::numeric_limits<double>::infinity();
    for (const std::uint32_t t : asked) {
      for (const Offering& o : types[t].offerings) {
        if (o.capacity_type == CapacityType::on_demand && stays(o))
          cheapest_on_demand = std::min(cheapest_on_demand, o.usd());
      }
    }
    dearest_spot = cheapest_on_demand;
  }
  LaunchRequest out;
  out.capacity_type = offers(CapacityType::reserved) ? CapacityType::reserved
                      : offers(CapacityType::spot)   ? CapacityType::spot
                                                     : CapacityType::on_demand;
  std::vector<std::pair<double, std::vector<LaunchOverride>>> by_type;
  for (const std::uint32_t t : asked) {
    std::vector<LaunchOverride> here;
    double best = std::numeric_limits<double>::infinity();
    for (const Offering& o : types[t].offerings) {
      if (o.capacity_type != out.capacity_type || !stays(o)) continue;
      here.push_back({t, o.zone, o.price});
      best = std::min(best, o.usd());
    }
    if (!here.empty()) by_type.emplace_back(best, std::move(here));
  }
  std::stable_sort(by_type.begin(), by_type.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (by_type.size() > kMaxFleetTypes) by_type.resize(kMaxFleetTypes);
  for (const auto& [best, here] : by_type) out.overrides.insert(out.overrides.end(), here.begin(), here.end());
  std::stable_sort(out.overrides.begin(), out.overrides.end(), [](const LaunchOverride& a, const LaunchOverride& b) {
    if (a.price != b.price) return a.price < b.price;
    return a.type != b.type ? a.type < b.type : a.zone < b.zone;
  });
  return out;
}

}  // namespace plimsoll::eks::karpenter
