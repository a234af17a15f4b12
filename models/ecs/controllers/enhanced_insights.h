#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "models/aws/controllers/meters.h"
#include "models/ecs/insight_metrics.h"
#include "sim/billing/bill.h"
#include "sim/cluster/world.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// One workload of a column: an app, a job or a daemon.
struct InsightTask {
  WorkloadId workload;
  InsightShape shape;
  bool of_service = true;
  bool on_fargate = false;
};

/// Bills the metrics of tasks while they run: a metric is paid for every hour in which it is sent. SOURCE: CloudWatch
/// pricing page (custom metrics are prorated by the hour and metered only when they are sent).
class EnhancedInsights : public ComponentOf<EnhancedInsights> {
 public:
  EnhancedInsights(HandlerId bill, LineItemId line, std::vector<std::pair<WorkloadId, std::int64_t>> metrics)
      : bill_(bill), line_(line), metrics_(std::move(metrics)) {}

  bool watches() const override { return true; }
  void handle(World&, const Event&) override {}
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  HandlerId bill_;
  LineItemId line_;
  std::vector<std::pair<WorkloadId, std::int64_t>> metrics_;  ///< of a task, by workload
  std::vector<std::optional<billing::MeterId>> open_;         ///< by pod
};

/// Adds the lines of a column's cluster, services, families and tasks. `metric_month`: price of a metric-month;
/// `has_instances`: the cluster has container instances.
void add_enhanced_insights(BuildContext& context, aws::Meters& meters, Rate metric_month, bool has_instances,
                           const std::vector<InsightTask>& tasks);

}  // namespace plimsoll::ecs
