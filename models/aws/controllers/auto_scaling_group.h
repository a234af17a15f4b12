#pragma once

#include <string>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::aws {

/// The way of an instance from the call to the cluster. Per platform and image; see the sources in the platform files.
struct InstanceDelays {
  Delay api = Delay::uniform(seconds(1), seconds(3));
  Delay pending = Delay::lognormal(seconds(14), 0.3, seconds(8));  ///< call accepted to state running
  Delay join = Delay::lognormal(seconds(40), 0.3, seconds(24));    ///< running to registered and ready
  Delay shutdown = Delay::uniform(seconds(20), seconds(40));       ///< terminating to terminated; not billed
};

struct AutoScalingGroupConfig {
  NodeGroupId group;
  NodeSpec node;  ///< zone is filled in at launch
  std::vector<ZoneId> zones;
  InstanceDelays delays;
  /// Drains what a scale-in chose (ECS managed draining); otherwise the instance ends at once.
  bool managed_draining = false;
  /// Instances with application pods are protected from scale-in (ECS managed termination protection).
  bool protect_busy = false;
};

/// EC2 Auto Scaling groups: keep the number of instances at the desired capacity. Launches go to the zone with fewest
/// instances; scale-in takes the zone with most, then the oldest instance (the default policy with one launch template:
/// closest to the billing hour does not tell instances apart under per-second billing, so what is left is a draw;
/// we take the oldest and say so). Instances that are drained and empty are ended.
/// SOURCE: EC2 Auto Scaling user guide, "Control which Auto Scaling instances terminate", "Availability Zone
/// distribution". Left out: mixed instances, warm pools, lifecycle hooks other than the drain, rebalancing.
class AutoScalingGroups : public ComponentOf<AutoScalingGroups> {
 public:
  void add(AutoScalingGroupConfig config) { groups_.push_back({std::move(config), {}, false}); }

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  struct Group {
    AutoScalingGroupConfig config;
    std::vector<std::uint64_t> launches;  ///< by zone: names the launch's random draws
    bool wake_pending = false;
  };
  enum : std::uint64_t { kConverge = 0, kRunning = 1, kReady = 2, kTerminated = 3, kDrained = 4 };

  Group* group_of(NodeGroupId id);
  void converge(World& world, Group& group);
  void launch(World& world, Group& group);
  std::uint64_t entity(const World& world, const Node& node) const;

  std::vector<Group> groups_;
};

}  // namespace plimsoll::aws
