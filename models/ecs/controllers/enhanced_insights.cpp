#include "models/ecs/controllers/enhanced_insights.h"

#include <algorithm>

namespace plimsoll::ecs {

namespace {

constexpr std::int64_t kInsightHoursPerMonth = 730;

billing::LineItem insight_line(const char* item, const char* label, Rate metric_month) {
  billing::LineItem line;
  line.item = item;
  line.label = label;
  line.rate = metric_month;
  line.unit = "Metric-Months";
  line.scale = kInsightHoursPerMonth;
  line.service = "Amazon CloudWatch";
  line.category = "Management and Governance";
  line.resource_type = "Metric";
  line.sku = "CW:ContainerInsightsMetrics";
  return line;
}

}  // namespace

void EnhancedInsights::on_fact(World& world, const FactRecord& f) {
  if (f.fact != Fact::pod_started && f.fact != Fact::pod_ended) return;
  auto& bill = dynamic_cast<billing::Bill&>(world.component(bill_));
  if (f.fact == Fact::pod_started) {
    const auto at =
        std::find_if(metrics_.begin(), metrics_.end(), [&](const auto& m) { return m.first == f.workload; });
    if (at == metrics_.end()) return;
    open_.resize(std::max(open_.size(), f.pod.index() + 1));
    open_[f.pod.index()] = bill.open(line_, at->second, f.at);
  } else if (f.pod.index() < open_.size() && open_[f.pod.index()]) {
    bill.close(*open_[f.pod.index()], f.at);
    open_[f.pod.index()].reset();
  }
}

void add_enhanced_insights(BuildContext& context, aws::Meters& meters, Rate metric_month, bool has_instances,
                           const std::vector<InsightTask>& tasks) {
  if (tasks.empty()) return;
  std::int64_t fixed = 0, cluster = 0;
  std::vector<std::pair<WorkloadId, std::int64_t>> of_tasks;
  for (const InsightTask& t : tasks) {
    const InsightCounts counts = enhanced_insight_metrics(t.shape, t.on_fargate, t.of_service, has_instances);
    fixed += counts.service + counts.family;
    cluster = std::max(cluster, counts.cluster);
    of_tasks.emplace_back(t.workload, counts.task);
  }
  meters.add_fixed(context.bill.line(insight_line("cloudwatch/container-insights-enhanced",
                                                  "Container Insights metrics of cluster and services", metric_month)),
                   cluster + fixed);
  billing::LineItem line =
      insight_line("cloudwatch/container-insights-enhanced/tasks", "Container Insights metrics of tasks", metric_month);
  line.granularity = line.minimum = hours(1);
  context.world.attach(
      std::make_unique<EnhancedInsights>(context.bill.handler, context.bill.line(line), std::move(of_tasks)));
}

}  // namespace plimsoll::ecs
