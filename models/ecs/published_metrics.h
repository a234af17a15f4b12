#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "models/aws/cloudwatch/cloudwatch.h"

namespace plimsoll::ecs {

/// Namespace of the metrics that are published only for a cluster whose setting `containerInsights` is enabled or
/// enhanced.
inline constexpr std::string_view kContainerInsights = "ECS/ContainerInsights";

/// A metric that AWS publishes by itself, and what is measured for it here: of a service, and of the cluster where it
/// has no dimension ServiceName (none: it needs one).
struct PublishedMetric {
  std::string_view name_space, name;
  aws::MetricName of_service;
  std::optional<aws::MetricName> of_cluster;
};

/// Null when it is not among them. SOURCE: ECS developer guide, "Amazon ECS CloudWatch metrics"; CloudWatch user guide,
/// "Amazon ECS Container Insights metrics"; Elastic Load Balancing user guides, "CloudWatch metrics".
const PublishedMetric* published_metric(std::string_view name_space, std::string_view name);
/// Their names in one namespace; none in another than these.
std::vector<std::string_view> published_names(std::string_view name_space);

}  // namespace plimsoll::ecs
