#include "models/ecs/service_quotas.h"

#include <cmath>

namespace plimsoll::ecs {

ServiceQuotas ServiceQuotas::read(document::Fields& column, const aws::AsOf& as_of, bool on_fargate, bool beside) {
  constexpr double kMillion = 1e6;
  ServiceQuotas out;
  document::Fields f =
      column.child("quotas", "service quotas of the account, where AWS has raised them or they are less");
  const char* const source = "Amazon ECS service quotas, as of the scenario's date";
  if (on_fargate || beside || f.describing()) {
    out.fargate.burst = f.integer("fargateBurst", as_of.fargate_launch_burst, source,
                                  "tasks that Fargate launches at once; on-demand and Spot each", {1, 1'000'000});
    const double rate =
        f.number("fargatePerSecond", static_cast<double>(as_of.fargate_launch_per_second.raw()) / kMillion, source,
                 "tasks a second after that", {0.001, 100'000});
    out.fargate.per_second = Ppm{static_cast<std::int64_t>(std::llround(rate * kMillion))};
  }
  if (!on_fargate || f.describing())
    out.provisioning_tasks = f.integer("provisioningTasks", as_of.ecs_provisioning_limit, source,
                                       "tasks in PROVISIONING in a cluster", {1, 1'000'000});
  out.tasks_per_service_per_minute =
      f.integer("tasksPerServicePerMinute",
                on_fargate ? as_of.ecs_service_launch_per_minute_fargate : as_of.ecs_service_launch_per_minute_ec2,
                source, "tasks that one service launches in a minute", {1, 1'000'000});
  const bool slower = on_fargate && !f.describing();
  const char* const throttling = slower ? "AWS Fargate throttling quotas: RunTask on Fargate"
                                        : "Request throttling for the Amazon ECS API: cluster resource modify actions";
  out.run_task.burst = f.integer("runTaskBurst", slower ? 20 : 100, throttling,
                                 "RunTask calls at once, each of ten tasks at most", {1, 1'000'000});
  const double calls =
      f.number("runTaskPerSecond", slower ? 20 : 40, throttling, "RunTask calls a second after that", {0.001, 100'000});
  out.run_task.per_second = Ppm{static_cast<std::int64_t>(std::llround(calls * kMillion))};
  return out;
}

}  // namespace plimsoll::ecs
