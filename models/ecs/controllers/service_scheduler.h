#pragma once

#include <span>
#include <vector>

#include "models/ecs/controllers/instance_view.h"
#include "models/ecs/controllers/task_constraints.h"
#include "models/ecs/deployment_configuration.h"
#include "models/ecs/deployment_hooks.h"
#include "models/ecs/failing_task_throttle.h"
#include "models/ecs/lambda_prices.h"
#include "models/ecs/launch_quota.h"
#include "models/ecs/placement.h"
#include "models/ecs/rolling_update.h"
#include "sim/cluster/world.h"
#include "sim/policy/binding_limits.h"

namespace plimsoll::ecs {

struct ServiceSchedulerParameters {
  /// From a change (desired count, a task that stopped) to the reaction. The cadence is not documented; our reading:
  /// within 1 to 5 s of the event.
  Delay reaction = Delay::uniform(seconds(1), seconds(5));
  /// Tasks that one service may launch a minute. SOURCE: "Amazon ECS service quotas" (500 for Fargate and EC2; 250 for
  /// EC2 in 2022).
  std::int64_t launches_per_minute = 500;
  /// How they are counted, which is not published: at most so many in any 60 s.
  LaunchWindow launch_window = LaunchWindow::sliding;
  FailingTaskThrottle throttle;
  /// A task that waits for capacity of an Auto Scaling group provider is stopped after so long. 10 to 30 min (AWS blog
  /// on cluster auto scaling); 30 here. Zero: it waits for ever, as on instances that ECS does not scale.
  Duration provisioning_timeout = minutes(30);
  /// Tasks of the old revision that fail during a rolling update are replaced by tasks of that revision, and a
  /// scale-out holds for both. SOURCE: AWS, "Amazon ECS improves Service Availability during Rolling deployments"
  /// (November 2025); before, the new revision alone took their place.
  bool replaces_old = true;
  /// Looks at every task at every look, as the plain way to the same decisions; for tests.
  bool recount = false;
};

/// Task scale-in protection: tasks that set it on themselves when they come into traffic. SOURCE: ECS developer guide,
/// "Task scale-in protection" (default 2 hours, 1 to 2880 minutes); which tasks do so, and that they do it once, is
/// the scenario's word.
struct TaskProtection {
  Ppm share{};                  ///< of the tasks
  Duration expires = hours(2);  ///< expiresInMinutes, from the task's first traffic on
};

/// The service scheduler of REPLICA services (DAEMON services have one of their own). It keeps the number of tasks at
/// the desired count: starts what is missing, up to the launch quota of a service, and stops what is too much: tasks
/// that wait first, then by the rules of choose_scale_in on EC2 or, on Fargate, in the zone with most tasks, a random
/// one. Tasks of another than the wanted revision, on DRAINING instances or with failed health checks are replaced
/// within the deployment's bounds. The rule and the SOURCE of each part stand with its functions below: rolling updates
/// (`replace`), blue/green, canary and linear deployments with their hooks (`blue_green`), alarms (`watch_alarms`),
/// failures and the circuit breaker (`note_failure`), health (`healthy`, `is_unhealthy`), zones (`rebalance`). SOURCE
/// of the whole: ECS developer guide, "Amazon ECS services", "Container instance draining", "Amazon ECS service
/// quotas".
class ServiceScheduler : public ComponentOf<ServiceScheduler>, public BindingLimits {
 public:
  explicit ServiceScheduler(ServiceSchedulerParameters parameters) : parameters_(parameters) {}

  /// `strategies` is used for stopping on EC2; `fargate` services have none.
  void manage(WorkloadId service, bool fargate, StrategyChain strategies,
              const DeploymentConfiguration& configuration = {});
  /// Tasks of a managed service that scale-in, deployments and the balancing of zones leave alone for a while.
  void protect(WorkloadId service, const TaskProtection& protection) {
    services_[service.index()].protection = protection;
  }

