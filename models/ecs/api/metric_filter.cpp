#include "models/ecs/api/metric_filter.h"

#include "models/ecs/api/object.h"

namespace plimsoll::ecs::api {

std::optional<MetricFilter> read_metric_filter(const document::Node& node, document::Diagnostics& diagnostics) {
  if (!node.is_mapping()) {
    diagnostics.error(node, "a metric filter is an object");
    return std::nullopt;
  }
  const std::size_t before = diagnostics.error_count();
  Object o(node, diagnostics, "");
  MetricFilter f;
  f.node = node;
  f.name = o.text("filterName").value_or("");
  f.log_group = o.text("logGroupName").value_or("");
  f.pattern = o.text("filterPattern").value_or("");
  if (f.name.empty()) o.missing("filterName", "the name of the filter");
  if (f.log_group.empty()) o.missing("logGroupName", "the log group whose lines it reads");
  if (!o.has("filterPattern")) o.missing("filterPattern", "\"\" matches every line");
  o.ignore({"creationTime"});
  o.not_modelled("applyOnTransformedLogs", "lines are as they were written");
  o.not_modelled("fieldSelectionCriteria", "every line of the group is looked at");
  o.not_modelled("emitSystemFieldDimensions", "the metric has no dimensions");
  const auto items = o.list("metricTransformations");
  if (items.size() != 1) o.missing("metricTransformations", "exactly one transformation");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object t(items[i], diagnostics, document::join_path(o.path_of("metricTransformations"), i));
    f.metric = t.text("metricName").value_or("");
    f.name_space = t.text("metricNamespace").value_or("");
    f.value = t.text("metricValue").value_or("");
    f.default_value = t.number("defaultValue");
    if (f.metric.empty()) t.missing("metricName", "the metric that it publishes");
    if (f.name_space.empty()) t.missing("metricNamespace", "its namespace");
    if (f.value.empty()) t.missing("metricValue", "a number, or a selector such as $.bytes");
    t.ignore({"unit"});
    t.not_modelled("dimensions", "the metric is one sum over all dimensions");
  }
  o.finish();
  if (diagnostics.error_count() > before) return std::nullopt;
  return f;
}

}  // namespace plimsoll::ecs::api
