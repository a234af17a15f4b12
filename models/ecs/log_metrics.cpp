#include "models/ecs/log_metrics.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "models/aws/availability.h"
#include "models/aws/cloudwatch/filter_pattern.h"
#include "sim/billing/bill.h"
#include "sim/core/text.h"

namespace plimsoll::ecs {

namespace {

constexpr std::int64_t kHoursPerMonth = 730;
constexpr std::int64_t kHoursPerDay = 24;

using Line = LogGroup::Line;

std::string decimal(double v) { return document::Node::number(v).text(); }

class LogReader {
 public:
  LogReader(document::Fields& column, const Setting& setting) : column_(column) {
    for (const WorkloadSpec& w : setting.workloads) apps_.push_back(w.name);
  }

  void read(LogPlan& plan) {
    document::Fields logs = column_.child("logs", "CloudWatch Logs: lines, metric filters on them, queries");
    for (const document::Item& item : logs.map("groups", "log groups, by name")) group(item, plan);
    for (const document::Item& item : logs.map("metricFilters", "fields of PutMetricFilter, by filterName"))
      filter(item, plan);
    for (const document::Item& item : logs.map("queries", "queries of Logs Insights, by a name of their own")) {
      document::Fields f(item.node, column_.reader(), item.path);
      LogQuery q;
      q.name = item.name;
      q.scanned = f.required_bytes("scan", "what one query reads", {Bytes{}, gibibytes(10 * 1024)});
      q.per_day = f.integer("perDay", 1, "one a day", "queries a day", {0, 100'000});
      if (!f.describing()) plan.queries.push_back(std::move(q));
    }
  }

 private:
  void group(const document::Item& item, LogPlan& plan) {
    document::Fields f(item.node, column_.reader(), item.path);
    LogGroup g;
    g.name = item.name;
    const auto lines = f.required_list("lines", "samples of what is written");
    if (f.describing()) {
      document::Fields l(document::Node::null(), column_.reader(), f.path_of("lines"));
      line(l);
      return;
    }
    for (const document::Item& one : lines) {
      document::Fields l(one.node, column_.reader(), one.path);
      if (auto read_line = line(l)) g.lines.push_back(std::move(*read_line));
    }
    plan.groups.push_back(std::move(g));
  }

  std::optional<Line> line(document::Fields& f) {
    Line l;
    l.text = f.required_text("text", "one line as a filter sees it");
    l.rate = f.required_text("rate", "lines a second: a number, or an expression such as 'web.arrived * 0.01'");
    if (f.describing() || l.rate.empty()) return std::nullopt;
    const auto parsed = MetricExpression::parse(l.rate, apps_);
    if (parsed) return l;
    f.error("rate", parsed.error);
    return std::nullopt;
  }

  void filter(const document::Item& item, LogPlan& plan) const {
    document::Fields f(item.node, column_.reader(), item.path);
    api::MetricFilter spec;
    spec.name = item.name;
    spec.log_group = f.required_text("logGroup", "one of groups");
    spec.pattern = f.text("filterPattern", "", "every line", "terms, or { $.field = value }");
    spec.metric = f.required_text("metricName", "by which an alarm names it");
    spec.name_space = f.text("metricNamespace", "LogMetrics", "the console's proposal", "of the metric");
    spec.value = f.text("metricValue", "1", "each line counts one", "a number, or a selector such as $.bytes");
    spec.default_value = f.optional_number("defaultValue", "of a period in which no line matches; none: no datapoint");
    if (f.describing()) return;
    add(spec, plan, false, [&](bool error, std::string_view key, const std::string& what, const std::string& hint) {
      if (error) {
        f.error(key == "logGroupName" ? "logGroup" : key, what, hint);
      } else {
        f.warning(key == "logGroupName" ? "logGroup" : key, what, hint);
      }
    });
  }

 public:
  /// `say(error, key, what, hint)` reports at a key of PutMetricFilter. `of_file`: a group that nothing describes has
  /// no lines; in a scenario it is an error.
  template <class Say>
  void add(const api::MetricFilter& f, LogPlan& plan, bool of_file, Say&& say) const {
    LogMetric m;
    m.filter = f.name;
    m.name_space = f.name_space;
    m.name = f.metric;
    m.has_default = f.default_value.has_value();
    if (f.default_value.value_or(0) != 0)
      say(true, "defaultValue", "only the default value 0 is modelled", "write 0, or leave it out");
    const auto parsed = aws::FilterPattern::parse(f.pattern);
    if (!parsed.pattern)
      say(true, "filterPattern",
          "'" + f.pattern + "', character " + std::to_string(parsed.position + 1) + ": " + parsed.error, "");
    const auto at =
        std::find_if(plan.groups.begin(), plan.groups.end(), [&](const LogGroup& g) { return g.name == f.log_group; });
    if (at == plan.groups.end()) {
      std::vector<std::string_view> names;
      for (const LogGroup& g : plan.groups) names.push_back(g.name);
      const std::string near = nearest(f.log_group, names);
      say(!of_file, "logGroupName",
          "no log group '" + f.log_group + "' under logs.groups" + (of_file ? ": the metric has no data" : ""),
          near.empty() ? "logs: {groups: {" + f.log_group + ": {lines: [{text: ..., rate: ...}]}}}"
                       : "did you mean '" + near + "'?");
    }
    if (!parsed.pattern || (at == plan.groups.end() && !of_file)) return;
    // The flow of a metric is one expression: each matching line's rate times its value.
    std::string sum;
    for (const Line& l : at == plan.groups.end() ? std::vector<Line>{} : at->lines) {
      if (!parsed.pattern->matches(l.text)) continue;
      const auto worth = value_of(f.value, l.text);
      if (!worth && !f.value.starts_with("$")) {
        say(true, "metricValue", "'" + f.value + "' is neither a number nor a selector", "1, or $.bytes");
        return;
      }
      if (worth) sum += (sum.empty() ? "(" : " + (") + l.rate + ") * (" + decimal(*worth) + ")";
    }
    if (sum.empty() && at != plan.groups.end())
      say(false, "filterPattern", "no line of the group " + f.log_group + " matches: the metric has no data",
          "a sample line that it should count is missing");
    const auto expression = MetricExpression::parse(sum.empty() ? "0" : sum, apps_);
    if (!expression) {
      say(true, "filterPattern", "the lines that match are too many for one expression: " + expression.error, "");
      return;
    }
    m.per_second = sum.empty() ? "0" : sum;
    plan.metrics.push_back(std::move(m));
  }

 private:
  static std::optional<double> value_of(const std::string& value, const std::string& line) {
    if (value.starts_with("$")) return aws::FilterPattern::number_at(value, line);
    double number = 0;
    const char* const end = value.data() + value.size();
    const auto [at, error] = std::from_chars(value.data(), end, number);
    if (value.empty() || error != std::errc{} || at != end) return std::nullopt;
    return number;
  }

  document::Fields& column_;
  std::vector<std::string> apps_;
};

billing::LineItem line_of(const char* item, const char* label, Rate rate, const char* unit, const char* resource,
                          const char* sku) {
  billing::LineItem line;
  line.item = item;
  line.label = label;
  line.rate = rate;
  line.unit = unit;
  line.service = "Amazon CloudWatch";
  line.category = "Management and Governance";
  line.resource_type = resource;
  line.sku = sku;
  return line;
}

}  // namespace

LogPlan LogPlan::read(document::Fields& column, const Setting& setting, aws::PriceBook& prices) {
  LogPlan plan;
  LogReader(column, setting).read(plan);
  const int insights = column.choice<int>("containerInsights", {{"disabled", 0}, {"enabled", 1}, {"enhanced", 2}}, 0,
                                          "ECS cluster default",
                                          "the cluster's setting: metrics of services and the cluster, enhanced "
                                          "of tasks and containers too, paid by their number");
  plan.container_insights = insights == 1;
  plan.enhanced_insights = insights == 2;
  if (column.describing()) return plan;
  if (plan.container_insights)
    aws::require(column, "containerInsights", prices.as_of(), aws::Offer::container_insights);
  if (plan.enhanced_insights) {
    aws::require(column, "containerInsights", prices.as_of(), aws::Offer::container_insights_enhanced);
    plan.enhanced_metric_month = prices.service(column, "cloudwatch", "container_insights_enhanced_ecs");
  }
  if (!plan.queries.empty()) {
    aws::require(column, "logs", prices.as_of(), aws::Offer::logs_insights);
    plan.scan_gb = prices.service(column, "cloudwatch", "logs_insights_scan");
  }
  if (plan.container_insights || !plan.metrics.empty())
    plan.custom_metric_month = prices.service(column, "cloudwatch", "custom_metric_first_10k");
  return plan;
}

void LogPlan::add_files(document::Fields& column, const Setting& setting, aws::PriceBook& prices,
                        const std::vector<api::MetricFilter>& files) {
  const LogReader reader(column, setting);
  for (const api::MetricFilter& file : files) {
    const bool said =
        std::any_of(metrics.begin(), metrics.end(), [&](const LogMetric& m) { return m.filter == file.name; });
    if (said) continue;
    reader.add(file, *this, true,
               [&](bool error, std::string_view key, const std::string& what, const std::string& hint) {
                 const document::Node* at = file.node.find(key);
                 document::Diagnostics& diagnostics = *column.reader().diagnostics;
                 const document::Mark mark = at == nullptr ? file.node.mark() : at->mark();
                 const std::string path = column.path_of("logs");
                 const std::string sentence = "metric filter " + file.name + ": " + what;
                 if (error) {
                   diagnostics.error(mark, sentence, hint, path);
                 } else {
                   diagnostics.warning(mark, sentence, hint, path);
                 }
               });
  }
  if (!metrics.empty() && custom_metric_month.raw() == 0)
    custom_metric_month = prices.service(column, "cloudwatch", "custom_metric_first_10k");
}

const LogMetric* LogPlan::find(const std::string& name_space, const std::string& name) const {
  const auto at = std::find_if(metrics.begin(), metrics.end(),
                               [&](const LogMetric& m) { return m.name == name && m.name_space == name_space; });
  return at == metrics.end() ? nullptr : &*at;
}

void LogPlan::build(BuildContext& context, aws::Meters& meters, std::int64_t services, std::int64_t families) const {
  const auto monthly = [&](const char* item, const char* label, std::int64_t count) {
    if (count <= 0) return;
    billing::LineItem line =
        line_of(item, label, custom_metric_month, "Metric-Months", "Metric", "CW:MetricMonitorUsage");
    line.scale = kHoursPerMonth;
    meters.add_fixed(context.bill.line(line), count);
  };
  monthly("cloudwatch/log-metrics", "CloudWatch metrics of log filters", static_cast<std::int64_t>(metrics.size()));
  if (container_insights)
    monthly("cloudwatch/container-insights", "Container Insights metrics", insight_metrics(services, families));
  // Queries are spread over the day: a GB scanned a day is a twenty-fourth of it an hour.
  __int128 scanned = 0;
  for (const LogQuery& q : queries) scanned += static_cast<__int128>(q.scanned.raw()) * q.per_day;
  if (scanned <= 0) return;
  billing::LineItem line =
      line_of("cloudwatch/logs-insights", "Logs Insights queries", scan_gb, "GB", "Log Group", "DataScanned-Bytes");
  line.scale = kGiB * kHoursPerDay;
  meters.add_fixed(context.bill.line(line), static_cast<std::int64_t>(std::min<__int128>(scanned, INT64_MAX)));
}

}  // namespace plimsoll::ecs
