#include "models/ecs/api/scaling_policy.h"

#include <algorithm>

#include "models/ecs/api/metric_queries.h"
#include "models/ecs/api/object.h"
#include "models/ecs/api/timestamp.h"

namespace plimsoll::ecs::api {

using document::Diagnostics;
using document::Node;

namespace {

/// ServiceNamespace, ResourceId and ScalableDimension: false and an error for anything but an ECS service.
bool read_subject(Object& o, std::string& cluster, std::string& service) {
  const auto space = o.text("ServiceNamespace");
  const auto resource = o.text("ResourceId");
  const auto dimension = o.text("ScalableDimension");
  if (!space) o.missing("ServiceNamespace", "ecs");
  if (!resource) o.missing("ResourceId", "service/CLUSTER/SERVICE");
  if (!dimension) o.missing("ScalableDimension", "ecs:service:DesiredCount");
  if (!space || !resource || !dimension) return false;
  if (*space != "ecs" || *dimension != "ecs:service:DesiredCount") {
    o.error(*space != "ecs" ? "ServiceNamespace" : "ScalableDimension",
            "only the desired count of ECS services can be scaled here",
            "ServiceNamespace ecs, ScalableDimension ecs:service:DesiredCount");
    return false;
  }
  const std::size_t first = resource->find('/');
  const std::size_t second = first == std::string::npos ? first : resource->find('/', first + 1);
  if (second == std::string::npos || resource->substr(0, first) != "service" || second == first + 1 ||
      second + 1 == resource->size() || resource->find('/', second + 1) != std::string::npos) {
    o.error("ResourceId", "the ResourceId of an ECS service is service/CLUSTER/SERVICE");
    return false;
  }
  cluster = resource->substr(first + 1, second - first - 1);
  service = resource->substr(second + 1);
  return true;
}

/// app/NAME/ID/targetgroup/NAME/ID. SOURCE: API PredefinedMetricSpecification (ResourceLabel).
bool is_resource_label(std::string_view label) {
  std::vector<std::string_view> parts(1);
  std::size_t from = 0;
  for (std::size_t at = 0; at <= label.size(); ++at) {
    if (at < label.size() && label[at] != '/') continue;
    parts.back() = label.substr(from, at - from);
    from = at + 1;
    if (at < label.size()) parts.emplace_back();
  }
  return parts.size() == 6 && parts[0] == "app" && parts[3] == "targetgroup" &&
         std::none_of(parts.begin(), parts.end(), [](std::string_view part) { return part.empty(); });
}

Duration read_cooldown(Object& o, std::string_view key, Duration fallback) {
  const auto value = o.integer(key, 0, 1'000'000'000);
  return value ? seconds(*value) : fallback;
}

void check_bounds(Object& o, std::optional<std::int64_t> minimum, std::optional<std::int64_t> maximum) {
  if (minimum && maximum && *minimum > *maximum) {
    o.error("MinCapacity", "Maximum capacity cannot be less than minimum capacity.");
  }
}

/// MetricDataQueries of a customized specification; null when absent or after an error.
std::shared_ptr<const MetricQueries> read_customized(Object& o, std::string_view key) {
  const Node* node = o.get(key);
  if (node == nullptr) return nullptr;
  Object c(*node, o.diagnostics(), o.path_of(key));
  auto queries = read_metric_queries(c, false, "MetricDataQueries");
  return queries ? std::make_shared<const MetricQueries>(std::move(*queries)) : nullptr;
}

PredictiveScaling read_predictive(Object& o) {
  PredictiveScaling p;
  p.scale = o.choice<bool>("Mode", {{"ForecastOnly", false}, {"ForecastAndScale", true}}).value_or(false);
  p.buffer = read_cooldown(o, "SchedulingBufferTime", p.buffer);
  if (p.buffer > hours(1)) o.error("SchedulingBufferTime", "SchedulingBufferTime is at most 3600");
  p.increase_maximum =
      o.choice<bool>("MaxCapacityBreachBehavior", {{"HonorMaxCapacity", false}, {"IncreaseMaxCapacity", true}})
          .value_or(false);
  p.maximum_buffer = o.integer("MaxCapacityBuffer", 0, 100).value_or(0);
  if (o.has("MaxCapacityBuffer") != p.increase_maximum) {
    o.error("MaxCapacityBuffer", "MaxCapacityBuffer goes with MaxCapacityBreachBehavior IncreaseMaxCapacity, and must");
  }
  const auto specifications = o.list("MetricSpecifications");
  if (specifications.size() != 1) o.missing("MetricSpecifications", "exactly one metric specification");
  for (std::size_t i = 0; i < specifications.size(); ++i) {
    Object s(specifications[i], o.diagnostics(), document::join_path(o.path_of("MetricSpecifications"), i));
    p.target = s.number("TargetValue").value_or(0);
    if (p.target <= 0) s.error("TargetValue", "TargetValue must be above 0");
    const Node* pair = s.get("PredefinedMetricPairSpecification");
    for (const std::string_view key : {"PredefinedScalingMetricSpecification", "PredefinedLoadMetricSpecification"})
      s.not_modelled(key, "a predefined metric pair or customized metrics are forecast");
    p.load = read_customized(s, "CustomizedLoadMetricSpecification");
    p.scaling = read_customized(s, "CustomizedScalingMetricSpecification");
    p.capacity = read_customized(s, "CustomizedCapacityMetricSpecification");
    const bool customized = s.has("CustomizedLoadMetricSpecification") || s.has("CustomizedScalingMetricSpecification");
    if (customized && pair != nullptr)
      s.error("PredefinedMetricPairSpecification", "a predefined pair or customized metrics, one of the two");
    if (customized) {
      for (const std::string_view key : {"CustomizedLoadMetricSpecification", "CustomizedScalingMetricSpecification"}) {
        if (!s.has(key)) s.missing(key, "customized load and scaling metric go together");
      }
      continue;
    }
    if (pair == nullptr) {
      s.missing("PredefinedMetricPairSpecification", "the pair of load and scaling metric");
      continue;
    }
    Object q(*pair, o.diagnostics(), s.path_of("PredefinedMetricPairSpecification"));
    q.ignore({"ResourceLabel"});
    p.metric =
        q.choice<ScalingMetric>("PredefinedMetricType", {{"ECSServiceCPUUtilization", ScalingMetric::cpu},
                                                         {"ECSServiceMemoryUtilization", ScalingMetric::memory},
                                                         {"ALBRequestCount", ScalingMetric::alb_requests_per_target}})
            .value_or(ScalingMetric::cpu);
  }
  return p;
}

TargetTracking read_target_tracking(Object& o) {
  TargetTracking t;
  const auto target = o.number("TargetValue");
  if (!o.has("TargetValue")) o.missing("TargetValue", "what the metric is kept at");
  if (target && *target <= 0) o.error("TargetValue", "TargetValue must be above 0");
  t.target = target.value_or(0);
  const Node* predefined = o.get("PredefinedMetricSpecification");
  const Node* customized = o.get("CustomizedMetricSpecification");
  if ((predefined != nullptr) == (customized != nullptr)) {
    o.missing("PredefinedMetricSpecification",
              "exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification");
  }
  if (predefined != nullptr) {
    Object p(*predefined, o.diagnostics(), o.path_of("PredefinedMetricSpecification"));
    const auto metric = p.choice<ScalingMetric>("PredefinedMetricType",
                                                {{"ECSServiceAverageCPUUtilization", ScalingMetric::cpu},
                                                 {"ECSServiceAverageMemoryUtilization", ScalingMetric::memory},
                                                 {"ALBRequestCountPerTarget", ScalingMetric::alb_requests_per_target}});
    if (!metric && !p.has("PredefinedMetricType")) p.missing("PredefinedMetricType", "the metric");
    t.metric = metric.value_or(ScalingMetric::cpu);
    t.resource_label = p.text("ResourceLabel").value_or("");
    const bool alb = t.metric == ScalingMetric::alb_requests_per_target;
    if (metric && alb && t.resource_label.empty()) {
      p.missing("ResourceLabel", "ALBRequestCountPerTarget needs app/NAME/ID/targetgroup/NAME/ID");
    }
    if (metric && alb && !t.resource_label.empty() && !is_resource_label(t.resource_label))
      p.error("ResourceLabel", "'" + t.resource_label + "' is no resource label of a balancer and a target group",
              "the final portions of their ARNs: app/NAME/ID/targetgroup/NAME/ID");
    if (metric && !alb && !t.resource_label.empty()) {
      p.error("ResourceLabel", "ResourceLabel goes with ALBRequestCountPerTarget only");
    }
  }
  if (customized != nullptr) {
    t.metric = ScalingMetric::custom;
    Object c(*customized, o.diagnostics(), o.path_of("CustomizedMetricSpecification"));
    c.ignore({"Unit"});
    if (c.has("Metrics")) {
      if (auto queries = read_metric_queries(c, false))
        t.queries = std::make_shared<const MetricQueries>(std::move(*queries));
      for (const std::string_view key : {"MetricName", "Namespace", "Dimensions", "Statistic"}) {
        if (c.has(key)) c.error(key, "a customized metric has Metrics or a " + std::string(key) + ", one of the two");
        c.ignore({key});
      }
    } else {
      t.custom = read_metric_reference(c);
    }
  }
  t.scale_out_cooldown = read_cooldown(o, "ScaleOutCooldown", t.scale_out_cooldown);
  t.scale_in_cooldown = read_cooldown(o, "ScaleInCooldown", t.scale_in_cooldown);
  t.disable_scale_in = o.boolean("DisableScaleIn").value_or(false);
  return t;
}

StepScaling read_step_scaling(Object& o) {
  StepScaling s;
  const auto type = o.choice<AdjustmentType>("AdjustmentType",
                                             {{"ChangeInCapacity", AdjustmentType::change_in_capacity},
                                              {"ExactCapacity", AdjustmentType::exact_capacity},
                                              {"PercentChangeInCapacity", AdjustmentType::percent_change_in_capacity}});
  if (!type && !o.has("AdjustmentType")) o.missing("AdjustmentType", "how the steps are meant");
  s.type = type.value_or(AdjustmentType::change_in_capacity);
  const auto items = o.list("StepAdjustments");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object item(items[i], o.diagnostics(), document::join_path(o.path_of("StepAdjustments"), i));
    StepAdjustment step;
    step.lower = item.number("MetricIntervalLowerBound");
    step.upper = item.number("MetricIntervalUpperBound");
    if (!item.has("ScalingAdjustment")) item.missing("ScalingAdjustment", "the size of the step");
    step.adjustment = item.integer("ScalingAdjustment").value_or(0);
    s.steps.push_back(step);
  }
  for (std::string& message : step_errors(s.steps)) o.error("StepAdjustments", std::move(message));
  if (s.type == AdjustmentType::exact_capacity &&
      std::any_of(s.steps.begin(), s.steps.end(), [](const StepAdjustment& step) { return step.adjustment < 0; }))
    o.error("StepAdjustments", "ScalingAdjustment of an ExactCapacity step must not be negative");
  s.minimum_magnitude = o.integer("MinAdjustmentMagnitude", 0).value_or(0);
  if (s.minimum_magnitude > 0 && s.type != AdjustmentType::percent_change_in_capacity) {
    o.error("MinAdjustmentMagnitude", "MinAdjustmentMagnitude goes with PercentChangeInCapacity only");
  }
  s.cooldown = read_cooldown(o, "Cooldown", s.cooldown);
  s.aggregation = o.choice<MetricAggregation>("MetricAggregationType", {{"Average", MetricAggregation::average},
                                                                        {"Minimum", MetricAggregation::minimum},
                                                                        {"Maximum", MetricAggregation::maximum}})
                      .value_or(MetricAggregation::average);
  return s;
}

}  // namespace

std::optional<std::int64_t> percentile_of(std::string_view text) {
  if (text.size() < 2 || (text.front() != 'p' && text.front() != 'P')) return std::nullopt;
  // Digits, and at most ten behind the point, of which four tell a millionth of 1.
  std::int64_t whole = 0, part = 0, unit = 10'000;
  std::size_t i = 1;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9' && i < 5; ++i) whole = whole * 10 + (text[i] - '0');
  if (i == 1) return std::nullopt;
  if (i < text.size()) {
    if (text[i] != '.' || i + 1 == text.size() || text.size() - i > 11) return std::nullopt;
    for (++i; i < text.size(); ++i) {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      unit /= 10;
      part += unit * (text[i] - '0');
    }
  }
  const std::int64_t out = whole * 10'000 + part;
  return out <= 1'000'000 ? std::optional(out) : std::nullopt;
}

std::string MetricReference::dimension(std::string_view wanted) const {
  for (const auto& [key, value] : dimensions) {
    if (key == wanted) return value;
  }
  return {};
}

MetricReference read_metric_reference(Object& o) {
  MetricReference m;
  m.name = o.text("MetricName").value_or("");
  m.name_space = o.text("Namespace").value_or("");
  if (m.name.empty()) o.missing("MetricName", "the metric");
  if (m.name_space.empty()) o.missing("Namespace", "the metric's namespace, such as AWS/ECS");
  const auto dimensions = o.list("Dimensions");
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    Object d(dimensions[i], o.diagnostics(), document::join_path(o.path_of("Dimensions"), i));
    m.dimensions.emplace_back(d.text("Name").value_or(""), d.text("Value").value_or(""));
  }
  if (o.has("ExtendedStatistic")) {
    const std::string text = o.text("ExtendedStatistic").value_or("");
    if (o.has("Statistic")) o.error("ExtendedStatistic", "a Statistic or an ExtendedStatistic, one of the two");
    if (const auto percentile = percentile_of(text)) {
      m.percentile = *percentile;
    } else {
      o.error("ExtendedStatistic", "'" + text + "' is no percentile",
              "p0.0 to p100; trimmed and winsorised means (tm, wm, tc, ts, PR, IQM) are not simulated");
    }
    o.ignore({"Statistic"});
    return m;
  }
  m.statistic = o.choice<aws::Statistic>("Statistic", {{"Average", aws::Statistic::average},
                                                       {"Sum", aws::Statistic::sum},
                                                       {"Minimum", aws::Statistic::minimum},
                                                       {"Maximum", aws::Statistic::maximum},
                                                       {"SampleCount", aws::Statistic::sample_count}})
                    .value_or(aws::Statistic::average);
  return m;
}

