#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/aws/autoscaling/group_config.h"
#include "models/aws/spot/capacity_pools.h"
#include "sim/cluster/world.h"
#include "sim/policy/group_updates.h"

namespace plimsoll::aws {

/// EC2 Auto Scaling groups: keep the number of instances at the desired capacity.
///
/// Launches: the purchase option by the instances distribution, the zone with fewest instances, the type by the
/// allocation strategy; where the pool has no capacity the next type, then the next zone, and when none has, the group
/// tries again after a while (Fact::launch_refused), as it does beyond the account's quota of vCPUs. Scale-in: the
/// termination policies (zones first). Health: an instance that broke or was taken is replaced. AZRebalance, capacity
/// rebalancing and instance refresh launch first and terminate when the new instance is in service, above the maximum
/// by at most rebalance_maximum(); maximum instance lifetime replaces as a refresh does. Launch hooks hold an instance
/// back from its cluster, termination hooks hold its end; managed draining is one beside the user's, and both have to
/// let go. A warm pool (WarmPoolConfig) is drawn on before anything is launched and filled up again. With weights the
/// sizes of the group count capacity units: launches go on until the units reach the desired capacity, so they may
/// overshoot by less than one instance; a scale-in ends nothing that would leave too few.
///
/// A refresh fails when an alarm that it watches goes to ALARM, or is in it when the refresh starts, and when launches
/// have found no capacity for an hour; it then stops. With AutoRollback, and when the group had another machine image
/// before it, the instances that it launched are replaced again, under the same percentages and without checkpoints, by
/// ones with that image; the group goes on launching these until its next refresh. SOURCE: EC2 Auto Scaling user guide:
/// "Control which Auto Scaling instances terminate", "Availability Zone distribution", "Allocation strategies",
/// "Capacity Rebalancing", "Instance refresh", "Undo changes with a manual or auto rollback", "Lifecycle hooks", "Warm
/// pools", "Instance weights". Left out: standby and detaching; zones are not evened out under weights; an instance
/// that a scale-in returns to the warm pool goes by a new name and pays its first minute there.
class AutoScalingGroups : public ComponentOf<AutoScalingGroups>, public InstanceRefreshes {
 public:
  void add(AutoScalingGroupConfig config);

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

  /// Replaces every instance that is in service now, as many at a time as the percentages allow.
  void start_refresh(World& world, NodeGroupId group, const InstanceRefresh& refresh);
  bool refreshing(NodeGroupId group) const;
  std::vector<std::string> unfinished_refreshes(const World& world) const override;

 private:
  enum class Stage : std::uint8_t { pending, in_service, terminating };
  struct Instance {
    NodeId node;
    std::uint32_t option = 0;
    ZoneId zone;
    PurchaseOption purchase = PurchaseOption::on_demand;
    Stage stage = Stage::pending;
    Time in_service = kTimeNever;
    bool broken = false;
    bool prepared = false;       ///< came out of the warm pool
    Time hook_ends = kTimeZero;  ///< terminating: when the user's own hook lets it go
  };
  /// One instance of the warm pool, outside the group and the cluster.
  struct Warm {
    NodeId node;
    std::uint32_t option = 0;
    bool prepared = false;
  };
  /// One instance that is launched before another is ended; `old` none: the termination policies choose.
  struct Swap {
    NodeId fresh, old;
    Reason reason = Reason::rebalance;
  };
  struct Group {
    AutoScalingGroupConfig config;
    std::vector<std::uint64_t> launches;  ///< by option and zone: names the launch's random draws
    std::vector<Instance> instances;      ///< in order of launch; gone ones are taken out
    std::int64_t returning = 0;           ///< taken out of service, on the way back to the pool
    std::vector<Warm> warm;               ///< in order of launch
    std::vector<Swap> swaps;
    std::vector<NodeId> replace;  ///< what a refresh or the maximum lifetime still has to replace
    InstanceRefresh refresh;
    std::int64_t refreshed_of = 0;   ///< instances that the refresh began with
    std::size_t checkpoint = 0;      ///< the next one
    Time paused_until = kTimeNever;  ///< at it
    Time refresh_from{};             ///< when it began
    bool refresh_active = false;     ///< from its start to the end of its bake time, or its failure
    bool bakes = false, undoes = false;
    std::uint32_t image_before = 0;   ///< release that the group had before the refresh
    std::uint32_t image = 0;          ///< release that its launches have, where refreshes may be undone; 0: the newest
    bool launch_failed = false;       ///< when it tried last
    Time failing_since = kTimeNever;  ///< its launches find no capacity since then
    std::uint64_t terminations = 0;
    bool wake_pending = false, retry_pending = false, balance_pending = false;
  };
  enum : std::uint64_t {
    kConverge = 0,
    kRunning = 1,
    kReady = 2,
    kTerminated = 3,
    kDrained = 4,
    kRetry = 5,
    kUnhealthy = 6,
    kExpired = 7,
    kEndWait = 8,
    kBalance = 9,
    kAbandon = 10,
    kSchedule = 11,
    kRefresh = 12,
    kReuse = 13,
    kAlarm = 14,
    kBaked = 15
  };
  static std::uint64_t pack(std::uint32_t id, std::uint64_t step) {
    return (static_cast<std::uint64_t>(id) << 8) | step;
  }
  static std::uint64_t pack(std::uint32_t id, std::size_t index, std::uint64_t step) {
    return (static_cast<std::uint64_t>(index) << 40) | pack(id, step);
  }

