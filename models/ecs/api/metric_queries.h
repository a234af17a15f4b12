#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "models/aws/cloudwatch/metric_math.h"
#include "models/ecs/api/object.h"
#include "models/ecs/api/scaling_policy.h"

namespace plimsoll::ecs::api {

/// A list of Metrics as alarms and target tracking policies take it, of which one series is the result.
/// SOURCE: API PutMetricAlarm, MetricDataQuery; Application Auto Scaling API, TargetTrackingMetricDataQuery.
struct MetricQueries {
  struct Query {
    std::string id;
    std::optional<MetricReference> metric;  ///< of MetricStat
    std::string text;                       ///< of Expression
    std::optional<aws::MetricMath> math;    ///< over `operands`
    std::vector<std::size_t> operands;      ///< queries whose ids the expression reads
  };
  std::vector<Query> queries;
  std::size_t result = 0;          ///< the one with ReturnData
  std::optional<Duration> period;  ///< of every MetricStat; none where the list has none

  std::size_t metrics() const;  ///< those that are no expressions
};

/// Reads the list under `key`; the faults of an expression name the place in it. Nothing after an error. `alarm`: each
/// MetricStat has a Period, the same in all.
std::optional<MetricQueries> read_metric_queries(Object& o, bool alarm, std::string_view key = "Metrics");

}  // namespace plimsoll::ecs::api
