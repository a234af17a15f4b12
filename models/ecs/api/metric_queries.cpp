#include "models/ecs/api/metric_queries.h"

#include <algorithm>
#include <functional>

namespace plimsoll::ecs::api {

namespace {

bool good_id(const std::string& id) {
  const auto belongs = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !id.empty() && id.front() >= 'a' && id.front() <= 'z' && std::all_of(id.begin(), id.end(), belongs);
}

/// The MetricStat of one query.
MetricReference read_stat(const document::Node& node, Object& query, bool alarm, MetricQueries& out) {
  Object stat(node, query.diagnostics(), query.path_of("MetricStat"));
  stat.ignore({"Unit"});
  MetricReference m;
  if (const document::Node* metric = stat.get("Metric")) {
    Object o(*metric, query.diagnostics(), stat.path_of("Metric"));
    m = read_metric_reference(o);
  } else {
    stat.missing("Metric", "the metric");
  }
  if (!stat.has("Stat"))
    stat.missing("Stat", "Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p99");
  const document::Node* said = stat.get("Stat");
  if (said != nullptr && said->is_string()) m.percentile = percentile_of(said->text()).value_or(-1);
  if (m.percentile < 0) {
    m.statistic = stat.choice<aws::Statistic>("Stat", {{"Average", aws::Statistic::average},
                                                       {"Sum", aws::Statistic::sum},
                                                       {"Minimum", aws::Statistic::minimum},
                                                       {"Maximum", aws::Statistic::maximum},
                                                       {"SampleCount", aws::Statistic::sample_count}})
                      .value_or(aws::Statistic::average);
  }
  const auto period = stat.integer("Period", 1);
  if (!alarm) return m;
  if (!period) {
    stat.missing("Period", "seconds");
  } else if (out.period && *out.period != seconds(*period)) {
    stat.error("Period", "the metrics of one alarm have one period");
  } else {
    out.period = seconds(*period);
  }
  return m;
}

/// Parses an expression over the other queries: metrics first, which is what METRICS() takes.
void parse_math(std::size_t at, const document::Node& node, Object& query, MetricQueries& out) {
  MetricQueries::Query& mine = out.queries[at];
  std::vector<std::size_t> operands;
  for (const bool metrics : {true, false}) {
    for (std::size_t i = 0; i < out.queries.size(); ++i) {
      if (i != at && out.queries[i].metric.has_value() == metrics) operands.push_back(i);
    }
  }
  const auto parse = [&] {
    std::vector<std::string> ids;
    std::size_t metrics = 0;
    for (const std::size_t i : operands) {
      ids.push_back(out.queries[i].id);
      metrics += out.queries[i].metric ? 1 : 0;
    }
    return aws::MetricMath::parse(mine.text, ids, metrics);
  };
  auto parsed = parse();
  if (!parsed) {
    query.diagnostics().error(node, "'" + mine.text + "': " + parsed.error, "", query.path_of("Expression"));
    return;
  }
  std::vector<std::size_t> read;
  for (const std::size_t i : parsed.value->reads()) read.push_back(operands[i]);
  operands = std::move(read);
  mine.math = std::move(parse().value);
  mine.operands = std::move(operands);
}

/// Whether an expression leads back to itself.
bool circular(const MetricQueries& all, std::size_t from) {
  std::vector<std::uint8_t> on_the_way(all.queries.size(), 0);
  const std::function<bool(std::size_t)> visit = [&](std::size_t i) {
    if (on_the_way[i] != 0) return true;
    on_the_way[i] = 1;
    const bool found = std::any_of(all.queries[i].operands.begin(), all.queries[i].operands.end(), visit);
    on_the_way[i] = 0;
    return found;
  };
  return visit(from);
}

}  // namespace

std::size_t MetricQueries::metrics() const {
  return static_cast<std::size_t>(
      std::count_if(queries.begin(), queries.end(), [](const Query& q) { return q.metric.has_value(); }));
}

std::optional<MetricQueries> read_metric_queries(Object& o, bool alarm, std::string_view key) {
  const std::size_t before = o.diagnostics().error_count();
  MetricQueries out;
  const auto items = o.list(key);
  if (items.empty()) o.missing(key, "one metric or expression at least");
  std::vector<std::size_t> results;
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object q(items[i], o.diagnostics(), document::join_path(o.path_of(key), i));
    MetricQueries::Query query;
    query.id = q.text("Id").value_or("");
    if (!good_id(query.id)) q.missing("Id", "a name that begins with a small letter, of letters, digits and _");
    const bool twice = std::any_of(out.queries.begin(), out.queries.end(),
                                   [&](const MetricQueries::Query& other) { return other.id == query.id; });
    if (twice) q.error("Id", "the Id '" + query.id + "' stands twice");
    const document::Node* stat = q.get("MetricStat");
    query.text = q.text("Expression").value_or("");
    if ((stat != nullptr) == !query.text.empty()) {
      q.error("Expression", "a query has a MetricStat or an Expression, one of the two");
    } else if (stat != nullptr) {
      query.metric = read_stat(*stat, q, alarm, out);
    }
    q.integer("Period", 1);
    if (q.boolean("ReturnData").value_or(true)) results.push_back(i);
    q.ignore({"Label", "AccountId"});
    out.queries.push_back(std::move(query));
  }
  if (!items.empty() && results.size() != 1)
    o.error(key, "one query returns its data, not " + std::to_string(results.size()),
            "write ReturnData: false at the others");
  if (out.queries.empty() || o.diagnostics().error_count() > before) return std::nullopt;
  out.result = results[0];
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (out.queries[i].metric) continue;
    Object q(items[i], o.diagnostics(), document::join_path(o.path_of(key), i));
    q.ignore({"Id", "Period", "ReturnData", "Label", "AccountId"});
    const document::Node* text = q.get("Expression");
    parse_math(i, *text, q, out);
  }
  for (std::size_t i = 0; i < out.queries.size(); ++i) {
    if (circular(out, i)) {
      o.error(key, "the expression '" + out.queries[i].id + "' leads back to itself");
      break;
    }
  }
  if (out.metrics() == 0) o.error(key, "no query has a MetricStat");
  if (o.diagnostics().error_count() > before) return std::nullopt;
  return out;
}

}  // namespace plimsoll::ecs::api
