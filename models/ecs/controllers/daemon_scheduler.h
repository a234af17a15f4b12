#pragma once

#include <cstdint>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::ecs {

struct DaemonSchedulerParameters {
  /// From a change (a task that stopped, a new revision) to the reaction; as of the service scheduler.
  Delay reaction = Delay::uniform(seconds(1), seconds(5));
};

/// The service scheduler of DAEMON services: one task on every ACTIVE container instance, started at the instant the
/// instance registers and so ahead of every other task. An instance without room for it is tried again whenever a task
/// on it ends. A DRAINING instance keeps its daemon tasks to the last: they go with the instance. There is no desired
/// count; a new revision, a failed health check or a task that stopped are replaced instance by instance, since an
/// instance never has two tasks of the service: the old one stops first, while at least
/// ceil(minimumHealthyPercent x active instances) tasks stay healthy. With minimumHealthyPercent 0, the default of the
/// API, all may stop at once; with 100 nothing can be replaced.
/// SOURCE: ECS developer guide, "Amazon ECS services" (daemon strategy: "the first task to launch on the instances and
/// the last task to stop"), "Rolling update"; API CreateService (maximumPercent 100 and minimumHealthyPercent 0 for
/// DAEMON). Our reading: the share counts active instances. Left out: placement constraints of daemon services, the
/// throttle of tasks that fail to start, the circuit breaker.
class DaemonScheduler : public ComponentOf<DaemonScheduler> {
 public:
  explicit DaemonScheduler(DaemonSchedulerParameters parameters) : parameters_(parameters) {}

  /// @pre the workload is a daemon; 0 <= minimum_healthy_percent <= 100.
  void manage(WorkloadId service, std::int64_t minimum_healthy_percent);
  bool empty() const { return services_.empty(); }

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  struct Service {
    WorkloadId workload;
    std::int64_t minimum_healthy_percent = 0;
    std::uint32_t revision = 1;
    bool deploying = false, wake_pending = false;
    bool waiting = false;  ///< some instance had no room for its task
    std::uint64_t wakes = 0;
  };
  Service* find(WorkloadId workload);
  void wake_soon(World& world, Service& service);
  void reconcile(World& world, Service& service);
  /// Starts the task of an instance that has none; false without room for it.
  bool start_on(World& world, const Service& service, NodeId instance);

  DaemonSchedulerParameters parameters_;
  std::vector<Service> services_;
  std::vector<std::uint8_t> has_task_;  // by node, of the service that is looked at
};

}  // namespace plimsoll::ecs
