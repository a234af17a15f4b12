#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/eks/karpenter/release.h"
#include "models/eks/karpenter/scheduling.h"

namespace plimsoll::eks::karpenter {

/// When a batch of pending pods is closed. SOURCE: --batch-idle-duration, --batch-max-duration.
struct BatchParams {
  Duration idle = seconds(1);
  Duration maximum = seconds(10);
};
/// The instant at which a batch that opened at `first` and saw its latest pod at `latest` closes.
constexpr Time batch_closes(Time first, Time latest, const BatchParams& params) {
  const Time idle = latest + params.idle;
  const Time maximum = first + params.maximum;
  return idle < maximum ? idle : maximum;
}
/// How long a node is kept for a pod that was promised to it: twice the longest batch, at least 10 s.
constexpr Duration nomination_window(const BatchParams& params) {
  return params.maximum * 2 > seconds(10) ? params.maximum * 2 : seconds(10);
}

/// Reschedulable pods of a row: not owned by a DaemonSet, not static, not finished, not stopping.
std::vector<SchedulingPod> reschedulable_pods(const Simulation& sim, const PodDirectory& directory, Row row);

/// From this release on, no capacity is planned for a pod that do-not-disrupt, or a budget that never lets it go, keeps
/// on a node that is going: it ends with the node. A budget that is used up for the moment does not count.
/// SOURCE: kubernetes-sigs/karpenter pull request 2033 (April 2025; 2210 to 2213 took it to older release branches a
/// month later), pkg/utils/pdb/pdb.go (IsCurrentlyReschedulable).
inline constexpr Release kHeldPodsStaySince{1, 4};

/// Those of the reschedulable pods that a node which goes now would send elsewhere.
std::vector<SchedulingPod> currently_reschedulable_pods(const Simulation& sim, const PodDirectory& directory, Row row,
                                                        Time now, Release release);
/// Whether the pod stays on its node for one of these reasons.
bool is_held(const PodDirectory& directory, const SchedulingPod& pod, Time now, Release release);

struct ProvisioningInput {
  std::span<const SchedulingPod> pending;    ///< unschedulable pods without a node, no daemons
  const PodDirectory* pods = nullptr;        ///< facts of pods on nodes that are being deleted; null: there are none
  const PoolTemplates* templates = nullptr;  ///< prepared before, or null
  Release release;
  Duration try_cost{};  ///< computing time of one try of a pod on a node
  Time now{};
};

struct ProvisioningPlan {
  std::vector<PlannedClaim> claims;           ///< to launch; types by price, truncated
  std::vector<PlannedPlacement> nominations;  ///< pods promised to existing or launched nodes
  std::vector<PodId> unschedulable;
  std::vector<std::size_t> limited_pools;  ///< see SchedulingResult
  Duration spent{};                        ///< computing time
};

/// A run that takes longer ends with what it has found; the pods left wait for the next. SOURCE: kubernetes-sigs/
/// karpenter pull request 2121 (April 2025, in v1.4): "Timeout scheduling simulation after 1m".
inline constexpr Duration kSolveLimit = minutes(1);
inline constexpr Release kSolveLimitSince{1, 4};

/// One provisioning run: pending pods and the pods of nodes that are being deleted, onto existing and launched nodes
/// and onto new claims. The snapshot is left as it was. SOURCE: kubernetes-sigs/karpenter v0.36.2 and v1.14.1
/// pkg/controllers/provisioning/provisioner.go.
ProvisioningPlan plan_provisioning(const Cluster& cluster, const ProvisioningInput& input);

/// Keeps the cheapest `count` types of a claim, by price; a claim whose minValues would break keeps as many as they
/// need.
void truncate_types(PlannedClaim& claim, const Cluster& cluster, std::size_t count);

/// A place where the launch of a claim may happen.
struct LaunchOverride {
  std::uint32_t type = 0;
  std::uint8_t zone = 0;
  Rate price{};
};
struct LaunchRequest {
  CapacityType capacity_type = CapacityType::on_demand;
  std::vector<LaunchOverride> overrides;  ///< by price, then type, then zone
};
/// What the provider asks of CreateFleet. Without minValues, metal and accelerated types only when nothing else
/// remains, and with Spot and on-demand both allowed Spot offerings dearer than the cheapest on-demand one are left
/// out; then reserved if any is left, else Spot, else on-demand; the cheapest 60 types. Spot fleets are
/// price-capacity-optimized, on-demand ones lowest-price. Empty when nothing is on offer.
/// SOURCE: aws/karpenter-provider-aws v1.14.1 pkg/providers/instance/instance.go and filter/filter.go.
LaunchRequest launch_request(const PlannedClaim& claim, const Cluster& cluster);

}  // namespace plimsoll::eks::karpenter
