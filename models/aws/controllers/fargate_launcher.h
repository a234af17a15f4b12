#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/aws/fargate/launch_rate.h"
#include "models/aws/spot/capacity_pools.h"
#include "sim/cluster/world.h"
#include "sim/document/fields.h"
#include "sim/policy/binding_limits.h"
#include "sim/policy/pending_reasons.h"

namespace plimsoll::aws {

/// Launch quota of one account and region: a token bucket. SOURCE: "Amazon ECS service quotas" / "AWS Fargate
/// throttling quotas" (burst 100, 20 a second on-demand in the large regions; older dates in models/aws/as_of.h).
struct FargateQuota {
  std::int64_t burst = 100;
  Ppm per_second = Ppm{20'000'000};  ///< millionths of a launch a second
};

struct FargateParameters {
  FargateQuota quota;
  /// From the launch call to the start of the image pull: placement, microVM boot, network interface. Ten measured
  /// start-ups of a 413 MB image took 53 to 62 s, mean 57 (elasticscale.com 2024); a pull at 15 MB/s takes 28 s of
  /// that.
  Delay provision = Delay::uniform(seconds(24), seconds(33));
  /// The provider that it serves, when a cluster has several (Pod::lane).
  std::optional<std::uint8_t> lane;
  bool spot = false;  ///< Fargate Spot: a bucket of its own, interruptions, shortage
  HandlerId pools;    ///< CapacityPools: for Spot, the pools of type "FARGATE_SPOT"
  /// From the loss of a microVM's host until its task counts as stopped; none: whoever runs the pods takes them away
  /// (Kubernetes). Assumed: ECS notices as it does a silent agent.
  std::optional<Delay> lost = Delay::uniform(minutes(1), minutes(2));
  Duration retry = seconds(60);  ///< after a launch found no capacity; not documented
  /// vCPUs that the account may run on Fargate, of this purchase option; none: as many as it likes.
  std::optional<std::int64_t> vcpu_quota;
};

/// What a microVM does otherwise than an instance of the same side: it comes prepared, keeps no images, and pulls at a
/// rate of its own (`fargatePullRate` of `delays`).
HostProfile read_fargate_host(document::Fields& delays, const HostProfile& instance);

/// Name of the pools of Fargate Spot.
inline constexpr std::string_view kFargateSpotPool = "FARGATE_SPOT";

/// Gives every pending pod of its workloads a microVM of the pod's size: waits for a launch token, provisions, binds.
/// Zones: the one with the fewest pods of the workload among those that are up, the first in name order among equals
/// ("Fargate spreads tasks over zones on a best-effort basis", ECS developer guide, task placement).
/// Spot: launches wait while no zone has capacity; on the two-minute warning the task gets SIGTERM at once and is gone
/// when the two minutes are over at the latest. Beyond the account's quota of vCPUs launches wait too; the billed sizes
/// of all microVMs count. SOURCE: ECS developer guide, "Fargate task launch rates", "AWS Fargate capacity providers"
/// (termination notices), "AWS Fargate service quotas". Left out: capacity shortage of on-demand Fargate in a zone that
/// is up.
class FargateLauncher : public ComponentOf<FargateLauncher>, public PendingReasons, public BindingLimits {
 public:
  explicit FargateLauncher(FargateParameters parameters)
      : parameters_(parameters), tokens_(parameters.quota.burst, parameters.quota.per_second) {}

  /// Pods of this workload run on microVMs with `size` (the billed configuration).
  void serve(WorkloadId workload, const ResourceVector& size);
  bool serves(WorkloadId id) const { return id.index() < sizes_.size() && sizes_[id.index()].has; }
  const FargateParameters& parameters() const { return parameters_; }

  /// Capacity in the words of the ECS and EKS user guides, "Fargate capacity is unavailable"; the rest is this model's.
  std::string why_pending(World& world, PodId pod) override;
  /// The launch quota: it binds while a pod waits for a token. The quota of vCPUs: while it keeps a pod back.
  std::vector<Limit> binding_limits(const World& world) const override;

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  /// Why this pod has no microVM yet, as ECS words it where it does; empty when it is not one of its own.
  std::string why_waiting(const World& world, PodId pod) const;

 private:
  bool is_ours(const World& world, const FactRecord& fact) const;
  void launch_queued(World& world);
  bool within_vcpu_quota(const World& world, PodId pod) const;
  /// Tells of the launches that are refused, once, and tries again after a while.
  void wait_for_capacity(World& world, Reason reason);
  /// False when no zone has capacity.
  bool launch(World& world, PodId pod);
  void host_lost(World& world, NodeId node);
  void launch_elsewhere(World& world, NodeId node);

  struct Size {
    bool has = false;
    ResourceVector size;
    std::vector<std::int64_t> per_zone;
  };
  FargateParameters parameters_;
  std::vector<Size> sizes_;  // by workload
  LaunchRate tokens_;
  std::vector<PodId> queue_;  // waiting for a token, in order of creation
  std::size_t queue_head_ = 0;
  bool wake_pending_ = false, short_of_capacity_ = false;
  LimitClock quota_, vcpus_;
};

}  // namespace plimsoll::aws
