#pragma once

#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::aws {

/// Launch quota of one account and region: a token bucket. SOURCE: "Amazon ECS service quotas" / "AWS Fargate throttling
/// quotas" (burst 100, 20 a second on-demand in the large regions; older dates in models/aws/as_of.h).
struct FargateQuota {
  std::int64_t burst = 100;
  double per_second = 20;
};

struct FargateParameters {
  FargateQuota quota;
  /// From the launch call to the start of the image pull: placement, microVM boot, network interface. The span between
  /// published start-up times and pull times (53 to 62 s for a 413 MB image, elasticscale.com 2024) leaves 15 to 30 s.
  Delay provision = Delay::uniform(seconds(15), seconds(30));
};

/// Gives every pending pod of its workloads a microVM of the pod's size: waits for a launch token, provisions, binds.
/// Zones: the one with the fewest pods of the workload, the first in name order among equals ("Fargate spreads tasks
/// over zones on a best-effort basis", ECS developer guide, task placement).
/// SOURCE: ECS developer guide, "Fargate task launch rates". Left out: capacity shortage of the service itself.
class FargateLauncher : public ComponentOf<FargateLauncher> {
 public:
  explicit FargateLauncher(FargateParameters parameters) : parameters_(parameters) {}

  /// Pods of this workload run on microVMs with `size` (the billed configuration) and room for `room`.
  void serve(WorkloadId workload, const ResourceVector& size);

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  bool serves(WorkloadId id) const { return id.index() < sizes_.size() && sizes_[id.index()].has; }
  Time take_token(Time now);
  void launch(World& world, PodId pod);

  struct Size {
    bool has = false;
    ResourceVector size;
    std::vector<std::int64_t> per_zone;
  };
  FargateParameters parameters_;
  std::vector<Size> sizes_;  // by workload
  // Token bucket: tokens_ at bucket_at_, in millionths.
  std::int64_t tokens_ = 0;
  Time bucket_at_{};
};

}  // namespace plimsoll::aws
