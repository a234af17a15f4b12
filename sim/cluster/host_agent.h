#pragma once

#include <optional>
#include <vector>

#include "sim/cluster/run_to_completion.h"
#include "sim/cluster/world.h"

namespace plimsoll {

/// How long a container that exited waits before it is started again, when it failed so often in a row before:
/// at once, then first, 2 first, 4 first ... up to longest. For RestartRule::Kind::backoff.
Duration restart_delay(const RestartRule& rule, std::uint32_t failures_before);

/// The path of a placed pod to traffic and back, on any host: kubelet, ECS agent and Fargate differ in the data of
/// their HostProfile and PodTemplate, not in the steps. Network interface and sandbox; image pulls (serial or side by
/// side, cached or not; one that fails is retried with back-off, or ends the pod); container start; application start
/// = CPU work on the cores it is granted, plus a wait; startup, readiness and liveness probes; endpoints and balancer;
/// containers that exit, exceed their memory or fail their checks, with what follows by the RestartRule; and on the way
/// out the drain and the stop. Probes that change nothing are no events: the instants at which they pass or give up
/// are computed.
///
/// A pod of a workload that runs to completion works instead of becoming ready, on the cores it is granted at its
/// start: it ends as completed, or fails and is started again or ends by the RestartRule. Its probes are not looked at.
///
/// On a host that has failed nothing goes on; its pods get requests until health checks or endpoints notice.
///
/// Left out: restarts of one container beside others that run on, layers shared between different images, the removal
/// of unused images, an application that recovers from failed checks by itself.
class HostAgent : public ComponentOf<HostAgent> {
 public:
  /// Pods of this workload end by themselves.
  void run_to_completion(WorkloadId workload, const RunToCompletion& run);

  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  bool watches() const override { return true; }

 private:
  enum class Step : std::uint8_t {
    pull,
    start,
    init_done,
    probe,
    serve,
    end,
    fail,
    restart,
    unready,
    kill,
    shift,
    target_removed,
    exit_error,
    done
  };
  void schedule_target_removal(World& world, const Pod& pod, Time lost);
  void schedule(World& world, const Pod& pod, Step step, Time at);
  void begin_pull(World& world, PodId pod);
  void begin_run(World& world, PodId pod);
  void begin_work(World& world, PodId pod, const RunToCompletion& run);
  void after_init(World& world, PodId pod);
  void fail(World& world, PodId pod, Reason reason, std::int64_t exit_code);
  static void shift_traffic(World& world, WorkloadId workload);

  std::vector<std::optional<RunToCompletion>> runs_;  ///< by workload
};

}  // namespace plimsoll
