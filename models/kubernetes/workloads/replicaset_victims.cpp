#include "models/kubernetes/workloads/replicaset_victims.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace plimsoll::kubernetes {

namespace {

int phase_rank(PodPhase phase) {
  return phase == PodPhase::pending ? 0 : phase == PodPhase::unknown ? 1 : phase == PodPhase::running ? 2 : 0;
}

/// floor(log2) of the age in nanoseconds; -1 for no age.
int age_rank(Time since, Time now) {
  const std::int64_t age = to_microseconds(now - since) * 1'000;
  return age <= 0 ? -1 : std::bit_width(static_cast<std::uint64_t>(age)) - 1;
}

}  // namespace

bool deleted_before(const DeletionCandidate& a, const DeletionCandidate& b, Time now, KubernetesVersion version) {
  const bool logarithmic = version != KubernetesVersion::v1_20;
  if (a.node.is_none() != b.node.is_none()) return a.node.is_none();
  if (phase_rank(a.phase) != phase_rank(b.phase)) return phase_rank(a.phase) < phase_rank(b.phase);
  if (a.ready != b.ready) return !a.ready;
  if (logarithmic && a.deletion_cost != b.deletion_cost) return a.deletion_cost < b.deletion_cost;
  if (a.related != b.related) return a.related > b.related;
  const auto younger = [&](Time x, Time y) {
    if (!logarithmic) return x > y;
    const int rx = age_rank(x, now), ry = age_rank(y, now);
    return rx != ry ? rx < ry : a.uid < b.uid;
  };
  if (a.ready && b.ready && a.ready_since != b.ready_since) return younger(a.ready_since, b.ready_since);
  if (a.restarts != b.restarts) return a.restarts > b.restarts;
  return a.created != b.created && younger(a.created, b.created);
}

std::vector<std::size_t> deletion_order(const std::vector<DeletionCandidate>& pods, Time now,
                                        KubernetesVersion version) {
  std::vector<std::size_t> order(pods.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return deleted_before(pods[a], pods[b], now, version); });
  return order;
}

}  // namespace plimsoll::kubernetes
