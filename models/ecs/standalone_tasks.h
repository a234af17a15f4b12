#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/aws/price_book.h"
#include "models/ecs/capacity_plan.h"
#include "models/ecs/controllers/task_runner.h"
#include "sim/cluster/host_agent.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// The stand-alone tasks of a column: every job of the scenario, and what starts it.
///
/// A job with a schedule of its own (five cron fields) is started by a schedule of EventBridge Scheduler that says the
/// same in six fields; `schedules` of the column take the place of those of the jobs that they name. The first 14
/// million invocations a month are free, so schedules have no line in the bill.
struct StandaloneTasks {
  std::vector<JobSpec> jobs;       ///< Setting::jobs
  std::vector<std::int64_t> gpus;  ///< that a task of each job reserves; empty: none
  std::vector<std::int64_t> enis;  ///< likewise, network interfaces; empty: one each
  std::int64_t retries = 0;
  std::vector<RunSchedule> schedules;
  std::vector<std::pair<std::size_t, Duration>> once;  ///< job, after the beginning of the counted window
  RunTaskRate rate;
  std::vector<Unholdable> unholdable;  ///< jobs whose tasks are too large for an instance

  /// Reads `runTask` and `schedules`, joins them with the schedules and scheduled rules among the real files, and
  /// checks that the column can hold the tasks. Faults go to the fields, those of a schedule expression with the place
  /// in it.
  static StandaloneTasks read(document::Fields& column, const Setting& setting, const aws::PriceBook& prices,
                              const CapacityPlan& capacity);
  /// Adds a workload for each job, whose tasks the hosts run to their end; ids in the order of `jobs`. On Fargate their
  /// size is their limit.
  std::vector<WorkloadId> add_workloads(World& world, HostAgent& hosts, const CapacityPlan& capacity) const;
  /// The component that starts them, and makes the scheduled calls of UpdateService. Null without jobs and schedules.
  std::unique_ptr<TaskRunner> runner(const std::vector<WorkloadId>& ids, std::int64_t calendar,
                                     Time window_start) const;
};

}  // namespace plimsoll::ecs
