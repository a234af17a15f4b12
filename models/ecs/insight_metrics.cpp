#include "models/ecs/insight_metrics.h"

namespace plimsoll::ecs {

namespace {

// Names in the table, by the sets of dimensions that they have.
constexpr std::int64_t kOfTasks = 9, kOfTaskNetwork = 4, kOfFargateStorage = 3;
constexpr std::int64_t kOfContainers = 7;
constexpr std::int64_t kOfService = 5, kOfCluster = 2, kOfInstances = 1;

}  // namespace

InsightCounts enhanced_insight_metrics(const InsightShape& shape, bool on_fargate, bool of_service,
                                       bool beside_instances) {
  const std::int64_t tasks = kOfTasks + (shape.network ? kOfTaskNetwork : 0) + (on_fargate ? kOfFargateStorage : 0);
  const std::int64_t restarts = shape.restarting > 0 ? 1 : 0, checks = shape.checked > 0 ? 1 : 0;
  // Of a set of dimensions with its containers by name beside it.
  const std::int64_t named = tasks + kOfContainers * shape.containers + shape.checked + shape.restarting + restarts;
  InsightCounts out;
  out.cluster =
      tasks + kOfContainers + checks + restarts + kOfCluster + (on_fargate && !beside_instances ? 0 : kOfInstances);
  out.family = named;
  out.service = of_service ? named + kOfService : 0;
  out.task = of_service ? 2 * named : named;
  return out;
}

}  // namespace plimsoll::ecs
