#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::ecs::api {

/// The JSON of `aws logs put-metric-filter`, or one of the metricFilters of describe-metric-filters.
/// SOURCE: API PutMetricFilter, MetricTransformation.
struct MetricFilter {
  std::string name, log_group, pattern;
  std::string metric, name_space, value;  ///< of the one transformation; value: a number or a selector
  std::optional<double> default_value;
  document::Node node;
};

/// Nothing when the node is no object or lacks what PutMetricFilter asks for.
std::optional<MetricFilter> read_metric_filter(const document::Node& node, document::Diagnostics& diagnostics);

}  // namespace plimsoll::ecs::api
