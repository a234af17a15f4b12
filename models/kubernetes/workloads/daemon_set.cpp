#include "models/kubernetes/workloads/daemon_set.h"

#include <algorithm>

namespace plimsoll::kubernetes {

namespace {

/// The first `room` candidates, after what may go or come in any case.
std::vector<std::size_t> with_some(std::vector<std::size_t> allowed, const std::vector<std::size_t>& candidates,
                                   std::int64_t room) {
  const auto count = std::clamp<std::int64_t>(room, 0, static_cast<std::int64_t>(candidates.size()));
  allowed.insert(allowed.end(), candidates.begin(), candidates.begin() + count);
  return allowed;
}

DaemonStep replace_in_place(std::int64_t max_unavailable, bool old_ones_count, const std::vector<DaemonNode>& nodes) {
  std::int64_t unavailable = 0;
  std::vector<std::size_t> allowed, candidates;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const DaemonNode& n = nodes[i];
    if (n.old == n.updated) {
      ++unavailable;  // no pod at all, or one too many: put right elsewhere
    } else if (n.updated) {
      unavailable += n.updated_available ? 0 : 1;
    } else if (n.old_available) {
      candidates.push_back(i);
    } else {
      allowed.push_back(i);
      unavailable += old_ones_count ? 1 : 0;
    }
  }
  DaemonStep step;
  step.stop_old = with_some(std::move(allowed), candidates, max_unavailable - unavailable);
  return step;
}

DaemonStep replace_by_surge(std::int64_t max_surge, const std::vector<DaemonNode>& nodes) {
  DaemonStep step;
  std::int64_t surge = 0;
  std::vector<std::size_t> allowed, candidates;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const DaemonNode& n = nodes[i];
    if (!n.old) continue;
    if (!n.updated) {
      (n.old_available ? candidates : allowed).push_back(i);
    } else if (n.updated_available) {
      step.stop_old.push_back(i);
    } else {
      ++surge;
    }
  }
  step.create = with_some(std::move(allowed), candidates, max_surge - surge);
  return step;
}

}  // namespace

DaemonStep daemon_rolling_step(const DaemonSetStrategy& strategy, KubernetesVersion version,
                               const std::vector<DaemonNode>& nodes) {
  const auto total = static_cast<std::int64_t>(nodes.size());
  const bool old_rules = version == KubernetesVersion::v1_20;
  const std::int64_t surge = strategy.max_surge.of_ceil(total);
  std::int64_t unavailable = strategy.max_unavailable.of_ceil(total);
  if (surge > 0) return replace_by_surge(surge, nodes);
  if (unavailable == 0) unavailable = 1;
  return replace_in_place(unavailable, old_rules, nodes);
}

}  // namespace plimsoll::kubernetes
