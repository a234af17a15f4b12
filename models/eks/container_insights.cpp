#include "models/eks/container_insights.h"

#include "models/aws/availability.h"

namespace plimsoll::eks {

ContainerInsights ContainerInsights::read(document::Fields& column, aws::PriceBook& prices) {
  ContainerInsights out;
  out.enabled = column.choice<bool>("containerInsights", {{"disabled", false}, {"enabled", true}}, false,
                                    "off unless the add-on is installed",
                                    "metrics of nodes, pods, services and the cluster, paid as custom metrics");
  if (column.describing() || !out.enabled) return out;
  aws::require(column, "containerInsights", prices.as_of(), aws::Offer::container_insights);
  out.metric_month = prices.service(column, "cloudwatch", "custom_metric_first_10k");
  return out;
}

void ContainerInsights::build(BuildContext& context, aws::Meters& meters, std::int64_t services,
                              std::int64_t pod_names) const {
  if (!enabled) return;
  constexpr std::int64_t kCluster = 24, kNode = 8, kPod = 9, kEachService = 6, kHoursPerMonth = 730;
  billing::LineItem line;
  line.item = "cloudwatch/container-insights";
  line.label = "Container Insights metrics";
  line.rate = metric_month;
  line.unit = "Metric-Months";
  line.scale = kHoursPerMonth;
  line.service = "Amazon CloudWatch";
  line.category = "Management and Governance";
  line.resource_type = "Metric";
  line.sku = "CW:MetricMonitorUsage";
  const LineItemId id = context.bill.line(line);
  meters.add_fixed(id, kCluster + kEachService * services + kPod * pod_names);
  meters.bill_metrics(id, kNode);
}

}  // namespace plimsoll::eks
