#pragma once

#include <cstdint>
#include <vector>

#include "models/kubernetes/workloads/int_or_percent.h"
#include "sim/core/time.h"

namespace plimsoll::kubernetes {

/// Who owns the pods: a Deployment through its ReplicaSets, a ReplicaSet of its own, or nobody.
enum class PodOwner : std::uint8_t { deployment, replica_set, none };

/// spec of a Deployment, as far as it says how pods are replaced.
/// Defaults: pkg/apis/apps/v1/defaults.go SetDefaults_Deployment.
struct DeploymentStrategy {
  bool recreate = false;
  IntOrPercent max_surge{25, true}, max_unavailable{25, true};
  Duration min_ready{};
  Duration progress_deadline = seconds(600);
  bool paused = false;  ///< from the start: no ReplicaSet is made
  PodOwner owner = PodOwner::deployment;
};

/// How far a rolling update may exceed and fall below the wanted size.
struct Fenceposts {
  std::int64_t surge = 0, unavailable = 0;
};

/// maxSurge rounds up, maxUnavailable down; both 0 makes unavailable 1.
/// Source: pkg/controller/deployment/util/deployment_util.go ResolveFenceposts (1.20.2).
Fenceposts resolve_fenceposts(IntOrPercent max_surge, IntOrPercent max_unavailable, std::int64_t desired);

/// One ReplicaSet of a Deployment, as far as a rolling update looks at it.
struct ReplicaSetSize {
  std::int64_t replicas = 0, available = 0;
};

struct RollingStep {
  std::int64_t fresh = 0;         // new size of the new ReplicaSet
  std::vector<std::int64_t> old;  // new sizes of the old ones, in the order given
  bool scaled_up = false, scaled_down = false;
};

/// One reconcile of a rolling update: the new ReplicaSet first; only when it did not change, the old ones (first their
/// unhealthy replicas, then what availability allows). `old` is ordered from the oldest.
/// Source: pkg/controller/deployment/rolling.go (1.20.2).
RollingStep rolling_step(std::int64_t desired, IntOrPercent max_surge, IntOrPercent max_unavailable,
                         const ReplicaSetSize& fresh, const std::vector<ReplicaSetSize>& old);

/// One reconcile of a Deployment with the strategy Recreate: old sets to nothing, and when the last of their pods has
/// gone (`old_pods` counts terminating ones too), the new one to its full size.
/// Source: pkg/controller/deployment/recreate.go (1.20.2).
RollingStep recreate_step(std::int64_t desired, const ReplicaSetSize& fresh, const std::vector<ReplicaSetSize>& old,
                          std::int64_t old_pods);

/// What tells whether a rollout gets on.
struct DeploymentStatus {
  std::int64_t replicas = 0, updated = 0, ready = 0, available = 0;
};

/// Source: pkg/controller/deployment/util/deployment_util.go DeploymentComplete, DeploymentProgressing (1.20.2).
bool deployment_complete(std::int64_t desired, const DeploymentStatus& now);
bool deployment_progressing(const DeploymentStatus& before, const DeploymentStatus& now);

/// Sizes after the Deployment's own size changed during a rollout: each ReplicaSet in proportion to its size, what is
/// left over goes to the largest (first among equals; newest first). `sizes` is ordered from the newest; `wanted_total`
/// is the desired size plus surge, `previous_total` the same before the change.
/// Source: pkg/controller/deployment/sync.go scale, deployment_util.go GetProportion (1.20.2).
std::vector<std::int64_t> scale_in_proportion(const std::vector<std::int64_t>& sizes, std::int64_t previous_total,
                                              std::int64_t wanted_total);

}  // namespace plimsoll::kubernetes