std::vector<std::string> step_errors(const std::vector<StepAdjustment>& steps) {
  std::vector<std::string> errors;
  if (steps.empty()) return {"a step scaling policy needs a step"};
  if (steps.size() > 20) errors.emplace_back("a step scaling policy has at most 20 steps");
  std::vector<StepAdjustment> sorted = steps;
  std::stable_sort(sorted.begin(), sorted.end(), [](const StepAdjustment& a, const StepAdjustment& b) {
    if (!a.lower || !b.lower) return !a.lower && b.lower;
    return *a.lower < *b.lower;
  });
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const StepAdjustment& s = sorted[i];
    if (!s.lower && !s.upper && sorted.size() > 1) {
      errors.emplace_back("a step without bounds must be the only one");
      return errors;
    }
    if (s.lower && s.upper && *s.lower >= *s.upper) {
      errors.emplace_back("the lower bound of a step must be below its upper bound");
      return errors;
    }
    if (i == 0) continue;
    const StepAdjustment& before = sorted[i - 1];
    if (!s.lower) {
      errors.emplace_back("only one step can be without a lower bound");
      return errors;
    }
    if (!before.upper || *before.upper > *s.lower) errors.emplace_back("the steps overlap");
    if (before.upper && *before.upper < *s.lower) errors.emplace_back("there is a gap between the steps");
  }
  if (sorted.front().lower && *sorted.front().lower < 0)
    errors.emplace_back(
        "There must be a step adjustment with an unspecified lower bound when one step adjustment has a negative lower "
        "bound.");
  const bool open = std::any_of(sorted.begin(), sorted.end(), [](const StepAdjustment& s) { return !s.upper; });
  const bool above = std::any_of(sorted.begin(), sorted.end(), [](const auto& s) { return s.upper && *s.upper > 0; });
  if (above && !open)
    errors.emplace_back(
        "There must be a step adjustment with an unspecified upper bound when one step adjustment has a positive upper "
        "bound.");
  return errors;
}

