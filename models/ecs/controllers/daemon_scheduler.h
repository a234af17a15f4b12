#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/ecs/circuit_breaker.h"
#include "models/ecs/cluster_query_language.h"
#include "models/ecs/failing_task_throttle.h"
#include "models/ecs/placement.h"
#include "sim/cluster/world.h"

namespace plimsoll::ecs {

struct DaemonSchedulerParameters {
  /// From a change (a task that stopped, a new revision) to the reaction; as of the service scheduler.
  Delay reaction = Delay::uniform(seconds(1), seconds(5));
  FailingTaskThrottle throttle;
};

/// What fails a deployment of a daemon, and whether the last completed revision is deployed then.
struct DaemonDeploymentGuard {
  CircuitBreaker breaker;
  std::vector<std::string> alarms = {};  ///< CloudWatch alarms
  bool alarms_rollback = false;
};

/// A managed daemon of Managed Instances. SOURCE: ECS developer guide, "Daemon deployments" (drainPercent 25, bake time
/// 0), "Daemon auto repair" (critical true).
struct ManagedDaemon {
  Ppm drain = percent(25);               ///< of the instances, that a deployment drains together; at least one
  Duration bake{};                       ///< after the last one, until the deployment is complete
  bool critical = true;                  ///< when its task stops or fails its checks, the instance is drained
  std::vector<std::string> alarms = {};  ///< CloudWatch alarms, any of which fails a deployment and rolls it back
};

/// The service scheduler of DAEMON services: one task on every ACTIVE container instance that meets the service's
/// placement constraints, started at the instant the instance registers and so ahead of every other task. A task on an
/// instance that no longer meets them is stopped. An instance without room for it is tried again whenever a task on it
/// ends. A DRAINING instance keeps its daemon tasks to the last: they go with the instance. There is no desired count;
/// a new revision, a failed health check or a task that stopped are replaced instance by instance, since an instance
/// never has two tasks of the service: the old one stops first, while at least
/// ceil(minimumHealthyPercent x active instances) tasks stay healthy. With minimumHealthyPercent 0, the default of the
/// API, all may stop at once; with 100 nothing can be replaced.
///
/// Managed daemons of Managed Instances are not replaced in place: a deployment drains drainPercent of the instances at
/// a time (rounded down, one at least: our reading), their tasks go to new instances, which start with the new
/// revision, and so on until none has the old one. A critical daemon's failure drains its instance. Tasks of the new
/// revision that fail count for the circuit breaker of the deployment; when it trips, or one of the deployment's alarms
/// is in ALARM that was not when it began (looked at once a minute, through the bake time), the deployment has failed
/// and the last completed revision is deployed in its place. DAEMON services have what their deploymentCircuitBreaker
/// and alarms say; one that fails and does not roll back starts no more tasks.
///
/// Tasks that end before they are RUNNING slow the service down, on all instances together.
/// SOURCE: ECS developer guide, "Amazon ECS services" (daemon strategy: "the first task to launch on the instances and
/// the last task to stop"; constraints of running tasks are evaluated too), "Rolling update", "Daemon deployments",
/// "Daemon auto repair", "Service throttle logic"; API DaemonCircuitBreaker; API CreateService (maximumPercent 100 and
/// minimumHealthyPercent 0 for DAEMON). Our readings: the share counts active instances; the threshold
/// of the circuit breaker, which is not published for managed daemons, is that of services, of the active instances.
class DaemonScheduler : public ComponentOf<DaemonScheduler> {
 public:
  explicit DaemonScheduler(DaemonSchedulerParameters parameters) : parameters_(parameters) {}

  /// @pre the workload is a daemon; 0 <= minimum_healthy_percent <= 100.
  void manage(WorkloadId service, std::int64_t minimum_healthy_percent, std::vector<ClusterQuery> member_of = {});
  /// The managed service runs on Managed Instances.
  void manage_instances(WorkloadId service, const ManagedDaemon& managed);
  /// The managed service runs on instances of these groups only.
  void stay_on(WorkloadId service, std::vector<NameId> groups) { find(service)->groups = std::move(groups); }
  /// Of a DAEMON service: deploymentCircuitBreaker and alarms. Those of managed daemons always roll back.
  void guard_deployments(WorkloadId service, DaemonDeploymentGuard guard);
  /// Static host ports of the workload's tasks, a daemon or not: a daemon is not started where one of its ports is in
  /// use, or where the agent keeps it.
  void hold_ports(WorkloadId workload, std::vector<PortKey> ports);
  /// A new revision of the managed service is deployed then.
  void deploy_at(WorkloadId service, Time at) { deployments_.emplace_back(service, at); }
  bool empty() const { return services_.empty(); }

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  struct Service {
    WorkloadId workload;
    std::int64_t minimum_healthy_percent = 0;
    std::vector<ClusterQuery> member_of;  ///< placement constraints
    std::vector<NameId> groups;           ///< by name; empty: all
    std::optional<ManagedDaemon> managed;
    Time bake_until = kTimeNever;
    std::uint32_t revision = 1;
    bool deploying = false, wake_pending = false;
    bool waiting = false;  ///< some instance had no room for its task
    std::uint64_t wakes = 0;
    // Tasks that fail:
    std::int64_t start_failures = 0;
    Time next_launch{};  ///< none starts before
    Time planned{};      ///< the next look that was planned
    std::uint32_t completed = 1;
    DaemonDeploymentGuard guard;
    BreakerState breaker;
    bool watches_alarms = false, given_up = false;
  };
  Service* find(WorkloadId workload);
  static bool belongs_on(const World& world, NodeId instance, const Service& service);
  void wake_soon(World& world, Service& service);
  void wake_at(World& world, Service& service, Time at);
  void reconcile(World& world, Service& service);
  void follow_revision(World& world, Service& service);
  void give_up(World& world, Service& service, Reason reason);
  /// Drains the next instances that have the old revision; completes when none has.
  void replace_instances(World& world, Service& service, std::int64_t active, const std::vector<PodId>& old);
  static void complete(World& world, Service& service);
  /// Starts the task of an instance that has none; false without room for it.
  bool start_on(World& world, Service& service, NodeId instance);
  void note_failure(const World& world, const FactRecord& fact, Service& service) const;
  void count_failure(const World& world, const Pod& task, BreakerEvent event, Service& service) const;

  bool ports_free(const World& world, WorkloadId service, NodeId instance) const;

  DaemonSchedulerParameters parameters_;
  std::vector<Service> services_;
  std::vector<std::vector<PortKey>> host_ports_;  // by workload
  std::vector<std::pair<WorkloadId, Time>> deployments_;
  std::vector<std::uint8_t> has_task_;  // by node, of the service that is looked at
};

}  // namespace plimsoll::ecs
