#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "models/kubernetes/hpa/replica_calculator.h"
#include "models/kubernetes/version.h"
#include "sim/core/id.h"
#include "sim/core/time.h"

namespace plimsoll::kubernetes {

/// A pod of a ReplicaSet when one has to go. `related` counts the active pods of the same owner group on its node.
struct DeletionCandidate {
  NodeId node;  // none: not assigned
  PodPhase phase = PodPhase::running;
  bool ready = false;
  Time ready_since{};
  std::int64_t deletion_cost = 0;  // annotation controller.kubernetes.io/pod-deletion-cost
  std::int64_t related = 0;
  std::int64_t restarts = 0;  // of the container that restarted most
  Time created{};
  std::string_view uid;
};

/// True when `a` is deleted before `b`. 1.20: younger first; later: ages in powers of two, equal ones by uid, and the
/// deletion cost counts. Source: pkg/controller/controller_utils.go ActivePodsWithRanks.Less (1.20.2, 1.26.15).
bool deleted_before(const DeletionCandidate& a, const DeletionCandidate& b, Time now, KubernetesVersion version);

/// Indices in the order of deletion; equals keep their order.
std::vector<std::size_t> deletion_order(const std::vector<DeletionCandidate>& pods, Time now,
                                        KubernetesVersion version);

}  // namespace plimsoll::kubernetes
