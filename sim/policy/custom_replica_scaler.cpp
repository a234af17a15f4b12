#include "sim/policy/custom_replica_scaler.h"

#include <utility>

namespace plimsoll {

void CustomReplicaScalers::scale(WorkloadId workload, CustomPolicyPtr policy, Ppm target_cpu, Duration period) {
  targets_.push_back({ReplicaScalerCall(std::move(policy), workload, target_cpu, hash_text("workload")), period});
}

void CustomReplicaScalers::start(World& world) {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const std::string_view name = world.names.text(world.workload(targets_[i].call.workload()).name);
    const Stream stream = world.stream(hash_text(name, hash_text("custom-scaler")), Purpose::loop_offset);
    const std::uint64_t offset = stream.below(static_cast<std::uint64_t>(targets_[i].period.count()), 0);
    world.wake(handler, world.now() + Duration{static_cast<std::int64_t>(offset) + 1}, Phase::controllers, i);
  }
}

void CustomReplicaScalers::handle(World& world, const Event& event) {
  Target& t = targets_[event.payload];
  world.set_desired(t.call.workload(), t.call.ask(world));
  world.wake(handler, world.now() + t.period, Phase::controllers, event.payload);
}

}  // namespace plimsoll
