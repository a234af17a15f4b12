#pragma once

#include <vector>

#include "models/ecs/controllers/instance_view.h"
#include "models/ecs/placement.h"
#include "sim/cluster/world.h"

namespace plimsoll::ecs {

struct ServiceSchedulerParameters {
  /// From a change (desired count, a task that stopped) to the reaction. The cadence is not documented; our reading:
  /// within 1 to 5 s of the event.
  Delay reaction = Delay::uniform(seconds(1), seconds(5));
  /// Tasks that one service may launch a minute. SOURCE: "Amazon ECS service quotas" (500 for Fargate and EC2; 250 for
  /// EC2 in 2022).
  std::int64_t launches_per_minute = 500;
};

/// The service scheduler of REPLICA services: keeps the number of tasks at the desired count. It starts what is
/// missing, up to the launch quota of a service, and stops what is too much: tasks that wait first, then by the rules
/// of choose_scale_in on EC2 or, on Fargate, in the zone with most tasks, a random one. Tasks on DRAINING instances are
/// replaced within the deployment's bounds: new ones start while all together stay below floor(desired x maximum %),
/// old ones stop while ceil(desired x minimum %) healthy ones remain. SOURCE: ECS developer guide, "Amazon ECS
/// services", "Container instance draining" and "Amazon ECS service quotas". Tasks not placed stay PROVISIONING and
/// count as started. Left out: deployments, tasks that fail.
class ServiceScheduler : public ComponentOf<ServiceScheduler> {
 public:
  explicit ServiceScheduler(ServiceSchedulerParameters parameters) : parameters_(parameters) {}

  /// `strategies` is used for stopping on EC2; `fargate` services have none. Percentages as in the deployment
  /// configuration: they bound how tasks on draining instances are replaced.
  void manage(WorkloadId service, bool fargate, StrategyChain strategies, std::int64_t minimum_healthy_percent = 100,
              std::int64_t maximum_percent = 200);

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  struct Service {
    bool managed = false;
    bool fargate = false;
    StrategyChain strategies;
    std::int64_t minimum_healthy_percent = 100, maximum_percent = 200;
    bool draining = false;  ///< some tasks are on draining instances
    bool wake_pending = false;
    std::uint64_t wakes = 0, stops = 0;
    Time minute{};              ///< start of the quota minute
    std::int64_t launched = 0;  ///< in it
  };
  void wake_soon(World& world, WorkloadId id);
  void reconcile(World& world, WorkloadId id);
  void replace_draining(World& world, WorkloadId id, Service& service);
  bool may_launch(World& world, Service& service);
  PodId choose_stop(World& world, WorkloadId id, Service& service);

  ServiceSchedulerParameters parameters_;
  std::vector<Service> services_;  // by workload
  InstanceView view_;
  PlacementScratch scratch_;
};

}  // namespace plimsoll::ecs
