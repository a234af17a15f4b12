#include "sim/cluster/memory_limits.h"

#include <algorithm>

#include "sim/cluster/host_agent.h"
#include "sim/core/assert.h"

namespace plimsoll {

void MemoryUse::look(World& world) {
  last_.resize(world.workloads().size());
  each_.resize(world.workloads().size());
  if (ServiceModel* service = world.service(); service != nullptr) service->settle(world);
  for (const Workload& w : world.workloads()) {
    const Usage& now = world.usage[w.id.index()];
    Counters& last = last_[w.id.index()];
    std::int64_t& each = each_[w.id.index()];
    each = w.memory_used.raw();
    const __int128 pods = now.started_time - last.started_time, requests = now.in_flight - last.in_flight;
    if (w.memory_per_request.raw() > 0 && pods > 0)  // in_flight counts millionths of requests
      each += static_cast<std::int64_t>(requests * w.memory_per_request.raw() / (pods * 1'000'000));
    last = {now.in_flight, now.started_time};
  }
}

void MemoryLimits::start(World& world) {
  PLIMSOLL_ASSERT(dynamic_cast<HostAgent*>(&world.component(agent_)) != nullptr);
  world.wake(handler, kTimeZero + kPeriod, Phase::controllers);
}

void MemoryLimits::handle(World& world, const Event& /*event*/) {
  use_.look(world);
  kills_.clear();
  for (const Workload& w : world.workloads()) {
    if (!concerns(w) || use_.of(w.id) <= w.memory_limit.raw()) continue;
    for (const PodId id : w.pods) {
      const Pod& pod = world.pod(id);
      if (pod.state == PodState::serving && !world.node(pod.node).is_lost()) kills_.push_back(id);
    }
  }
  auto& agent = dynamic_cast<HostAgent&>(world.component(agent_));
  for (const PodId id : kills_) agent.kill_for_memory(world, id);
  if (world.now() + kPeriod < world.end) world.wake(handler, world.now() + kPeriod, Phase::controllers);
}

void attach_memory_limits(World& world, HandlerId agent) {
  const auto all = world.workloads();
  if (std::any_of(all.begin(), all.end(), MemoryLimits::concerns)) world.attach(std::make_unique<MemoryLimits>(agent));
}

}  // namespace plimsoll
