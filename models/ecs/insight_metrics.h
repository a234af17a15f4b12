#pragma once

#include <cstdint>

namespace plimsoll::ecs {

/// What Container Insights counts of one task definition.
struct InsightShape {
  std::int64_t containers = 1;
  std::int64_t checked = 0;     ///< of them with a health check
  std::int64_t restarting = 0;  ///< of them with a restart policy
  bool network = true;          ///< network mode awsvpc or bridge
};

/// Metrics by the resource whose dimensions they carry.
struct InsightCounts {
  std::int64_t cluster = 0, service = 0, family = 0;
  std::int64_t task = 0;  ///< of one running task
};

/// Metrics of Container Insights with enhanced observability, counted from the published table of metrics and
/// dimension sets: a metric is one name with one set of dimensions.
///
/// ClusterName, +ServiceName, +TaskDefinitionFamily, +ServiceName+TaskId and +TaskDefinitionFamily+TaskId each have 13
/// (9 without a network of the task's own; on Fargate 3 more, of ephemeral storage). With ContainerName in place of or
/// beside TaskId come 7 a container, 1 more with a health check, 1 more with a restart policy, and then 1 more of the
/// set without ContainerName. A service has 5 of its own (DeploymentCount, DesiredTaskCount, PendingTaskCount,
/// RunningTaskCount, TaskSetCount), the cluster ServiceCount and TaskCount, on EC2 ContainerInstanceCount, and the 7 of
/// containers once. A task of a service appears under its service and under its family.
/// SOURCE: CloudWatch user guide, "Amazon ECS Container Insights with enhanced observability metrics". Our reading: all
/// sets of the table are published; one operator's 157 metrics of a service with one task
/// fit it (4 x 38 + 5). Left out: metrics of EBS volumes, of GPUs, and those of an agent for whole instances.
/// `beside_instances`: a task on Fargate in a cluster that has container instances too.
InsightCounts enhanced_insight_metrics(const InsightShape& shape, bool on_fargate, bool of_service,
                                       bool beside_instances = false);

}  // namespace plimsoll::ecs
