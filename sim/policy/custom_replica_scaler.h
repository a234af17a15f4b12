#pragma once

#include <vector>

#include "sim/cluster/world.h"
#include "sim/policy/custom_policy.h"
#include "sim/policy/replica_scaler_call.h"

namespace plimsoll {

/// Calls a user's replica scalers, each once a period, and sets the desired count to the clamped answer. Periods have
/// an offset drawn uniformly, as every loop that is not aligned to the wall clock.
class CustomReplicaScalers : public ComponentOf<CustomReplicaScalers> {
 public:
  void scale(WorkloadId workload, CustomPolicyPtr policy, Ppm target_cpu, Duration period);
  bool empty() const { return targets_.empty(); }

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

 private:
  struct Target {
    ReplicaScalerCall call;
    Duration period{};
  };
  std::vector<Target> targets_;
};

}  // namespace plimsoll