  /// Wakes for the next run of a scheduled action on the calendar.
  void plan_action(World& world, const Group& group, std::size_t index);
  Group* group_of(NodeGroupId id);
  Instance* instance_of(Group& group, NodeId node);
  void wake_converge(World& world, Group& group, Duration after);
  void converge(World& world, Group& group);
  void shrink(World& world, Group& group, std::int64_t surplus);
  NodeId request(World& world, Group& group, std::size_t option, ZoneId zone, PurchaseOption purchase, PoolId pool,
                 bool in_group);
  // The warm pool; auto_scaling_group_warm_pool.cpp.
  Group* pool_of(NodeId node);
  NodeId take_warm(World& world, Group& group);
  void refill(World& world, Group& group);
  void handle_warm(World& world, Group& group, NodeId node, std::uint64_t step);
  void return_to_pool(World& world, NodeId node);
  /// None when no pool in any zone has capacity. `zone` none: the one with fewest instances.
  NodeId launch(World& world, Group& group, ZoneId zone, std::int64_t capacity);
  NodeId launch_in(World& world, Group& group, ZoneId zone, PurchaseOption purchase);
  std::vector<PoolOffer> offers_in(World& world, const Group& group, ZoneId zone, PurchaseOption purchase) const;
  static std::vector<std::size_t> ranked(const Group& group, const std::vector<PoolOffer>& offers,
                                         PurchaseOption purchase);
  /// How the next instance is bought, when the group is to have `capacity` units.
  PurchaseOption next_purchase(const World& world, const Group& group, std::int64_t capacity) const;
  /// Whether an account quota alone keeps the group from launching one.
  bool held_by_quota(World& world, const Group& group, PurchaseOption purchase) const;
  void begin_termination(World& world, Group& group, NodeId node, Reason reason);
  void in_service(World& world, Group& group, NodeId node);
  void gone(World& world, Group& group, NodeId node);
  // Instance refreshes; auto_scaling_group_refresh.cpp.
  void watch_alarms(World& world, const Group& group);
  bool any_alarm(World& world, const Group& group) const;
  void refresh_alarm(World& world, Group& group);
  void fail_refresh(World& world, Group& group, Reason reason);
  void end_refresh(World& world, Group& group);
  void note_launches(World& world, Group& group);
  void continue_refresh(World& world, Group& group);
  /// How many more instances the refresh may take out; less than all of them before a checkpoint.
  std::int64_t refresh_allowance(World& world, Group& group);
  void balance_zones(World& world, Group& group);
  void start_swap(World& world, Group& group, NodeId old, ZoneId zone, Reason reason);
  /// Capacity units of what is not being terminated: instances, each times its weight.
  std::int64_t members(const Group& group) const;
  std::int64_t weight(const Group& group, const Instance& instance) const {
    return group.config.options[instance.option].weight;
  }
  std::vector<std::int64_t> per_zone(const World& world, const Group& group) const;
  std::uint64_t entity(const World& world, const Node& node) const;

  std::vector<Group> groups_;
  HandlerId cloudwatch_;  ///< of the world, whose alarms refreshes watch; none where there is none
};

}  // namespace plimsoll::aws