std::optional<ScalableTarget> read_scalable_target(const Node& node, Diagnostics& diagnostics) {
  if (!node.is_mapping()) {
    diagnostics.error(node, "a scalable target is an object");
    return std::nullopt;
  }
  Object o(node, diagnostics, "");
  ScalableTarget t;
  t.node = node;
  const bool ours = read_subject(o, t.cluster, t.service);
  t.minimum = o.integer("MinCapacity", 0);
  t.maximum = o.integer("MaxCapacity", 0);
  check_bounds(o, t.minimum, t.maximum);
  if (const Node* suspended = o.get("SuspendedState")) {
    Object s(*suspended, diagnostics, "SuspendedState");
    t.scale_in_suspended = s.boolean("DynamicScalingInSuspended").value_or(false);
    t.scale_out_suspended = s.boolean("DynamicScalingOutSuspended").value_or(false);
    t.schedules_suspended = s.boolean("ScheduledScalingSuspended").value_or(false);
  }
  o.ignore({"RoleARN", "Tags", "CreationTime", "ScalableTargetARN", "PredictedCapacity"});
  if (!ours) return std::nullopt;
  return t;
}

std::optional<ScalingPolicy> read_scaling_policy(const Node& node, Diagnostics& diagnostics) {
  if (!node.is_mapping()) {
    diagnostics.error(node, "a scaling policy is an object");
    return std::nullopt;
  }
  Object o(node, diagnostics, "");
  ScalingPolicy p;
  p.node = node;
  if (!o.has("ServiceNamespace") && o.has("TargetValue")) {
    p.target_tracking = read_target_tracking(o);
    return p;
  }
  if (!o.has("ServiceNamespace") && o.has("AdjustmentType")) {
    p.step = read_step_scaling(o);
    return p;
  }
  const bool ours = read_subject(o, p.cluster, p.service);
  p.name = o.text("PolicyName").value_or("");
  if (!o.has("PolicyName")) o.missing("PolicyName", "a policy has a name");
  enum class Type { target, step, predictive };
  // StepScaling is what the API takes when PolicyType is left out.
  const Type type = o.choice<Type>("PolicyType", {{"TargetTrackingScaling", Type::target},
                                                  {"StepScaling", Type::step},
                                                  {"PredictiveScaling", Type::predictive}})
                        .value_or(Type::step);
  const Node* target = o.get("TargetTrackingScalingPolicyConfiguration");
  const Node* step = o.get("StepScalingPolicyConfiguration");
  const Node* predictive = o.get("PredictiveScalingPolicyConfiguration");
  o.ignore({"PolicyARN", "Alarms", "CreationTime"});
  const std::pair<Type, const char*> configurations[] = {{Type::target, "TargetTrackingScalingPolicyConfiguration"},
                                                         {Type::step, "StepScalingPolicyConfiguration"},
                                                         {Type::predictive, "PredictiveScalingPolicyConfiguration"}};
  for (const auto& [of, key] : configurations) {
    if (of != type && o.has("PolicyType") && o.has(key))
      o.error(key, std::string(key) + " does not go with PolicyType " + o.text("PolicyType").value_or(""));
  }
  if (!ours) return std::nullopt;
  if (type == Type::predictive) {
    if (predictive == nullptr) {
      o.missing("PredictiveScalingPolicyConfiguration", "the policy of type PredictiveScaling");
      return std::nullopt;
    }
    Object q(*predictive, diagnostics, "PredictiveScalingPolicyConfiguration");
    p.predictive = read_predictive(q);
    return p;
  }
  if (type == Type::target) {
    if (target == nullptr) {
      o.missing("TargetTrackingScalingPolicyConfiguration", "the policy of type TargetTrackingScaling");
      return std::nullopt;
    }
    Object t(*target, diagnostics, "TargetTrackingScalingPolicyConfiguration");
    p.target_tracking = read_target_tracking(t);
  } else {
    if (step == nullptr) {
      o.missing("StepScalingPolicyConfiguration", target != nullptr ? "PolicyType is StepScaling unless it is written"
                                                                    : "the policy of type StepScaling");
      return std::nullopt;
    }
    Object s(*step, diagnostics, "StepScalingPolicyConfiguration");
    p.step = read_step_scaling(s);
  }
  return p;
}

