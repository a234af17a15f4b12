#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/aws/autoscaling/group_config.h"
#include "models/aws/spot/capacity_pools.h"
#include "models/ecs/controllers/task_constraints.h"
#include "models/ecs/managed_instances.h"
#include "sim/cluster/world.h"

namespace plimsoll::ecs {

struct ManagedInstancesParameters {
  NodeGroupId group;  ///< its instances; sizes of the group bound nothing
  std::uint8_t lane = 0;
  bool spot = false;  ///< capacityOptionType SPOT
  /// scaleInAfter: idle for so long ends an instance; an underused one is drained after so long, or `optimise_period`
  /// when that is longer. None: neither, ever (-1 "disables automatic infrastructure optimization", of "idle or
  /// underutilized" instances; SOURCE: API InfrastructureOptimization). AWS's own heuristic when it is not given is not
  /// published; 5 minutes here.
  std::optional<Duration> scale_in_after = minutes(5);
  /// An idle instance that a waiting task fits is looked at again so long after: by then it is placed. As often as
  /// tasks in PROVISIONING are tried (TaskPlacerParameters).
  Duration placement = seconds(15);
  Duration batch = seconds(2);            ///< waiting tasks are collected for so long; assumed
  Duration optimise_period = minutes(5);  ///< how often an underused instance is looked for; assumed
  Duration drain_after = hours(14 * 24);  ///< instances are drained when so old
  Duration drain_limit = hours(7 * 24);   ///< and ended so long after
  ResourceVector daemons;                 ///< that daemons take of each instance
  aws::InstanceDelays delays;
  Delay health_check = Delay::uniform(minutes(2), minutes(4));  ///< as an Auto Scaling group's, assumed
  Duration launch_retry = minutes(1);
  HandlerId pools;
};

/// A Managed Instances capacity provider: AWS chooses and launches instances for the tasks that wait (packed over what
/// is on its way first), ends those that are idle unless a task waits that fits them, drains those whose tasks fit
/// elsewhere, that are 14 days old or that Spot takes back, and replaces broken ones. There is no Auto Scaling group,
/// alarm or placement strategy. Placement constraints choose types and zones: tasks that have some get instances of a
/// type and in a zone that meet them, each its own where only one of its group may be on an instance. SOURCE: ECS
/// developer guide, "Amazon ECS Managed Instances", "Managed Instances capacity optimization". How types are chosen:
/// models/ecs/managed_instances.h. Left out: infrastructure patches other than by the 14-day drain.
class ManagedInstancesProvider : public ComponentOf<ManagedInstancesProvider> {
 public:
  ManagedInstancesProvider(ManagedInstancesParameters parameters,
                           std::shared_ptr<const std::vector<ManagedType>> types);

  NodeGroupId group() const { return parameters_.group; }
  /// What the tasks of a workload ask of instances.
  void constrain(WorkloadId workload, const TaskConstraints& constraints);

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t {
    kPlan = 0,
    kRunning = 1,
    kReady = 2,
    kTerminated = 3,
    kIdle = 4,
    kOptimise = 5,
    kOld = 6,
    kTooOld = 7,
    kUnhealthy = 8,
    kNotice = 9
  };
  struct Constrained {
    WorkloadId workload;
    std::vector<ClusterQuery> member_of;
    bool distinct_instance = false;
    std::vector<PortKey> host_ports;  ///< sorted
    /// Whether an instance takes no second task of it.
    bool one_an_instance() const { return distinct_instance || !host_ports.empty(); }
  };
  struct Task {
    ResourceVector need;
    WorkloadId workload;
    const Constrained* constrained = nullptr;
  };
  /// What an instance has free, for packing.
  struct Room {
    ResourceVector free;
    NodeId node;  ///< none: planned
    const ManagedType* type = nullptr;
    ZoneId zone;
    std::vector<WorkloadId> taken;  ///< by constrained tasks that are packed into it
  };
  void wake_plan(World& world, Duration after);
  void plan(World& world);
  const Constrained* constraints_of(WorkloadId workload) const;
  bool excludes(const Constrained& task, WorkloadId other) const;
  Task task_of(const World& world, const Pod& pod) const;
  Room room_of(const World& world, const Node& node) const;
  bool admits(const World& world, const Room& room, const Task& task) const;
  bool place(const World& world, std::vector<Room>& rooms, const Task& task) const;
  bool is_awaited(const World& world, const Node& node) const;
  bool is_allowed(const World& world, const ManagedType& type, ZoneId zone, const Constrained* constrained) const;
  std::optional<ManagedLaunch> choose(const World& world, const std::vector<Task>& tasks) const;
  std::optional<ZoneId> launch(World& world, const ManagedType& type, const Constrained* constrained);
  bool held_by_quota(World& world) const;
  PurchaseOption purchase() const { return parameters_.spot ? PurchaseOption::spot : PurchaseOption::on_demand; }
  void optimise(World& world);
  Duration optimise_after() const;
  void watch_idle(World& world, NodeId node);
  std::vector<NodeId> members(const World& world) const;
  std::uint64_t entity(const World& world, const Node& node) const;

  ManagedInstancesParameters parameters_;
  std::shared_ptr<const std::vector<ManagedType>> types_;
  std::vector<ManagedType> rooms_;                   ///< the types with what daemons leave of them
  std::vector<std::uint64_t> launches_;              // by type and zone: names the draws of a launch
  std::vector<std::pair<NodeId, Time>> idle_since_;  // instances without a task
  std::vector<Constrained> constrained_;
  bool plan_pending_ = false;
};

}  // namespace plimsoll::ecs
