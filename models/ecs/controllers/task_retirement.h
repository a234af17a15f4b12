#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/cluster/world.h"
#include "sim/document/fields.h"

namespace plimsoll::ecs {

/// A time range of a weekly EC2 event window, in seconds since Sunday 00:00 UTC; over the end of the week where it ends
/// before it begins.
struct EventWindow {
  std::int64_t from = 0, to = 0;
};

/// The first instant at or after `at` inside one of the windows. `calendar`: Unix seconds at simulated time zero.
/// @pre there is a window.
Time next_in_windows(const std::vector<EventWindow>& windows, std::int64_t calendar, Time at);

/// When AWS retires releases of the Fargate platform, and what the account says of it.
struct TaskRetirementPlan {
  std::vector<Duration> retired_after;  ///< since the beginning of the counted window; ascending
  Duration wait = hours(7 * 24);        ///< fargateTaskRetirementWaitPeriod
  std::vector<EventWindow> windows;     ///< fargateEventWindows; none: the wait period alone counts

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
/// does. With event windows (fargateEventWindows, for all tasks of the cluster) tasks are due in the first window after
/// the notice in which they have run for three days at least; the wait period then does not count (our reading).
/// SOURCE: "Prepare for AWS Fargate task retirement" (three days); EC2 user guide, "Define event windows for scheduled
/// events" (UTC, ranges of two hours, four hours a week).
class TaskRetirement : public ComponentOf<TaskRetirement> {
 public:
  /// `services`: workloads whose service scheduler replaces what is on a draining host.
  TaskRetirement(TaskRetirementPlan plan, std::vector<WorkloadId> services, std::int64_t calendar = 0)
      : plan_(std::move(plan)), services_(std::move(services)), calendar_(calendar) {}

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

 private:
  enum : std::uint64_t { kNotice = 0, kRetire = 1 };
  /// The first instant at which a task that is still too young is due; never when there is none.
  Time retire(World& world, Time launched_before);
  Time due(Time notice) const;

  TaskRetirementPlan plan_;
  std::vector<WorkloadId> services_;
  std::int64_t calendar_ = 0;
};

}  // namespace plimsoll::ecs
