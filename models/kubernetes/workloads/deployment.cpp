#include "models/kubernetes/workloads/deployment.h"

#include <algorithm>
#include <numeric>

namespace plimsoll::kubernetes {

Fenceposts resolve_fenceposts(IntOrPercent max_surge, IntOrPercent max_unavailable, std::int64_t desired) {
  Fenceposts f{max_surge.of_ceil(desired), max_unavailable.of_floor(desired)};
  if (f.surge == 0 && f.unavailable == 0) f.unavailable = 1;
  return f;
}

RollingStep rolling_step(std::int64_t desired, IntOrPercent max_surge, IntOrPercent max_unavailable,
                         const ReplicaSetSize& fresh, const std::vector<ReplicaSetSize>& old) {
  const Fenceposts posts = resolve_fenceposts(max_surge, max_unavailable, desired);
  RollingStep step;
  step.fresh = fresh.replicas;
  std::int64_t old_total = 0;
  for (const ReplicaSetSize& rs : old) {
    step.old.push_back(rs.replicas);
    old_total += rs.replicas;
  }
  const std::int64_t total = old_total + fresh.replicas;
  if (fresh.replicas > desired) {
    step.fresh = desired;
  } else if (fresh.replicas < desired && total < desired + posts.surge) {
    step.fresh += std::min(desired + posts.surge - total, desired - fresh.replicas);
  }
  if (step.fresh != fresh.replicas) {
    step.scaled_up = true;
    return step;
  }
  if (old_total == 0) return step;
  const std::int64_t unavailable = desired == 0 ? 0 : std::min(posts.unavailable, desired);
  const std::int64_t least_available = desired - unavailable;
  const std::int64_t most_down = total - least_available - (fresh.replicas - fresh.available);
  if (most_down <= 0) return step;
  std::int64_t cleaned = 0, available = fresh.available;
  for (std::size_t i = 0; i < old.size(); ++i) {
    available += old[i].available;
    if (cleaned >= most_down || old[i].replicas == 0 || old[i].replicas <= old[i].available) continue;
    const std::int64_t down = std::min(most_down - cleaned, old[i].replicas - old[i].available);
    step.old[i] -= down;
    cleaned += down;
  }
  std::int64_t scaled = 0;
  for (std::size_t i = 0; i < old.size() && available - least_available > scaled; ++i) {
    const std::int64_t down = std::min(step.old[i], available - least_available - scaled);
    step.old[i] -= down;
    scaled += down;
  }
  step.scaled_down = cleaned + scaled > 0;
  return step;
}

RollingStep recreate_step(std::int64_t desired, const ReplicaSetSize& fresh, const std::vector<ReplicaSetSize>& old,
                          std::int64_t old_pods) {
  RollingStep step;
  step.fresh = fresh.replicas;
  step.old.assign(old.size(), 0);
  for (const ReplicaSetSize& rs : old) step.scaled_down = step.scaled_down || rs.replicas > 0;
  if (step.scaled_down || old_pods > 0) return step;
  step.fresh = desired;
  step.scaled_up = desired != fresh.replicas;
  return step;
}

bool deployment_complete(std::int64_t desired, const DeploymentStatus& now) {
  return now.updated == desired && now.replicas == desired && now.available == desired;
}

bool deployment_progressing(const DeploymentStatus& before, const DeploymentStatus& now) {
  return now.updated > before.updated || now.replicas - now.updated < before.replicas - before.updated ||
         now.ready > before.ready || now.available > before.available;
}

std::vector<std::int64_t> scale_in_proportion(const std::vector<std::int64_t>& sizes, std::int64_t previous_total,
                                              std::int64_t wanted_total) {
  std::vector<std::int64_t> out = sizes;
  const std::int64_t total = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  const std::int64_t change = wanted_total - total;
  if (change == 0 || sizes.empty()) return out;
  // Larger sets first, newer ones among equals when growing; the same order serves for shrinking.
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (sizes[a] != sizes[b]) return sizes[a] > sizes[b];
    return change > 0 ? a < b : a > b;
  });
  std::int64_t added = 0;
  for (const std::size_t i : order) {
    if (change == added || previous_total <= 0) break;
    // round(size x wanted / previous) - size, halves away from zero
    const std::int64_t share = (2 * sizes[i] * wanted_total + previous_total) / (2 * previous_total) - sizes[i];
    const std::int64_t room = change - added;
    const std::int64_t take =
        change > 0 ? std::clamp<std::int64_t>(share, 0, room) : std::clamp<std::int64_t>(share, room, 0);
    out[i] += take;
    added += take;
  }
  const std::size_t largest = order.front();
  out[largest] = std::max<std::int64_t>(0, out[largest] + change - added);
  return out;
}

}  // namespace plimsoll::kubernetes