std::optional<ScheduledScaling> read_scheduled_scaling(const Node& node, Diagnostics& diagnostics) {
  if (!node.is_mapping()) {
    diagnostics.error(node, "a scheduled action is an object");
    return std::nullopt;
  }
  Object o(node, diagnostics, "");
  ScheduledScaling s;
  s.node = node;
  const bool ours = read_subject(o, s.cluster, s.service);
  s.name = o.text("ScheduledActionName").value_or("");
  if (!o.has("ScheduledActionName")) o.missing("ScheduledActionName", "a scheduled action has a name");
  if (s.name.find_first_of(":/|") != std::string::npos)
    o.error("ScheduledActionName", "the name of a scheduled action has no ':', '/' and '|'");
  s.schedule = o.text("Schedule").value_or("");
  if (s.schedule.empty()) o.missing("Schedule", "at(...), rate(...) or cron(...)");
  s.time_zone = o.text("Timezone").value_or("UTC");
  if (const Node* action = o.get("ScalableTargetAction")) {
    Object a(*action, diagnostics, "ScalableTargetAction");
    s.minimum = a.integer("MinCapacity", 0);
    s.maximum = a.integer("MaxCapacity", 0);
    check_bounds(a, s.minimum, s.maximum);
  }
  if (!s.minimum && !s.maximum) o.missing("ScalableTargetAction", "MinCapacity, MaxCapacity or both");
  s.begins = read_timestamp(o, "StartTime");
  s.ends = read_timestamp(o, "EndTime");
  if (s.begins && s.ends && *s.ends <= *s.begins) o.error("EndTime", "EndTime is not after StartTime");
  o.ignore({"ScheduledActionARN", "CreationTime"});
  if (!ours) return std::nullopt;
  return s;
}

}  // namespace plimsoll::ecs::api
