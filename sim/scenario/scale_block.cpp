#include "sim/scenario/scale_block.h"

#include <algorithm>
#include <utility>

#include "sim/core/text.h"
#include "sim/core/time_zone.h"

namespace plimsoll::scenario {

using document::Fields;

void ScaleInputs::inherit(const ScaleInputs& each) {
  cpu.inherit(each.cpu);
  memory.inherit(each.memory);
  requests.inherit(each.requests);
  minimum.inherit(each.minimum);
  maximum.inherit(each.maximum);
  metrics.inherit(each.metrics);
  schedule.inherit(each.schedule);
  policy.inherit(each.policy);
  period.inherit(each.period);
}

namespace {

void read_schedule(Fields& scale, ScaleInputs& in) {
  const bool said = scale.has("schedule");
  const std::vector<document::Item> items =
      scale.list("schedule", "times that change the bounds: a scheduled action, a CronJob that patches the HPA");
  if (said) in.schedule = {{}, place(scale.mark_of("schedule")), true};
  for (const document::Item& item : items) {
    Fields f(item.node, scale.reader(), item.path);
    ScheduledBounds b;
    b.at = f.required_text("at", "five cron fields such as \"0 8 * * 1-5\"");
    b.zone = f.text("zone", "UTC", "UTC", "IANA time zone");
    b.minimum = f.optional_integer("min", "least replicas from then on", {0, 1'000'000});
    b.maximum = f.optional_integer("max", "most replicas from then on", {0, 1'000'000});
    if (f.describing()) continue;
    if (!TimeZone::find(b.zone)) {
      const std::string near = nearest_time_zone(b.zone);
      f.error("zone", "unknown time zone '" + b.zone + "'", near.empty() ? "" : "did you mean '" + near + "'?");
    }
    if (!b.minimum && !b.maximum) f.error("", "a schedule sets min, max or both", "add min: ...");
    if (b.minimum && b.maximum && *b.minimum > *b.maximum)
      f.error("min", "min " + std::to_string(*b.minimum) + " is above max " + std::to_string(*b.maximum));
    in.schedule.value.push_back(std::move(b));
  }
}

}  // namespace

void read_scale(Fields& app, ScaleInputs& in) {
  Fields scale = app.child("scale", "autoscaling, translated to HPA v2 and to target tracking");
  read<Ppm>(scale, "cpu", in.cpu, "target of mean CPU use over the request; 0 is no target", {Ppm{}, percent(1000)});
  read<Ppm>(scale, "memory", in.memory, "target of mean memory over the request; 0 is no target",
            {Ppm{}, percent(1000)});
  read<double>(scale, "requests", in.requests, "target of requests a second for each replica; 0 is no target",
               {0.0, 1e9});
  read<std::int64_t>(scale, "min", in.minimum, "least replicas", {1, 1'000'000});
  read<std::int64_t>(scale, "max", in.maximum, "most replicas", {1, 1'000'000});
  read<std::string>(scale, "policy", in.policy, "a replica scaler out of a --plugin library, on every column");
  read<Duration>(scale, "period", in.period, "between two calls of that replica scaler", {seconds(1), hours(24)});
  const bool said = scale.has("metrics");
  const std::vector<document::Item> metrics =
      scale.map("metrics", "metrics of the scenario, each with its target for one replica");
  if (said) in.metrics = {{}, place(scale.mark_of("metrics")), true};
  for (const document::Item& item : metrics) {
    const auto target =
        document::read_value<double>(item.node, scale.reader(), item.path, "target for one replica", {1e-6, 1e12});
    if (target) in.metrics.value.push_back({item.name, *target, item.mark, item.path});
  }
  read_schedule(scale, in);
}

void apply_scale(const ScaleInputs& in, const std::vector<CustomMetric>& metrics, document::Diagnostics& diagnostics,
                 WorkloadSpec& out) {
  out.scale_cpu = in.cpu.value;
  out.scale_memory = in.memory.value;
  out.scale_requests = in.requests.value;
  out.scale_schedule = in.schedule.value;
  out.scale_said = in.says_how();
  out.bounds_said = in.minimum.said || in.maximum.said;
  if (!in.policy.value.empty()) {
    // The platforms then have no target of their own.
    out.scaler = in.policy.value;
    out.scaler_period = in.period.value;
    out.scaler_target = std::exchange(out.scale_cpu, Ppm{});
    out.scale_memory = {};
    out.scale_requests = 0;
    return;
  }
  for (const ScaleInputs::Metric& m : in.metrics.value) {
    const auto at =
        std::find_if(metrics.begin(), metrics.end(), [&](const CustomMetric& c) { return c.name == m.name; });
    if (at != metrics.end()) {
      out.scale_metrics.emplace_back(static_cast<std::size_t>(at - metrics.begin()), m.target);
      continue;
    }
    std::vector<std::string_view> names;
    for (const CustomMetric& c : metrics) names.push_back(c.name);
    const std::string near = nearest(m.name, names);
    diagnostics.error(
        m.mark, "the metric '" + m.name + "' is not defined",
        near.empty() ? "define it at the top: metrics: {" + m.name + ": APP.backlog}" : "did you mean '" + near + "'?",
        m.path);
  }
}

std::vector<CustomMetric> read_metrics(Fields& scenario, const std::vector<std::string>& apps) {
  std::vector<CustomMetric> out;
  for (const document::Item& item :
       scenario.map("metrics",
                    "metrics of your own, published to CloudWatch and to Prometheus: name to an expression "
                    "over APP.arrived, served, lost (a second), backlog, inFlight, cpu, memory, replicas, "
                    "running, desired")) {
    if (scenario.describing()) break;
    const auto text =
        document::read_value<std::string>(item.node, scenario.reader(), item.path, "an expression such as web.backlog");
    if (!text) continue;
    auto expression = MetricExpression::parse(*text, apps);
    if (!expression) {
      scenario.reader().diagnostics->error(item.node, "'" + *text + "': " + expression.error, {}, item.path);
      continue;
    }
    out.push_back({item.name, std::move(*expression.value)});
  }
  return out;
}

std::int64_t read_calendar(Fields& scenario) {
  const std::string text =
      scenario.text("calendar", "2026-01-05T00:00:00Z", "a Monday",
                    "UTC time at which the counted window begins, for schedules and the bill's dates");
  const auto at = parse_instant(text);
  if (!at && !scenario.describing())
    scenario.error("calendar", "'" + text + "' is not a time", "write 2026-01-05 or 2026-01-05T08:30:00Z");
  return at.value_or(0);
}

}  // namespace plimsoll::scenario
