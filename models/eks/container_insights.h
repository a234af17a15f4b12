#pragma once

#include <cstdint>

#include "models/aws/controllers/meters.h"
#include "models/aws/price_book.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// CloudWatch Container Insights of a cluster, paid as custom metrics: 24 of the cluster, 8 of each node while it runs,
/// 9 of the pods of one name and 6 of a service. Off unless the column says so; ECS has the same key. SOURCE:
/// CloudWatch user guide, "Amazon EKS and Kubernetes Container Insights metrics" (pods and services count by name);
/// github.com/aws/containers-roadmap issue 672 for the counts. Left out: the agent's pods, its performance logs;
/// enhanced observability, which is paid by observations whose number is not published.
struct ContainerInsights {
  bool enabled = false;
  Rate metric_month;

  static ContainerInsights read(document::Fields& column, aws::PriceBook& prices);
  /// Adds the lines of so many services and of so many names of pods. Nothing when it is off.
  void build(BuildContext& context, aws::Meters& meters, std::int64_t services, std::int64_t pod_names) const;
};

}  // namespace plimsoll::eks
