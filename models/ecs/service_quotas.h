#pragma once

#include <cstdint>

#include "models/aws/as_of.h"
#include "models/aws/controllers/fargate_launcher.h"
#include "models/ecs/controllers/task_runner.h"
#include "sim/document/fields.h"

namespace plimsoll::ecs {

/// Quotas of the account that a column runs in, each of which AWS raises on request. Without a word they are those of
/// the large Regions on the scenario's date. SOURCE: "Amazon ECS service quotas", "AWS Fargate throttling quotas"
/// (small Regions: a burst of 25, 5 a second, 125 tasks of a service a minute on Fargate: which these are is not
/// listed, so the scenario says it).
struct ServiceQuotas {
  aws::FargateQuota fargate;  ///< on-demand and Spot have a bucket of this size each
  std::int64_t tasks_per_service_per_minute = 500;
  std::int64_t provisioning_tasks = 500;  ///< of Auto Scaling group providers, in a cluster
  RunTaskRate run_task;

  /// Reads the column's `quotas`; those of Fargate are errors where no task runs there. `on_fargate`: all tasks run
  /// there; `beside`: some do, beside instances. There the rates of EC2 hold for launches of a service and for RunTask.
  static ServiceQuotas read(document::Fields& column, const aws::AsOf& as_of, bool on_fargate, bool beside = false);
};

}  // namespace plimsoll::ecs
