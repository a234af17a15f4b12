#include "models/kubernetes/api/autoscaler.h"

#include <algorithm>

#include "models/kubernetes/api/name_rules.h"
#include "models/kubernetes/api/pod_template.h"
#include "models/kubernetes/api/quantity.h"

namespace plimsoll::kubernetes::api {

using document::Node;

namespace {

constexpr std::int64_t kDefaultCpuPercent = 80;

std::optional<std::int64_t> milli(Object& o, std::string_view key) {
  const auto text = o.scalar(key);
  if (!text) return std::nullopt;
  const auto value = parse_quantity(*text, 3);
  if (!value) {
    o.error(key, value.error);
    return std::nullopt;
  }
  if (*value.value <= 0) {
    o.error(key, "Invalid value: must be positive");
    return std::nullopt;
  }
  return *value.value;
}

/// What the API server refuses of the target of a metric. SOURCE: pkg/apis/autoscaling/validation/validation.go
/// validateResourceSource, validateObjectSource, validateExternalSource, validatePodsSource, validateMetricTarget.
void check_target(Object& source, Object& o, MetricKind kind) {
  const bool utilization = o.has("averageUtilization"), average = o.has("averageValue"), value = o.has("value");
  if (!o.has("type")) o.error("type", "Required value: must specify a metric target type");
  const auto required = [&](const char* key, const char* rule) {
    source.diagnostics().error(o.node(), std::string("Required value: ") + rule, {}, o.path_of(key));
  };
  switch (kind) {
    case MetricKind::resource:
    case MetricKind::container_resource:
      if (!utilization && !average)
        required("averageUtilization", "must set either a target raw value or a target utilization");
      if (utilization && average)
        o.error("averageValue", "Forbidden: may not set both a target raw value and a target utilization");
      break;
    case MetricKind::pods:
      if (!average) required("averageValue", "must specify a positive target averageValue");
      break;
    case MetricKind::external:
      if (!value && !average) required("averageValue", "must set either a target value for metric or a per-pod target");
      if (value && average)
        o.error("value", "Forbidden: may not set both a target value for metric and a per-pod target");
      break;
    default:
      if (!value && !average) required("averageValue", "must set either a target value or a target averageValue");
      break;
  }
}

/// v2 and v2beta2: target {type, averageUtilization, averageValue, value}.
MetricTarget read_target(Object& source, MetricKind kind) {
  const bool allow_utilization = kind == MetricKind::resource || kind == MetricKind::container_resource;
  MetricTarget t;
  const Node* node = source.get("target");
  if (node == nullptr) {
    source.error("target", "Required value: must specify a metric target");
    return t;
  }
  Object o(*node, source.diagnostics(), source.path_of("target"));
  using Type = MetricTarget::Type;
  t.type =
      o.choice<Type>(
           "type", {{"Utilization", Type::utilization}, {"Value", Type::value}, {"AverageValue", Type::average_value}})
          .value_or(allow_utilization ? Type::utilization : Type::average_value);
  if (const auto v = o.integer("averageUtilization", 1)) {
    t = {Type::utilization, *v};
    if (!allow_utilization) o.error("averageUtilization", "Forbidden: only resource metrics have a utilization");
  }
  if (const auto v = milli(o, "averageValue")) t = {Type::average_value, *v};
  if (const auto v = milli(o, "value")) t = {Type::value, *v};
  check_target(source, o, kind);
  return t;
}

std::string read_metric_name(Object& source) {
  const Node* node = source.get("metric");
  if (node == nullptr) {
    source.error("metric", "Required value");
    return {};
  }
  Object o(*node, source.diagnostics(), source.path_of("metric"));
  o.ignore({"selector"});
  std::string name = o.text_or("name", "");
  if (name.empty()) o.error("name", "Required value: must specify a metric name");
  return name;
}

/// The object that an Object metric is of. SOURCE: ValidateCrossVersionObjectReference.
void check_described_object(Object& source) {
  const Node* node = source.get("describedObject");
  if (node == nullptr) {
    source.error("describedObject", "Required value");
    return;
  }
  Object o(*node, source.diagnostics(), source.path_of("describedObject"));
  o.ignore({"apiVersion"});
  if (o.text_or("kind", "").empty()) o.error("kind", "Required value");
  if (o.text_or("name", "").empty()) o.error("name", "Required value");
}

/// v2beta1 spreads its targets over fields of each source.
MetricTarget read_flat_target(Object& o) {
  using Type = MetricTarget::Type;
  MetricTarget t;
  if (const auto v = o.integer("targetAverageUtilization", 1)) t = {Type::utilization, *v};
  if (const auto v = milli(o, "targetValue")) t = {Type::value, *v};
  if (const auto v = milli(o, "targetAverageValue")) t = {Type::average_value, *v};
  if (const auto v = milli(o, "averageValue")) t = {Type::average_value, *v};
  if (o.has("targetAverageUtilization") && o.has("targetAverageValue"))
    o.error("targetAverageValue", "Forbidden: may not set both a target raw value and a target utilization");
  o.ignore({"target", "selector", "metricSelector"});
  if (t.amount == 0) o.diagnostics().error(o.node(), "a metric target is required", {}, o.path());
  return t;
}

std::optional<MetricSpec> read_metric(Object& o, bool flat) {
  struct Source {
    std::string_view type, key;
    MetricKind kind;
  };
  static constexpr Source kSources[] = {{"Resource", "resource", MetricKind::resource},
                                        {"ContainerResource", "containerResource", MetricKind::container_resource},
                                        {"Pods", "pods", MetricKind::pods},
                                        {"Object", "object", MetricKind::object},
                                        {"External", "external", MetricKind::external}};
  const std::string type = o.text_or("type", "");
  for (const Source& source : kSources) {
    if (source.type != type) continue;
    MetricSpec m;
    m.kind = source.kind;
    const Node* node = o.get(source.key);
    if (node == nullptr) {
      o.error(source.key, "Required value: must populate information for the given metric source");
      return std::nullopt;
    }
    Object s(*node, o.diagnostics(), o.path_of(source.key));
    if (source.kind == MetricKind::object && !flat) check_described_object(s);
    for (const Source& other : kSources) {
      if (other.key == source.key || !o.has(other.key)) continue;
      o.error(other.key, "Forbidden: must populate the given metric source only");
      o.ignore({other.key});
    }
    const bool resource = source.kind == MetricKind::resource || source.kind == MetricKind::container_resource;
    if (resource) {
      m.name = s.text_or("name", "");
      if (m.name.empty()) s.error("name", "Required value: must specify a resource name");
      if (source.kind == MetricKind::container_resource) {
        m.container = s.text_or("container", "");
        if (m.container.empty()) s.error("container", "Required value: must specify a container");
      }
    } else {
      m.name = flat ? s.text_or("metricName", "") : read_metric_name(s);
    }
    m.target = flat ? read_flat_target(s) : read_target(s, source.kind);
    return m;
  }
  o.error("type", "Unsupported value: \"" + type +
                      "\": supported values: \"ContainerResource\", \"External\", \"Object\", \"Pods\", \"Resource\"");
  return std::nullopt;
}

/// 1 after an error.
std::int64_t positive(Object& policy, const char* key, std::int64_t most) {
  const auto value = policy.integer(key);
  if (policy.has(key) && !value) return 1;  // told already
  if (value.value_or(0) <= 0) {
    policy.error(key, "Invalid value: " + std::to_string(value.value_or(0)) + ": must be greater than zero");
  } else if (*value > most) {
    policy.error(
        key, "Invalid value: " + std::to_string(*value) + ": must be less than or equal to " + std::to_string(most));
  }
  return std::clamp<std::int64_t>(value.value_or(1), 1, most);
}

ScalingRules read_rules(const Node& node, Object& parent, std::string_view key, ScalingRules rules) {
  Object o(node, parent.diagnostics(), parent.path_of(key));
  if (const auto window = o.integer("stabilizationWindowSeconds", 0, 3600)) rules.stabilization = seconds(*window);
  rules.select = o.choice<SelectPolicy>(
                      "selectPolicy",
                      {{"Max", SelectPolicy::max}, {"Min", SelectPolicy::min}, {"Disabled", SelectPolicy::disabled}})
                     .value_or(SelectPolicy::max);
  if (const auto text = o.scalar("tolerance")) {
    const auto value = parse_quantity(*text, 6);
    if (value && *value.value >= 0) {
      rules.tolerance = static_cast<double>(*value.value) / 1e6;
    } else {
      o.error("tolerance", "must be a quantity greater than or equal to 0");
    }
  }
  if (o.has("policies")) {
    rules.policies.clear();
    std::size_t index = 0;
    for (const Node& item : o.list("policies")) {
      Object p(item, o.diagnostics(), document::join_path(o.path_of("policies"), index++));
      ScalingPolicy policy;
      policy.type = p.choice<ScalingPolicy::Type>(
                         "type", {{"Pods", ScalingPolicy::Type::pods}, {"Percent", ScalingPolicy::Type::percent}})
                        .value_or(ScalingPolicy::Type::pods);
      if (!p.has("type")) p.error("type", "Unsupported value: \"\": supported values: \"Percent\", \"Pods\"");
      policy.value = positive(p, "value", INT32_MAX);
      policy.period = seconds(positive(p, "periodSeconds", 1800));
      rules.policies.push_back(policy);
    }
    if (rules.policies.empty()) o.error("policies", "Required value: must specify at least one Policy");
  } else {
    o.ignore({"policies"});
  }
  return rules;
}

}  // namespace

ScalingBehavior read_behavior(const Node& node, document::Diagnostics& diagnostics, std::string path) {
  Object b(node, diagnostics, std::move(path));
  ScalingBehavior rules{default_scale_up(), default_scale_down()};
  if (const Node* up = b.get("scaleUp")) rules.up = read_rules(*up, b, "scaleUp", rules.up);
  if (const Node* down = b.get("scaleDown")) rules.down = read_rules(*down, b, "scaleDown", rules.down);
  return rules;
}

void read_autoscaler(Object& o, std::string_view api_version, Objects& out) {
  HorizontalPodAutoscaler hpa;
  hpa.mark = o.mark();
  hpa.node = o.node();
  if (const Node* metadata = o.get("metadata")) {
    Object m(*metadata, o.diagnostics(), o.path_of("metadata"));
    m.allow_unknown();
    hpa.name = m.text_or("name", "");
    const bool generated = hpa.name.empty() && m.has("generateName");
    if (hpa.name.empty() && !generated) m.error("name", "Required value: name or generateName is required");
    if (std::string fault = hpa.name.empty() ? "" : subdomain_name_fault(hpa.name); !fault.empty())
      m.error("name", std::move(fault));
    hpa.namespace_said = m.has("namespace");
    hpa.namespace_name = m.text_or("namespace", "default");
    if (std::string fault = label_name_fault(hpa.namespace_name); !fault.empty())
      m.error("namespace", std::move(fault));
  }
  if (!o.has("metadata")) o.error("metadata", "Required value");
  const Node* spec_node = o.get("spec");
  if (spec_node == nullptr) {
    o.error("spec", "Required value");
    return;
  }
  Object spec(*spec_node, o.diagnostics(), o.path_of("spec"));
  if (const Node* target = spec.get("scaleTargetRef")) {
    Object t(*target, o.diagnostics(), spec.path_of("scaleTargetRef"));
    t.ignore({"apiVersion"});
    hpa.target_kind = t.text_or("kind", "");
    hpa.target_name = t.text_or("name", "");
    if (hpa.target_kind.empty()) t.error("kind", "Required value");
    if (hpa.target_name.empty()) t.error("name", "Required value");
  } else {
    spec.error("scaleTargetRef", "Required value");
  }
  hpa.min = spec.integer("minReplicas", 0).value_or(1);
  hpa.max = spec.integer("maxReplicas", 1).value_or(1);
  if (!spec.has("maxReplicas")) spec.error("maxReplicas", "Required value: must be greater than 0");
  if (hpa.max < hpa.min) spec.error("maxReplicas", "Invalid value: must be greater than or equal to `minReplicas`");
  if (api_version == "autoscaling/v1") {
    if (const auto percent = spec.integer("targetCPUUtilizationPercentage", 1)) {
      hpa.metrics.push_back({MetricKind::resource, "cpu", "", {MetricTarget::Type::utilization, *percent}});
    }
  } else {
    const bool flat = api_version == "autoscaling/v2beta1";
    std::size_t index = 0;
    for (const Node& item : spec.list("metrics")) {
      Object m(item, o.diagnostics(), document::join_path(spec.path_of("metrics"), index++));
      if (auto metric = read_metric(m, flat)) hpa.metrics.push_back(std::move(*metric));
    }
    if (const Node* behavior = flat ? nullptr : spec.get("behavior")) {
      hpa.behavior = read_behavior(*behavior, o.diagnostics(), spec.path_of("behavior"));
    }
  }
  if (hpa.metrics.empty()) {
    hpa.metrics.push_back({MetricKind::resource, "cpu", "", {MetricTarget::Type::utilization, kDefaultCpuPercent}});
  }
  if (hpa.min == 0) {
    bool elsewhere = false;
    for (const MetricSpec& m : hpa.metrics) {
      elsewhere = elsewhere || m.kind == MetricKind::object || m.kind == MetricKind::external;
    }
    if (!elsewhere) {
      spec.error("minReplicas",
                 "Forbidden: must specify at least one Object or External metric to support scaling to zero replicas");
    }
  }
  out.autoscalers.push_back(std::move(hpa));
}

}  // namespace plimsoll::kubernetes::api
