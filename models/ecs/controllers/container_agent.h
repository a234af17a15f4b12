#pragma once

#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::ecs {

struct ContainerAgentParameters {
  /// The agent looks for an interruption notice every second. SOURCE: aws/amazon-ecs-agent agent/app (spot poll).
  Duration spot_poll = seconds(1);
  /// A dead agent's connection is dropped after 1 to 2 minutes without a heartbeat. SOURCE: aws/amazon-ecs-agent
  /// ecs-agent/acs/session (1 min + U(0, 1 min)).
  Delay disconnected = Delay::uniform(minutes(1), minutes(2));
  /// From a failed health check of a task behind a balancer to its replacement; our reading, as of the scheduler.
  Delay replace_unhealthy = Delay::uniform(seconds(1), seconds(5));
};

/// What the container agents tell ECS of their instances when these go away.
///
/// On a Spot interruption notice an instance is set to DRAINING when its agent was told to
/// (ECS_ENABLE_SPOT_INSTANCE_DRAINING, false by default) or its provider has managed draining; the service scheduler
/// then replaces its tasks within the two minutes that are left. An agent that is silent is disconnected: no task is
/// placed on its instance, those on it are kept until a balancer's health checks fail them, or the instance is
/// terminated. SOURCE: ECS developer guide, "Container instance draining", "Safely stop Amazon ECS workloads running on
/// EC2 instances"; aws/amazon-ecs-agent README. Left out: batching of state changes (the 10 to 30 s only delay what
/// the console shows), clean-up of stopped tasks and images (disks do not fill here).
class ContainerAgents : public ComponentOf<ContainerAgents> {
 public:
  explicit ContainerAgents(ContainerAgentParameters parameters) : parameters_(parameters) {}
  /// Instances of this group are drained on a Spot notice.
  void drain_on_notice(NodeGroupId group) { draining_.push_back(group); }

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kDrain = 0, kDisconnected = 1, kUnhealthy = 2 };
  ContainerAgentParameters parameters_;
  std::vector<NodeGroupId> draining_;
};

}  // namespace plimsoll::ecs