  /// Attributes that the strategies of a managed service spread over: on EC2 a stop keeps them even.
  void spread_over(WorkloadId service, std::vector<NameId> attributes) {
    services_[service.index()].spread.spread_attributes = std::move(attributes);
  }

  /// Tasks of a managed service that have no room never wait in PROVISIONING: it tries to place them for ever.
  void wait_for_ever(WorkloadId service) { services_[service.index()].provisions = false; }

  /// The groups whose instances can take tasks of a managed service, where the cluster has others.
  void place_on(WorkloadId service, std::vector<NodeGroupId> groups) {
    services_[service.index()].groups = std::move(groups);
  }

  /// Where calls of hooks are billed.
  void bill_hooks(const LambdaLines& lines) { lambda_ = lines; }

  /// The lifecycle hooks of a managed service's deployments.
  std::span<const DeploymentHook> hooks_of(WorkloadId service) const {
    if (service.index() >= services_.size()) return {};
    return services_[service.index()].configuration.hooks;
  }

  /// The alarms that watch a managed service's deployments.
  std::span<const std::string> alarms_of(WorkloadId service) const {
    if (service.index() >= services_.size()) return {};
    return services_[service.index()].configuration.alarms;
  }

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  /// The launch quota of each service: it binds while tasks wait for the next minute.
  std::vector<Limit> binding_limits(const World& world) const override;

 private:
  /// Extra tasks of an evening out that are not healthy by then are given up.
  static constexpr Duration kExtraLimit = minutes(10);

  /// Of a blue/green deployment; `canary` is the bake time of a step.
  enum class Stage : std::uint8_t { scale_up, shift, canary, bake, done };
  /// To start tasks that never get RUNNING.
  struct Attempts {
    std::int64_t failures = 0;  ///< in a row
    Time next{};                ///< not before
  };
  struct Service {
    bool managed = false;
    bool fargate = false;
    bool provisions = true;           ///< else its tasks wait for ever
    std::vector<NodeGroupId> groups;  ///< where they can be; none: everywhere
    StrategyChain strategies;
    TaskConstraints spread;  ///< the attributes only
    DeploymentConfiguration configuration;
    TaskProtection protection;
    bool watching = false;  ///< a task that becomes healthy matters
    /// No task was to be replaced when they were last sorted, and nothing has happened since that changes it: the
    /// workload's own counts tell what sorting would.
    bool all_current = false;
    bool wake_pending = false;
    Time planned{};  ///< the next look that was planned
    std::uint64_t wakes = 0, stops = 0;
    LaunchQuota launches;
    bool over_quota = false;  ///< at the last look, tasks were left until the quota lets more go
    LimitClock quota;
    // Deployment:
    std::uint32_t revision = 1;   ///< of the newest deployment
    std::uint32_t completed = 1;  ///< of the last completed one
    bool deploying = false, rolling_back = false, given_up = false;
    std::vector<PodId> in_grace;  ///< unhealthy, in their health check grace period
    BreakerState breaker;
    Stage stage = Stage::done;
    Time stage_until{};
    Ppm shifted{};           ///< traffic of the new revision
    bool step_done = false;  ///< the traffic of this step has shifted; its hooks may still run
    bool overtakes = false;  ///< the deployment before it had not ended
    DeploymentHooks hooks;
    bool watches_alarms = false;
    Time bake_until = kTimeNever;  ///< of a rolling update that alarms watch
    // Tasks that fail:
    Attempts attempts, attempts_of_old;  ///< of the wanted revision, and of the others
    /// In a rolling update: how many tasks the old revision would have if none had failed, of so many desired.
    std::int64_t old_wanted = 0, old_desired = 0;
    // Zones:
    std::int64_t extra = 0;  ///< tasks above the desired count, to even out the zones
    Time extra_since{}, rebalance_after{};
    Duration rebalance_pause = minutes(5);
    std::vector<std::int64_t> placed_in;  ///< by zone: tasks that are placed and not stopping
  };
  /// Tasks that are not stopping, told apart.
  struct Tasks {
    std::int64_t current_count = 0, current_healthy = 0;
    bool listed = false;                            ///< `current` is filled
    std::vector<PodId> current;                     ///< stay
    Time next_healthy = kTimeNever;                 ///< when one of `current` that works will count as healthy
    std::vector<PodId> old_healthy, old_unhealthy;  ///< to be replaced
  };

