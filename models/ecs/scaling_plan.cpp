#include "models/ecs/scaling_plan.h"

#include <algorithm>

#include "models/aws/cloudwatch/composite_alarms.h"
#include "models/ecs/controllers/managed_scaling.h"
#include "sim/billing/bill.h"

namespace plimsoll::ecs {

namespace {

constexpr std::int64_t kHoursPerMonth = 730;

bool is_custom(const PlannedMetric& m) {
  return m.name == aws::MetricName::custom || m.name == aws::MetricName::custom_per_task;
}

/// SOURCE: CloudWatch pricing page (an alarm on metric math is charged for each metric in it).
std::int64_t alarm_metrics(const PlannedAlarm& a) {
  std::int64_t n = 0;
  a.metric.each([&](const PlannedMetric&) { ++n; });
  return n;
}

aws::MetricSource source_of(const PlannedMetric& m, const std::vector<WorkloadId>& ids, aws::CloudWatch& cloudwatch) {
  aws::MetricSource s;
  s.name = m.name;
  if (m.app) s.workload = ids[*m.app];
  s.expression = m.expression;
  if (m.expression != nullptr) s.apps = ids;
  s.label = m.label;
  s.math_of = m.math;
  s.percentile = m.percentile;
  for (const auto& [operand, statistic] : m.operands)
    s.inputs.push_back({cloudwatch.metric(source_of(operand, ids, cloudwatch)), statistic});
  return s;
}

aws::MetricSource pushed_metric(const std::string& provider) {
  aws::MetricSource source;
  source.name = aws::MetricName::pushed;
  source.label = provider_metric(provider);
  return source;
}

/// Charged a month, by the hour.
void add_monthly(BuildContext& context, aws::Meters& meters, const char* item, const char* label, const char* unit,
                 const char* resource, const char* sku, Rate rate, std::int64_t count) {
  if (count <= 0) return;
  billing::LineItem line;
  line.item = item;
  line.label = label;
  line.rate = rate;
  line.unit = unit;
  line.scale = kHoursPerMonth;
  line.service = "Amazon CloudWatch";
  line.category = "Management and Governance";
  line.resource_type = resource;
  line.sku = sku;
  meters.add_fixed(context.bill.line(line), count);
}

}  // namespace

std::string provider_metric(const std::string& provider) { return "CapacityProviderReservation " + provider; }

std::string provider_alarm(const std::string& provider, std::string_view which) {
  return "TargetTracking-" + provider + "-" + std::string(which);
}

void publish_reservations(World& world) {
  auto* cloudwatch = world.find_component<aws::CloudWatch>();
  if (cloudwatch == nullptr) return;
  world.each_component<ManagedScaling>([&](ManagedScaling& scaling) {
    const std::string name(world.names.text(world.group(scaling.group()).name));
    scaling.publish_to(cloudwatch->handler, cloudwatch->metric(pushed_metric(name)));
    const aws::AlarmId high = cloudwatch->find_alarm(provider_alarm(name, "AlarmHigh"));
    const aws::AlarmId low = cloudwatch->find_alarm(provider_alarm(name, "AlarmLow"));
    if (!high.is_none() && !low.is_none()) scaling.tell_alarms(high, low);
  });
}

std::int64_t ScalingPlan::standard_alarms() const {
  std::int64_t n = 0;
  for (const ServiceScaling& s : services) {
    for (const PlannedTracking& t : s.tracking) t.metric.each([&](const PlannedMetric&) { n += 2; });
  }
  for (const PlannedAlarm& a : alarms) n += a.definition.period >= seconds(60) ? alarm_metrics(a) : 0;
  return n;
}

std::int64_t ScalingPlan::high_resolution_alarms() const {
  std::int64_t n = 0;
  for (const PlannedAlarm& a : alarms) n += a.definition.period < seconds(60) ? alarm_metrics(a) : 0;
  return n;
}

std::int64_t ScalingPlan::custom_metrics() const {
  std::vector<std::string> seen;
  const auto see = [&](const PlannedMetric& m) {
    if (!is_custom(m)) return;
    // Paid as metrics of log filters, whoever watches them.
    const bool of_logs = std::any_of(logs.metrics.begin(), logs.metrics.end(),
                                     [&](const LogMetric& l) { return l.name_space + " " + l.name == m.label; });
    if (of_logs) return;
    const std::string name = m.label + "/" + (m.app ? std::to_string(*m.app) : "");
    if (std::find(seen.begin(), seen.end(), name) == seen.end()) seen.push_back(name);
  };
  for (const ServiceScaling& s : services) {
    for (const PlannedTracking& t : s.tracking) t.metric.each(see);
  }
  for (const PlannedAlarm& a : alarms) a.metric.each(see);
  for (const ServiceScaling& s : services) {
    for (const PlannedPrediction& p : s.predictions) {
      for (const auto& metric : p.metrics) metric.first.each(see);
    }
  }
  return static_cast<std::int64_t>(seen.size());
}

std::int64_t ScalingPlan::policies() const {
  std::size_t n = 0;
  for (const ServiceScaling& s : services) {
    n += s.tracking.size() + s.steps.size() + s.actions.size() + s.predictions.size();
  }
  return static_cast<std::int64_t>(n);
}

void ScalingPlan::build(BuildContext& context, aws::Meters& meters, const aws::SurroundingPrices& around,
                        const std::vector<WorkloadId>& ids, std::int64_t other_alarms) const {
  World& world = context.world;
  const std::int64_t standard = standard_alarms() + other_alarms;
  if (standard > 0) aws::add_alarms(context, meters, around, standard);
  add_monthly(context, meters, "cloudwatch/alarms-high-resolution", "CloudWatch high-resolution alarms", "Alarm-Months",
              "Alarm", "CW:HighResAlarmMonitorUsage", high_resolution_month, high_resolution_alarms());
  add_monthly(context, meters, "cloudwatch/alarms-composite", "CloudWatch composite alarms", "Alarm-Months", "Alarm",
              "CW:CompositeAlarmMonitorUsage", composite_month, static_cast<std::int64_t>(composites.size()));
  add_monthly(context, meters, "cloudwatch/custom-metrics", "CloudWatch custom metrics", "Metric-Months", "Metric",
              "CW:MetricMonitorUsage", custom_metric_month, custom_metrics());
  auto watch = std::make_unique<aws::CloudWatch>(cloudwatch);
  std::vector<aws::AlarmId> alarm_ids;
  for (const PlannedAlarm& a : alarms) {
    alarm_ids.push_back(
        watch->add_alarm(a.name, watch->metric(source_of(a.metric, ids, *watch)), a.definition, a.statistic));
  }
  for (const auto& [provider, target] : managed) {
    const aws::TrackingAlarms made = aws::capacity_provider_alarms(target * aws::kMetricScale);
    const aws::MetricId metric = watch->metric(pushed_metric(provider));
    watch->add_owned_alarm(provider_alarm(provider, "AlarmHigh"), metric, made.high);
    watch->add_owned_alarm(provider_alarm(provider, "AlarmLow"), metric, made.low);
  }
  aws::CloudWatch& cw = *watch;
  const HandlerId handler = world.attach(std::move(watch));
  auto scaling = std::make_unique<aws::ServiceAutoScaling>(handler, context.setting.calendar);
  for (const ServiceScaling& s : services) {
    const WorkloadId id = ids[s.app];
    Workload& w = world.edit_workload(id);
    if (s.desired) w.desired = *s.desired;
    if (s.minimum) w.minimum = *s.minimum;
    if (s.maximum) w.maximum = *s.maximum;
    if (s.minimum || s.maximum) w.desired = std::clamp(w.desired, w.minimum, std::max(w.minimum, w.maximum));
    scaling->add_target(id, s.suspended);
    for (const PlannedTracking& t : s.tracking) {
      aws::TrackingConfig config = t.config;
      config.name = t.name;
      config.cooldown_reading = cooldown_reading;
      config.metric = cw.metric(source_of(t.metric, ids, cw));
      scaling->track(cw, id, config);
    }
    for (const PlannedStep& p : s.steps) {
      aws::StepConfig config = p.config;
      config.alarm = alarm_ids[p.alarm];
      scaling->step(id, std::move(config));
    }
    for (const aws::ScheduledAction& a : s.actions) scaling->schedule(id, a);
    for (const PlannedPrediction& p : s.predictions) {
      if (p.metrics.empty()) {
        scaling->predict(id, p.load, p.policy);
        continue;
      }
      const auto metric = [&](std::size_t i) { return cw.metric(source_of(p.metrics[i].first, ids, cw)); };
      aws::PredictiveMetrics metrics{.load = metric(0), .scaling = metric(1)};
      metrics.load_statistic = p.metrics[0].second;
      metrics.scaling_statistic = p.metrics[1].second;
      if (p.metrics.size() > 2) {
        metrics.capacity = metric(2);
        metrics.capacity_statistic = p.metrics[2].second;
      }
      scaling->predict(cw, id, metrics, p.policy);
    }
  }
  world.attach(std::move(scaling));
  if (composites.empty()) return;
  auto composite_alarms = std::make_unique<aws::CompositeAlarms>(handler);
  for (const PlannedComposite& c : composites) composite_alarms->add(cw, c.name, c.rule);
  const aws::CompositeAlarms& attached = *composite_alarms;
  world.attach(std::move(composite_alarms));
  attached.watch(cw);
}

}  // namespace plimsoll::ecs
