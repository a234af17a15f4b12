#pragma once

#include <span>
#include <utility>
#include <vector>

#include "models/ecs/controllers/instance_view.h"
#include "models/ecs/controllers/task_constraints.h"
#include "models/ecs/placement.h"
#include "sim/cluster/world.h"
#include "sim/policy/binding_limits.h"
#include "sim/policy/pending_reasons.h"

namespace plimsoll::ecs {

struct TaskPlacerParameters {
  Delay start_task =
      Delay::uniform(milliseconds(500), milliseconds(1500));  ///< API and control-channel latency; our reading
  /// While tasks are PROVISIONING they are tried again so often. Observed (AWS blog on cluster auto scaling).
  Duration retry = seconds(15);
  /// Tasks of Auto Scaling group providers that may be PROVISIONING in a cluster. SOURCE: "Amazon ECS service quotas"
  /// (100 in 2019, 300 in 2022, 500 now).
  std::int64_t provisioning_limit = 500;
  /// A task that has waited so long is stopped; its service starts another. SOURCE: AWS Containers blog on cluster auto
  /// scaling: 10 to 30 minutes.
  Delay provisioning_timeout = Delay::uniform(minutes(10), minutes(30));
  /// Where tasks do not wait in PROVISIONING: a service that could not place a task tries again after `retry`, and
  /// after so many attempts in a row only so often. Observed: an attempt of the service scheduler that finds no
  /// instance is repeated twice, and then after minutes, whatever instances register meanwhile (amazon-ecs-agent issues
  /// 1160: 15 minutes in 2018; 2309: up to 5; reproio/ecs_deploy pull 53: about 5).
  std::int64_t placement_attempts = 3;
  Duration placement_retry = minutes(5);
  bool draws_ties = true;  ///< among equal instances; else the first registered. Our reading
};

/// One try to place one task, told before it is placed.
struct PlacementDetail : Detail {
  PodId task;
  const InstanceView* view = nullptr;
  const TaskNeed* need = nullptr;
  const StrategyChain* strategies = nullptr;
  NodeId chosen;          ///< none: no instance can take it
  std::size_t equal = 0;  ///< how many were best, one of them drawn
};

/// Places the tasks of its services on container instances: at creation, and while some wait every `retry`. Tasks are
/// tried in creation order; the rule is models/ecs/placement.h; among equal instances one is drawn.
/// A task is placed on the instances of its provider only. At most `provisioning_limit` tasks wait in PROVISIONING, the
/// oldest first; the others are not looked at. A task that waits too long is stopped.
/// On instances that ECS does not scale (EC2 without managed scaling, ECS Anywhere), and for tasks of launch type EC2,
/// which no managed scaling sees, there is no PROVISIONING: the
/// service scheduler fails to place the task (Fact::launch_refused of the service, told with the number of its tasks
/// without room) and tries again for ever, less and less often; a new revision begins afresh. While the first instances
/// of a run are on their way no attempt counts: a real cluster has them before it has services.
/// SOURCE: ECS developer guide, "Amazon ECS task placement"; "Amazon ECS service quotas"; "Amazon ECS service throttle
/// logic" (lack of resources among its causes); "Amazon ECS service action events" (SERVICE_TASK_PLACEMENT_FAILURE).
class TaskPlacer : public ComponentOf<TaskPlacer>, public PendingReasons, public BindingLimits {
 public:
  explicit TaskPlacer(TaskPlacerParameters parameters) : parameters_(parameters) {}
  void serve(WorkloadId service, TaskNeed need, StrategyChain strategies);
  /// What a served workload's tasks ask of instances beyond resources.
  void constrain(WorkloadId service, TaskConstraints constraints) {
    services_[service.index()].constraints = std::move(constraints);
  }
  /// Static host ports of tasks that somebody else places: daemons.
  void hold_ports(WorkloadId workload, std::vector<PortKey> ports) {
    if (services_.size() <= workload.index()) services_.resize(workload.index() + 1);
    services_[workload.index()].constraints.host_ports = std::move(ports);
  }
  /// What the tasks of a workload ask of instances; null when it is not served.
  const TaskConstraints* constraints_of(WorkloadId workload) const {
    const bool served = workload.index() < services_.size() && services_[workload.index()].served;
    return served ? &services_[workload.index()].constraints : nullptr;
  }
  /// Static host ports of a workload's tasks, served or held; null when it is not known.
  const std::vector<PortKey>* host_ports_of(WorkloadId workload) const {
    return workload.index() < services_.size() ? &services_[workload.index()].constraints.host_ports : nullptr;
  }
  /// The groups whose instances carry the tasks of the next lane, none for a provider of Fargate; without lanes, every
  /// instance carries every task.
  void add_lane(std::vector<NodeGroupId> groups) { lanes_.push_back(std::move(groups)); }
  /// The tasks of this lane, on these groups, have no capacity provider that ECS scales: they do not wait in
  /// PROVISIONING.
  void do_not_provision(std::size_t lane, std::vector<NodeGroupId> groups) {
    if (unscaled_.size() <= lane) unscaled_.resize(lane + 1);
    unscaled_[lane].groups = std::move(groups);
  }
  /// Stand-alone tasks of this workload do not wait for room: RunTask answers with a failure, and they are over.
  /// SOURCE: API RunTask (failures); with managed scaling of the provider they wait in PROVISIONING instead.
  void refuse_without_room(WorkloadId workload) { services_[workload.index()].refused = true; }

