#include "models/kubernetes/keda/scaled_object.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "models/kubernetes/api/autoscaler.h"
#include "models/kubernetes/api/object.h"
#include "models/kubernetes/api/quantity.h"
#include "models/kubernetes/workloads/cron_schedule.h"
#include "sim/core/time_zone.h"

namespace plimsoll::kubernetes {

namespace {

std::optional<double> trigger_number(api::Object& o, std::string_view key) {
  const auto text = o.scalar(key);
  if (!text) return std::nullopt;
  double value = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (fault == std::errc() && end == text->data() + text->size()) return value;
  // "500m", "1Gi"
  const auto quantity = api::parse_quantity(*text, 3);
  if (quantity) return static_cast<double>(*quantity.value) / 1000;
  o.error(key, "Invalid value: \"" + *text + "\": must be a number");
  return std::nullopt;
}

/// The range in brackets of a PromQL query: "rate(http_requests_total[2m])".
std::optional<Duration> range_of(const std::string& query) {
  const std::size_t open = query.find('['), close = query.find(']', open);
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  const std::string inside = query.substr(open + 1, std::min(query.find(':', open), close) - open - 1);
  const auto value = parse_duration(inside);
  if (!value) return std::nullopt;
  return *value.value;
}

void read_cron(api::Object& m, ScaledTrigger& t) {
  t.start = m.text_or("start", "");
  t.end = m.text_or("end", "");
  t.zone = m.text_or("timezone", "");
  if (t.start.empty()) m.error("start", "Required value: cron expression");
  if (t.end.empty()) m.error("end", "Required value: cron expression");
  for (const auto& [key, text] : {std::pair{"start", &t.start}, std::pair{"end", &t.end}}) {
    if (text->empty()) continue;
    const auto parsed = CronSchedule::parse(*text, KubernetesVersion::current);
    if (!parsed) m.error(key, "Invalid value: \"" + *text + "\": " + parsed.error);
  }
  if (!t.start.empty() && t.start == t.end) m.error("end", "start and end can not have exactly same time input");
  if (t.zone.empty()) {
    m.error("timezone", "Required value: IANA time zone");
  } else if (!TimeZone::find(t.zone)) {
    const std::string near = nearest_time_zone(t.zone);
    m.error("timezone", "Invalid value: \"" + t.zone + "\": unknown time zone" +
                            (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
  const auto replicas = m.scalar("desiredReplicas");
  t.desired_replicas = 0;
  if (replicas) std::from_chars(replicas->data(), replicas->data() + replicas->size(), t.desired_replicas);
  if (t.desired_replicas < 1) m.error("desiredReplicas", "Required value: must be at least 1");
}

void read_sqs(api::Object& m, ScaledTrigger& t) {
  const std::string url = m.text_or("queueURL", "");
  t.metric_name = url.substr(url.rfind('/') + 1);
  if (m.text_or("awsRegion", "").empty()) m.error("awsRegion", "Required value");
  if (url.empty() && m.text_or("queueURLFromEnv", "").empty())
    m.error("queueURL", "Required value: queueURL or queueURLFromEnv");
  t.threshold = trigger_number(m, "queueLength").value_or(5);
  t.activation_threshold = trigger_number(m, "activationQueueLength").value_or(0);
  if (t.threshold <= 0) m.error("queueLength", "must be above 0");
}

void read_kafka(api::Object& m, ScaledTrigger& t) {
  t.metric_name = m.text_or("topic", "");
  if (m.text_or("bootstrapServers", "").empty() && m.text_or("bootstrapServersFromEnv", "").empty())
    m.error("bootstrapServers", "Required value");
  if (m.text_or("consumerGroup", "").empty() && m.text_or("consumerGroupFromEnv", "").empty())
    m.error("consumerGroup", "Required value");
  t.threshold = trigger_number(m, "lagThreshold").value_or(10);
  t.activation_threshold = trigger_number(m, "activationLagThreshold").value_or(0);
  if (t.threshold <= 0) m.error("lagThreshold", "must be a positive number");
  if (t.activation_threshold < 0) m.error("activationLagThreshold", "must be a positive number");
  if (m.text_or("allowIdleConsumers", "false") == "true" && m.text_or("limitToPartitionsWithLag", "false") == "true")
    m.error("limitToPartitionsWithLag", "allowIdleConsumers and limitToPartitionsWithLag cannot be set simultaneously");
}

/// A boolean annotation as Go's strconv.ParseBool reads it; anything else counts as true.
bool annotated(const api::TextMap& annotations, std::string_view key) {
  constexpr std::string_view kFalse[] = {"0", "f", "F", "FALSE", "false", "False"};
  const auto at = std::find_if(annotations.begin(), annotations.end(), [&](const auto& a) { return a.first == key; });
  return at != annotations.end() && std::find(std::begin(kFalse), std::end(kFalse), at->second) == std::end(kFalse);
}

void read_pauses(api::Object& metadata, ScaledObject& s) {
  const api::TextMap annotations = metadata.map("annotations");
  s.paused = annotated(annotations, "autoscaling.keda.sh/paused");
  s.paused_scale_in = annotated(annotations, "autoscaling.keda.sh/paused-scale-in");
  s.paused_scale_out = annotated(annotations, "autoscaling.keda.sh/paused-scale-out");
  s.force_activation = annotated(annotations, "autoscaling.keda.sh/force-activation");
  for (const auto& [key, value] : annotations) {
    if (key != "autoscaling.keda.sh/paused-replicas") continue;
    s.paused = true;
    std::int64_t count = 0;
    const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), count);
    if (fault == std::errc() && end == value.data() + value.size() && count >= 0 && count <= INT32_MAX) {
      s.paused_replicas = count;
    } else {
      metadata.warning("annotations", "autoscaling.keda.sh/paused-replicas \"" + value +
                                          "\" is no number of replicas: KEDA scales nothing");
    }
  }
}

std::optional<ScaledTrigger> read_trigger(api::Object& o) {
  using Type = ScaledTrigger::Type;
  ScaledTrigger t;
  t.mark = o.mark();
  const std::string type = o.text_or("type", "");
  o.ignore({"name", "authenticationRef", "useCachedMetrics"});
  const std::string metric_type = o.text_or("metricType", "");
  const document::Node* metadata = o.get("metadata");
  const bool queue = type == "aws-sqs-queue" || type == "kafka";
  if (type != "cron" && type != "prometheus" && type != "cpu" && type != "memory" && !queue) {
    o.warning("type", "the trigger '" + type + "' is not modelled and has no effect");
    return std::nullopt;
  }
  if (metadata == nullptr) {
    o.error("metadata", "Required value");
    return std::nullopt;
  }
  api::Object m(*metadata, o.diagnostics(), o.path_of("metadata"));
  // Each value of metadata is a string in the CustomResourceDefinition.
  for (const document::Entry& e : metadata->entries()) {
    if (!e.value.is_string() && !e.value.is_null())
      o.diagnostics().error(e.value, "must be a string (quote it)", {}, document::join_path(m.path(), e.key));
  }
  const bool resource = type == "cpu" || type == "memory";
  // Older objects give the type of a resource trigger in its metadata.
  const std::string kind = !metric_type.empty() ? metric_type
                           : resource           ? m.text_or("type", "Utilization")
                                                : "AverageValue";
  if (kind == "Utilization" && resource) {
    t.metric = ScaledTrigger::Metric::utilization;
  } else if (kind == "AverageValue") {
    t.metric = ScaledTrigger::Metric::average_value;
  } else if (kind == "Value" && !resource) {
    t.metric = ScaledTrigger::Metric::value;
  } else {
    o.error("metricType", "Unsupported value: \"" + kind + "\"");
  }
  if (type == "cron") {
    t.type = Type::cron;
    read_cron(m, t);
  } else if (queue) {
    t.type = Type::queue;
    m.allow_unknown();
    type == "kafka" ? read_kafka(m, t) : read_sqs(m, t);
  } else if (type == "prometheus") {
    t.type = Type::prometheus;
    m.allow_unknown();
    t.query = m.text_or("query", "");
    t.metric_name = m.text_or("metricName", "");
    t.range = range_of(t.query);
    t.null_is_error = m.text_or("ignoreNullValues", "true") == "false";
    if (t.query.empty()) m.error("query", "Required value: PromQL");
    t.threshold = trigger_number(m, "threshold").value_or(0);
    t.activation_threshold = trigger_number(m, "activationThreshold").value_or(0);
    if (t.threshold <= 0) m.error("threshold", "Required value: must be above 0");
  } else {
    t.type = type == "cpu" ? Type::cpu : Type::memory;
    m.allow_unknown();
    t.container = m.text_or("containerName", "");
    t.threshold = trigger_number(m, "value").value_or(0);
    if (t.threshold <= 0) m.error("value", "Required value: must be above 0");
  }
  return t;
}

}  // namespace

bool is_scaled_object(const document::Node& node) {
  const document::Node* version = node.find("apiVersion");
  const document::Node* kind = node.find("kind");
  return version != nullptr && version->is_scalar() && version->text().starts_with("keda.sh/") && kind != nullptr &&
         kind->is_scalar() && kind->text() == "ScaledObject";
}

std::optional<ScaledObject> read_scaled_object(const document::Node& node, document::Diagnostics& diagnostics) {
  api::Object o(node, diagnostics, "");
  o.ignore({"apiVersion", "kind", "status"});
  ScaledObject s;
  s.mark = o.mark();
  if (const document::Node* metadata = o.get("metadata")) {
    api::Object m(*metadata, diagnostics, o.path_of("metadata"));
    m.allow_unknown();
    s.name = m.text_or("name", "");
    s.namespace_said = m.has("namespace");
    s.namespace_name = m.text_or("namespace", "default");
    read_pauses(m, s);
  }
  const document::Node* body = o.get("spec");
  if (body == nullptr) {
    o.error("spec", "Required value");
    return std::nullopt;
  }
  api::Object spec(*body, diagnostics, o.path_of("spec"));
  if (const document::Node* target = spec.get("scaleTargetRef")) {
    api::Object t(*target, diagnostics, spec.path_of("scaleTargetRef"));
    t.ignore({"apiVersion", "envSourceContainerName"});
    s.target_kind = t.text_or("kind", "Deployment");
    s.target_name = t.text_or("name", "");
  }
  if (s.target_name.empty()) spec.error("scaleTargetRef", "Required value: name");
  s.polling_interval = seconds(spec.integer("pollingInterval", 1).value_or(30));
  s.cooldown = seconds(spec.integer("cooldownPeriod", 0).value_or(300));
  s.initial_cooldown = seconds(spec.integer("initialCooldownPeriod", 0).value_or(0));
  s.idle = spec.integer("idleReplicaCount", 0);
  s.minimum = spec.integer("minReplicaCount", 0).value_or(0);
  s.maximum = spec.integer("maxReplicaCount", 1).value_or(100);
  if (s.maximum < s.minimum) spec.error("maxReplicaCount", "must be greater than or equal to minReplicaCount");
  if (s.idle && *s.idle >= s.minimum) spec.error("idleReplicaCount", "must be less than minReplicaCount");
  if (const document::Node* fallback = spec.get("fallback")) {
    api::Object b(*fallback, diagnostics, spec.path_of("fallback"));
    b.not_modelled("behavior", "another fallback than to fixed replicas");
    const auto threshold = b.integer("failureThreshold", 0), replicas = b.integer("replicas", 0);
    if (!threshold) b.error("failureThreshold", "Required value");
    if (!replicas) b.error("replicas", "Required value");
    s.fallback = ScaledObject::Fallback{threshold.value_or(0), replicas.value_or(0)};
  }
  if (const document::Node* advanced = spec.get("advanced")) {
    api::Object a(*advanced, diagnostics, spec.path_of("advanced"));
    a.ignore({"restoreToOriginalReplicaCount"});
    a.not_modelled("scalingModifiers", "a formula over several triggers");
    if (const document::Node* config = a.get("horizontalPodAutoscalerConfig")) {
      api::Object h(*config, diagnostics, a.path_of("horizontalPodAutoscalerConfig"));
      h.ignore({"name"});
      if (const document::Node* behavior = h.get("behavior"))
        s.behavior = api::read_behavior(*behavior, diagnostics, h.path_of("behavior"));
    }
  }
  std::size_t index = 0;
  bool scales_from_zero = false;
  std::vector<std::string> names;
  for (const document::Node& item : spec.list("triggers")) {
    api::Object t(item, diagnostics, document::join_path(spec.path_of("triggers"), index++));
    const std::string name = t.text_or("name", "");
    if (!name.empty() && std::find(names.begin(), names.end(), name) != names.end())
      t.error("name", "trigger name \"" + name + "\" is defined multiple times: it must be unique");
    names.push_back(name);
    if (auto trigger = read_trigger(t)) {
      const bool resource = trigger->type == ScaledTrigger::Type::cpu || trigger->type == ScaledTrigger::Type::memory;
      scales_from_zero = scales_from_zero || !resource;
      s.triggers.push_back(std::move(*trigger));
    }
  }
  if (index == 0) spec.error("triggers", "Required value: must specify at least one trigger");
  if (!s.triggers.empty() && !scales_from_zero && s.minimum == 0) {
    spec.warning("minReplicaCount", "cpu and memory triggers cannot scale from zero: at least one replica stays");
    s.minimum = 1;
  }
  if (s.target_name.empty()) return std::nullopt;
  return s;
}

}  // namespace plimsoll::kubernetes