  void wake_soon(World& world, WorkloadId id);
  void wake_at(World& world, WorkloadId id, Time at);
  void reconcile(World& world, WorkloadId id);
  void follow_revision(World& world, WorkloadId id, Service& service);
  void give_up(World& world, WorkloadId id, Service& service, Reason reason);
  /// Alarms of the deployment are looked at once a minute, through the bake time; one in ALARM fails it and, when told
  /// to, brings the old revision back, to which the traffic goes at once while its tasks are there. A rolling update
  /// has a bake time of its own: as long as the longest of its alarms looks back (our reading: ECS computes it from the
  /// alarms). Alarms that are in ALARM when the deployment begins mean that none is watched. SOURCE: ECS developer
  /// guide, "How CloudWatch alarms detect Amazon ECS deployment failures".
  void watch_alarms(World& world, WorkloadId id, Service& service);
  static Duration alarm_range(World& world, const Service& service);
  void stop_waiting(World& world, WorkloadId id, Service& service);
  void sort_tasks(const World& world, WorkloadId id, Service& service);
  void list_tasks(const World& world, WorkloadId id, const Service& service);
  static void count_placed(const World& world, const FactRecord& fact, Service& service);
  /// In traffic; without a balancer and without container checks, while tasks are replaced, 40 s after RUNNING at the
  /// earliest. SOURCE: ECS developer guide, "Rolling update".
  static bool healthy(const World& world, const Pod& task);
  /// A rolling update by rolling_step. Tasks of the old revision that it has not stopped itself and that are missing
  /// are started again (`missing_old`), beside the new ones, while fewer than the lower bound are healthy. SOURCE: ECS
  /// developer guide, "Rolling update"; ServiceSchedulerParameters::replaces_old.
  void replace(World& world, WorkloadId id, Service& service);
  bool is_old(const World& world, const Pod& task, const Service& service) const;
  std::int64_t count_old(const World& world, const Service& service, const std::vector<PodId>& tasks) const;
  std::int64_t missing_old(const World& world, WorkloadId id, Service& service, const RollingCounts& counts);
  // service_scheduler_blue_green.cpp
  /// Blue/green: all tasks of the new revision start beside the old ones and take traffic when all are healthy; the old
  /// ones stay for the bake time. Until then both revisions are kept at the desired count, and tasks of either that
  /// fail or are on DRAINING instances are replaced by tasks of their own revision, each revision within the
  /// deployment's bounds (our reading). Canary and linear: the new revision's target group first has the weight of a
  /// step, and of one more step after each step's bake, until it has all. Lifecycle hooks hold such a deployment at its
  /// stages (DeploymentHooks); one that fails brings the old revision back. Test traffic has no load of its own: its
  /// stages are their hooks. A rollback calls the hooks of TEST_TRAFFIC_SHIFT and PRODUCTION_TRAFFIC_SHIFT and does not
  /// wait for them. SOURCE: ECS developer guide, "Blue/green deployments".
  void blue_green(World& world, WorkloadId id, Service& service);
  void keep_revision(World& world, WorkloadId id, Service& service, std::uint32_t revision);
  bool shift_traffic(World& world, WorkloadId id, Service& service);
  bool hooks_pass(World& world, WorkloadId id, Service& service, DeploymentStage stage);
  void call_hooks_of_rollback(World& world, WorkloadId id, const Service& service);
  /// Zones are kept even, where the service is eligible, with the room that the instances there have: on EC2 nothing is
  /// started for it that would have to wait for a new one. A failed attempt is repeated after 5 min, then later and
  /// later (our reading). SOURCE: ECS developer guide, "Balancing an Amazon ECS service across Availability Zones".
  void rebalance(World& world, WorkloadId id, Service& service);
  static void pause_rebalancing(const World& world, Service& service);
  std::int64_t room_in(World& world, WorkloadId id, std::size_t zone, std::int64_t enough);
  void start_tasks(World& world, WorkloadId id, Service& service, std::int64_t count, std::uint32_t revision);
  void stop(World& world, WorkloadId id, Service& service, std::vector<PodId>& from, std::int64_t count, Reason reason);
  void spare_protected(World& world, WorkloadId id, Service& service, std::vector<PodId>& from, Reason reason);
  Reason reason_of(const World& world, const Service& service, PodId task) const;
  bool may_launch(World& world, WorkloadId id, Service& service, std::uint32_t revision);
  std::size_t choose_stop(World& world, WorkloadId id, Service& service, const std::vector<PodId>& from);
  std::size_t choose_on_fargate(const World& world, WorkloadId id, Service& service, const std::vector<PodId>& from);
  void find_stoppable(const World& world, WorkloadId id, const Service& service, const std::vector<PodId>& from);
  /// In the payload of a wake: the checks of a load balancer have made a task's target unhealthy, if it is not ready.
  static constexpr std::uint64_t kTargetCheck = 1ull << 33;
  /// The checks of a load balancer begin when a task is RUNNING, within an interval: one that is not ready after as
  /// many as make a target unhealthy, and after its grace period, has failed them. That a target which was unhealthy
  /// needs several passed checks in a row is left out.
  void watch_target(World& world, const Pod& task, const Service& service) const;
  static void check_target(World& world, PodId task);
  void count_failure(World& world, const Pod& task, Service& service, BreakerEvent event) const;
  /// Failed checks of a load balancer or of containers are ignored while the task is in its health check grace period;
  /// a task that is unhealthy when it ends is replaced then. Where nothing checks the tasks, none is unhealthy. SOURCE:
  /// API CreateService, healthCheckGracePeriodSeconds.
  void end_grace(World& world, WorkloadId id, Service& service);
  static bool is_unhealthy(const World& world, const Pod& task, const Service& service);
  /// The circuit breaker counts failed tasks and, when told to, makes the last completed revision the wanted one again.
  /// Tasks that stop without having run slow the service down. SOURCE: ECS developer guide, "How the Amazon ECS
  /// deployment circuit breaker detects failures", "Service throttle logic". Our readings: a task that exits after
  /// RUNNING without having been healthy counts as a failed check; an attempt that finds no room for tasks of the
  /// deployment on instances which ECS does not scale counts as one task that failed to start (that lack of resources
  /// trips it: aws/containers-roadmap issues 1273 and 1583).
  void note_failure(World& world, const FactRecord& fact, Service& service);

  ServiceSchedulerParameters parameters_;
  LambdaLines lambda_;
  std::vector<Service> services_;  // by workload
  Tasks tasks_;                    // of the service that is being reconciled
  /// Tasks that are being stopped are chosen among: where they are, while one after the other is taken.
  struct Stoppable {
    std::size_t pending = 0;               ///< of them without a place
    std::vector<std::uint32_t> instance;   ///< on EC2, of each; kNoValue: none
    std::vector<std::uint32_t> instances;  ///< those of at least one, ascending
    std::vector<std::uint32_t> tasks;      ///< on each of all instances
    std::vector<std::size_t> equal;        ///< of the same instance, or zone
  };
  Stoppable stoppable_;
  InstanceView view_;
  ConstraintMasks masks_;
  PlacementScratch scratch_;
  std::vector<std::uint32_t> remaining_, remaining_in_zone_;  // tasks that are not stopping, of the service
};

}  // namespace plimsoll::ecs
