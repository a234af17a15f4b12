#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/aws/price_book.h"
#include "models/aws/surroundings.h"
#include "models/ecs/api/metric_filter.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// A metric that a metric filter publishes: the sum of a datapoint's matching lines, each with its value.
struct LogMetric {
  std::string filter, name_space, name;
  std::string per_second;    ///< a MetricExpression over Setting::workloads
  bool has_default = false;  ///< defaultValue 0: a datapoint of zero for a period in which no line matches
};

/// Lines that applications write to a log group.
struct LogGroup {
  struct Line {
    std::string text, rate;  ///< a sample, and how many a second: a MetricExpression
  };
  std::string name;
  std::vector<Line> lines;
};

/// Queries of Logs Insights, all of one kind.
struct LogQuery {
  std::string name;
  Bytes scanned;  ///< by one query
  std::int64_t per_day = 0;
};

/// CloudWatch Logs and Container Insights of a column.
///
/// `logs.groups` says which lines applications write and how often; `logs.metricFilters`, fields of PutMetricFilter,
/// and put-metric-filter files, which of them count for a metric that alarms and scaling policies may watch. A filter's
/// metric is a custom metric in the bill, whoever watches it. `logs.queries` are what Logs Insights scans;
/// `containerInsights` is the setting of the cluster. Lines are a flow: a rate is an expression over the applications,
/// as in `metrics`. SOURCE: CloudWatch Logs user guide, "Creating metrics from log events using filters" (a matching
/// line counts metricValue, a number or a selector; the default value of periods without a match); CloudWatch pricing
/// page, "Container Insights for Amazon ECS" (8 metrics a cluster, 11 a service, 6 a task family, as custom metrics)
/// and Logs Insights (a GB scanned). `containerInsights: enhanced`: models/ecs/controllers/enhanced_insights.h. Left
/// out: bytes of the lines (`around.logs` says them), dimensions, default values other than 0, the telemetry logs of
/// Container Insights (13 KB a container and hour).
struct LogPlan {
  std::vector<LogGroup> groups;
  std::vector<LogMetric> metrics;
  std::vector<LogQuery> queries;
  bool container_insights = false;  ///< enabled
  bool enhanced_insights = false;   ///< with enhanced observability
  Rate scan_gb, custom_metric_month, enhanced_metric_month;

  /// Faults go to the fields, those of a filter pattern with the place in it.
  static LogPlan read(document::Fields& column, const Setting& setting, aws::PriceBook& prices);
  /// Adds those of put-metric-filter files that `logs.metricFilters` does not name; faults go to their places.
  void add_files(document::Fields& column, const Setting& setting, aws::PriceBook& prices,
                 const std::vector<api::MetricFilter>& files);
  /// The metric that an alarm means; null when no filter publishes it.
  const LogMetric* find(const std::string& name_space, const std::string& name) const;
  /// Metrics of Container Insights for so many services and task families beyond theirs.
  static std::int64_t insight_metrics(std::int64_t services, std::int64_t families) {
    constexpr std::int64_t kCluster = 8, kService = 11, kFamily = 6;
    return kCluster + kService * services + kFamily * families;
  }
  /// Adds the lines of the bill. `services` of the column, `families` of task definitions.
  void build(BuildContext& context, aws::Meters& meters, std::int64_t services, std::int64_t families) const;
};

}  // namespace plimsoll::ecs
