#include "models/ecs/controllers/start_timeouts.h"

namespace plimsoll::ecs {

void StartTimeouts::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact != Fact::pod_started) return;
  for (const auto& [workload, after] : never_) {
    if (workload == fact.workload) world.wake(handler, world.now() + after, Phase::controllers, fact.pod.value());
  }
}

void StartTimeouts::handle(World& world, const Event& event) {
  const PodId task{static_cast<std::uint32_t>(event.payload)};
  if (world.pod(task).state == PodState::starting) world.pod_ended(task, Reason::start_timeout);
}

}  // namespace plimsoll::ecs