  /// The groups on whose instances the task can be placed; none: all.
  std::span<const NodeGroupId> groups_of(const Pod& task) const {
    if (lanes_.empty()) return {};
    return lanes_[task.lane];
  }
  /// Of the cluster.
  std::int64_t provisioning_limit() const { return parameters_.provisioning_limit; }
  /// Whether the task waits in PROVISIONING while it has no room.
  bool provisions(const Pod& task) const {
    return constraints_of(task.workload) != nullptr &&
           (task.lane >= unscaled_.size() || unscaled_[task.lane].groups.empty());
  }

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  /// In the words of a service's events.
  std::string why_pending(World& world, PodId task) override;
  /// The quota of tasks in PROVISIONING: it binds while a task is not looked at for it.
  std::vector<Limit> binding_limits(const World& world) const override;

 private:
  struct Service {
    bool served = false;
    TaskNeed need;
    StrategyChain strategies;
    bool refused = false;  ///< without room
    TaskConstraints constraints;
  };
  /// Brings the view up to date for one of its tasks; the need with its constraints.
  TaskNeed look(World& world, const Pod& task, const Service& service, InstanceView& view);
  std::span<const std::uint32_t> find_best_for(const World& world, const Pod& task, const Service& service,
                                               const TaskNeed& need);
  void place_pending(World& world);
  static void refuse(World& world, PodId task);
  void tell(World& world, PodId task, const Service& service, const TaskNeed& need, NodeId chosen,
            std::size_t equal) const;

  TaskPlacerParameters parameters_;
  std::vector<Service> services_;
  std::vector<std::vector<NodeGroupId>> lanes_;
  /// When a task found no room: its equals are not tried in the same round, nor later while the snapshot is the same.
  struct Full {
    std::uint64_t round = 0;    ///< 0: never
    std::uint64_t version = 0;  ///< of the snapshot
    // On instances that ECS does not scale:
    std::uint32_t revision = 0;   ///< newest of the service that was looked at
    std::int64_t failed = 0;      ///< attempts in a row that placed nothing
    std::int64_t unplaced = 0;    ///< tasks without room in this attempt
    std::uint64_t attempted = 0;  ///< round of the last attempt that failed
    Time next{};                  ///< of the next one
  };
  struct Unscaled {
    std::vector<NodeGroupId> groups;  ///< none: ECS scales it
    bool begun = false;               ///< one of its instances has registered
  };
  bool begins(const World& world, Unscaled& lane) const;
  void fail_to_place(const World& world, Full& service);
  void tell_failures(World& world);
  void retry_at(World& world, Time at);
  Full& full(const Pod& task);
  std::vector<std::vector<Full>> full_;  // by service and lane
  std::uint64_t round_ = 0;              // of place_pending
  /// The instances with room for one more task of a service: placing one changes no more than the instance that it is
  /// placed on.
  struct Room {
    WorkloadId service;
    std::uint8_t lane = 0;
    std::uint64_t version = 0;             ///< of the snapshot when the last one was placed; 0: not known
    std::uint32_t last = 0;                ///< the instance that it was placed on
    std::vector<std::uint32_t> instances;  ///< that had room before that, ascending
  };
  Room room_;
  InstanceView view_;
  PlacementScratch scratch_;
  ConstraintMasks masks_;
  enum : std::uint64_t { kNew = 0, kRetry = 1 };
  bool wake_pending_ = false;
  Time retry_ = kTimeNever;         // of the next planned round
  std::vector<Unscaled> unscaled_;  // by lane
  std::vector<PodId> queue_;
  LimitClock provisioning_;
};

}  // namespace plimsoll::ecs
