#pragma once

#include "sim/cluster/world.h"

namespace plimsoll {

/// The path of a placed pod to traffic and back, on any host: kubelet, ECS agent and Fargate differ in the delays of
/// their HostProfile, not in the steps. Network interface and sandbox; image pulls (serial or side by side, cached or
/// not); container start; application start = CPU work on the cores it is granted, plus a wait; readiness at the next
/// probe; endpoints and balancer; and on the way out the drain and the stop.
///
/// On a host that has failed nothing goes on; its pods get requests until health checks or endpoints notice.
///
/// Left out: init containers, restarts of single containers, layers shared between different images.
class HostAgent : public ComponentOf<HostAgent> {
 public:
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  bool watches() const override { return true; }

 private:
  enum class Step : std::uint8_t { pull, start, init_done, probe, serve, end, target_removed };
  void schedule_target_removal(World& world, const Pod& pod, Time lost);
  void schedule(World& world, const Pod& pod, Step step, Time at);
  void begin_pull(World& world, PodId pod);
  void begin_init(World& world, PodId pod);
};

}  // namespace plimsoll
