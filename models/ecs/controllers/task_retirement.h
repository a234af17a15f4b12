#pragma once

#include <utility>
#include <vector>

#include "sim/cluster/world.h"
#include "sim/document/fields.h"

namespace plimsoll::ecs {

/// When AWS retires releases of the Fargate platform, and what the account says of it.
struct TaskRetirementPlan {
  std::vector<Duration> retired_after;  ///< since the beginning of the counted window; ascending
  Duration wait = hours(7 * 24);        ///< fargateTaskRetirementWaitPeriod

  /// Reads the column's `fargatePlatform`; an error where no task runs on Fargate.
  static TaskRetirementPlan read(document::Fields& column, bool on_fargate);
};

/// Fargate task retirement: when a revision of the platform version is retired, tasks that were launched on it are
/// stopped once the wait period of the account is over; later ones run on the next revision. Tasks of services are
/// replaced within the bounds of their service: at minimumHealthyPercent 100 new ones start first, below it some may
/// stop before. Stand-alone tasks are stopped ("ECS is performing maintenance on the underlying infrastructure hosting
/// the task") and nobody starts others. SOURCE: ECS developer guide, "Task retirement and maintenance for AWS Fargate
/// on Amazon ECS", "Prepare for AWS Fargate task retirement" (0, 7 or 14 days, 7 by default). Our reading: all tasks of
/// a revision are due at once when the wait is over. When AWS retires a revision it does not say ahead: the scenario
/// does. Left out: fargateEventWindows.
class TaskRetirement : public ComponentOf<TaskRetirement> {
 public:
  /// `services`: workloads whose service scheduler replaces what is on a draining host.
  TaskRetirement(TaskRetirementPlan plan, std::vector<WorkloadId> services)
      : plan_(std::move(plan)), services_(std::move(services)) {}

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

 private:
  enum : std::uint64_t { kNotice = 0, kRetire = 1 };
  void retire(World& world, Time launched_before);

  TaskRetirementPlan plan_;
  std::vector<WorkloadId> services_;
};

}  // namespace plimsoll::ecs
