#include "models/kubernetes/hpa/decision.h"
#include "models/kubernetes/hpa/stabilization.h"
#include "tests/conformance/kubernetes_topics.h"

namespace plimsoll::conformance {

using namespace plimsoll::kubernetes;

namespace {

constexpr Time kNow{seconds(2'000'000)};
/// The vectors ran inside the package's own tests, which raise the step limit without behaviour from 2 to 8.
constexpr std::int64_t kTestStepFactor = 8;
/// An autoscaler without any metric has this one. Source: pkg/apis/autoscaling/v1/defaults.go.
constexpr std::int64_t kDefaultCpuPercent = 80;

Duration duration(const Json& object, const char* key) { return seconds(object.at(key).get<std::int64_t>()); }

PodPhase phase_of(const std::string& word) {
  return word == "Pending"     ? PodPhase::pending
         : word == "Running"   ? PodPhase::running
         : word == "Succeeded" ? PodPhase::succeeded
         : word == "Failed"    ? PodPhase::failed
                               : PodPhase::unknown;
}

ReadyCondition ready_of(const std::string& word) {
  return word == "True"    ? ReadyCondition::yes
         : word == "False" ? ReadyCondition::no
         : word.empty()    ? ReadyCondition::absent
                           : ReadyCondition::unknown;
}

std::string error_text(ReplicaError error, const Json& in) {
  const std::string resource = in.value("resource", "");
  switch (error) {
    case ReplicaError::no_samples:
      return resource.empty()
                 ? "unable to get metric qps: no metrics returned from custom metrics API"
                 : "unable to get metrics for resource " + resource + ": no metrics returned from resource metrics API";
    case ReplicaError::no_pods: {
      const std::string kind = in.value("kind", "");
      const bool counts_ready = kind == "object" || kind == "external";
      return std::string(counts_ready ? "unable to calculate ready pods: " : "") +
             "no pods returned by selector while calculating replica count";
    }
    case ReplicaError::no_metrics:
      return "did not receive metrics for any ready pods";
    case ReplicaError::missing_request:
      return "missing request for " + resource;
    case ReplicaError::disjoint:
      return "no metrics returned matched known pods";
    case ReplicaError::none:
      break;
  }
  return "";
}

CalculatorSettings calculator_settings(const Json& in, KubernetesVersion version) {
  CalculatorSettings s;
  s.version = version;
  s.tolerance = {in.at("tolerance"), in.at("tolerance")};
  s.cpu_initialization = duration(in, "cpu_initialization_s");
  s.initial_readiness_delay = duration(in, "initial_readiness_delay_s");
  return s;
}

Json replica_calculator(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::current, [&](KubernetesVersion version, const Json&) {
    const std::string kind = in.at("kind");
    const std::string container = in.value("container", "");
    std::vector<MeasuredPod> pods;
    StrayMetrics stray;
    Json metrics = in.contains("metrics") && in.at("metrics").is_object() ? in.at("metrics") : Json::object();
    for (const Json& p : in.at("pods")) {
      MeasuredPod pod;
      pod.phase = phase_of(p.value("phase", ""));
      pod.ready = ready_of(p.value("ready", ""));
      pod.deleting = p.value("deleting", false);
      if (p.contains("start_age_s")) pod.start = kNow - duration(p, "start_age_s");
      if (p.contains("ready_transition_age_s")) pod.ready_transition = kNow - duration(p, "ready_transition_age_s");
      pod.request_milli = 0;
      if (p.contains("requests_m") && p.at("requests_m").is_array()) {
        const Json& requests = p.at("requests_m");
        for (std::size_t i = 0; i < requests.size(); ++i) {
          if (!container.empty() && container != "container" + std::to_string(i + 1)) continue;
          if (requests[i].is_null() || requests[i].get<std::int64_t>() < 0) {
            pod.request_milli.reset();
            break;
          }
          *pod.request_milli += requests[i].get<std::int64_t>();
        }
      } else if (kind == "resource" || kind == "container_resource") {
        pod.request_milli.reset();
      }
      const std::string name = p.at("name");
      if (metrics.contains(name)) {
        const Json& m = metrics.at(name);
        pod.metric = {m.at("value_m").get<std::int64_t>(), kNow - duration(m, "age_s"), duration(m, "window_s")};
        metrics.erase(name);
      }
      pods.push_back(pod);
    }
    for (const auto& [name, m] : metrics.items()) {
      ++stray.count;
      stray.milli += m.at("value_m").get<std::int64_t>();
    }
    const ReplicaCalculator calculator(calculator_settings(in, version));
    const std::int64_t current = in.at("current_replicas");
    const bool is_cpu = in.value("resource", "") == "cpu";
    const std::int64_t target = in.value("target_value_m", std::int64_t{0});
    const std::int64_t object = in.value("object_value_m", std::int64_t{0});
    std::int64_t external = 0;
    if (in.contains("external_values_m")) {
      for (const Json& v : in.at("external_values_m")) external += v.get<std::int64_t>();
    }
    ReplicaProposal p;
    if (kind == "resource" || kind == "container_resource") {
      p = calculator.utilization(current, in.value("target_utilization", std::int64_t{0}), is_cpu, pods, stray, kNow);
    } else if (kind == "resource_value" || kind == "pods") {
      p = calculator.average_value(current, target, is_cpu && kind == "resource_value", pods, stray, kNow);
    } else if (kind == "object") {
      p = calculator.value(current, target, object, pods);
    } else if (kind == "external") {
      p = calculator.value(current, target, external, pods);
    } else if (kind == "object_per_pod") {
      p = calculator.value_per_pod(current, target, object);
    } else if (kind == "external_per_pod") {
      p = calculator.value_per_pod(current, target, external);
    } else {
      throw Unsupported("kind " + kind);
    }
    if (!p.ok()) return Json{{"error", error_text(p.error, in)}};
    Json out{{"replicas", p.replicas}, {"utilization", p.utilization}};
    if (kind == "resource" || kind == "container_resource") out["raw_average_m"] = p.raw_average_milli;
    return out;
  });
}

/// What a direction leaves out is as the API server fills it in.
ScalingRules rules(const Json& object, ScalingRules out) {
  if (object.is_null()) return out;
  if (object.contains("policies") && object.at("policies").is_array()) {
    out.policies.clear();
    for (const Json& p : object.at("policies")) {
      out.policies.push_back({p.at("type") == "Pods" ? ScalingPolicy::Type::pods : ScalingPolicy::Type::percent,
                              p.at("value").get<std::int64_t>(), duration(p, "period_s")});
    }
  }
  const std::string select = object.value("select_policy", "Max");
  out.select = select == "Max" ? SelectPolicy::max : select == "Min" ? SelectPolicy::min : SelectPolicy::disabled;
  if (object.contains("stabilization_window_s")) out.stabilization = duration(object, "stabilization_window_s");
  return out;
}

ScalingBehavior behavior(const Json& in) {
  return {rules(in.value("scale_up", Json()), default_scale_up()),
          rules(in.value("scale_down", Json()), default_scale_down())};
}

std::vector<ScaleEvent> events(const Json& list) {
  std::vector<ScaleEvent> out;
  for (const Json& e : list) out.push_back({e.at("change").get<std::int64_t>(), kNow - duration(e, "age_s")});
  return out;
}

Json behavior_rate(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::current, [&](KubernetesVersion version, const Json&) {
    const LimitedSize limited =
        limit_with_behavior(in.at("current"), in.at("desired"), in.at("min"), in.at("max"), behavior(in),
                            events(in.at("scale_up_events")), events(in.at("scale_down_events")), kNow, version);
    return Json{{"replicas", limited.replicas}, {"condition", std::string(reason_text(limited.reason))}};
  });
}

Json no_behavior_limit(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::current, [&](KubernetesVersion, const Json&) {
    const LimitedSize limited =
        limit_without_behavior(in.at("current"), in.at("desired"), in.at("min"), in.at("max"), kTestStepFactor);
    return Json{{"replicas", limited.replicas}, {"condition", std::string(reason_text(limited.reason))}};
  });
}

std::vector<Recommendation> recommendations(const Json& list) {
  std::vector<Recommendation> out;
  for (const Json& r : list) out.push_back({r.at("replicas").get<std::int64_t>(), kNow - duration(r, "age_s")});
  return out;
}

Json stabilize(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::current, [&](KubernetesVersion version, const Json&) {
    std::vector<Recommendation> recent = recommendations(in.at("recommendations"));
    const std::int64_t stable =
        stabilize_with_behavior(in.at("current"), in.at("desired"), duration(in, "scale_up_window_s"),
                                duration(in, "scale_down_window_s"), recent, kNow, version);
    Json after = Json::array();
    for (const Recommendation& r : recent) {
      after.push_back({{"age_s", (kNow - r.at) / seconds(1)}, {"replicas", r.replicas}});
    }
    return Json{{"stabilized", stable}, {"recommendations_after", after}};
  });
}

Json timeseries(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::current, [&](KubernetesVersion version, const Json&) {
    HpaSettings settings;
    settings.scale_up_limit_factor = kTestStepFactor;
    settings.version = version;
    settings.min = in.at("min");
    settings.max = in.at("max");
    settings.downscale_stabilization = duration(in, "downscale_stabilization_s");
    if (in.contains("behavior") && !in.at("behavior").is_null()) settings.behavior = behavior(in.at("behavior"));
    HpaState state;
    std::int64_t size = in.at("initial");
    Time now = kNow;
    Json sizes = Json::array();
    for (const Json& wanted : in.at("desired_by_metrics")) {
      size = decide(settings, state, size, {wanted.get<std::int64_t>(), {}}, now).desired;
      sizes.push_back(size);
      now += duration(in, "sync_period_s");
    }
    return Json{{"replicas", sizes}};
  });
}

/// The percent of the request that a metric of `spec.metrics` aims at.
std::int64_t utilization_target(const Json& metric) {
  for (const auto& [key, value] : metric.items()) {
    const bool percent = key.find("utilization") != std::string::npos || key.find("percent") != std::string::npos;
    if (percent && value.is_number()) return value.get<std::int64_t>();
  }
  throw Unsupported("metric without a target");
}

Json controller(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::current, [&](KubernetesVersion version, const Json& asked) {
    const auto levels = in.at("reported_levels").get<std::vector<std::int64_t>>();
    std::vector<std::optional<std::int64_t>> requests;
    if (in.contains("cpu_requests_m")) {
      for (const Json& r : in.at("cpu_requests_m")) requests.push_back(r.get<std::int64_t>());
    } else {
      requests.resize(in.at("status_replicas").get<std::size_t>());  // pods that request no CPU
    }
    std::vector<MeasuredPod> pods(requests.size());
    StrayMetrics stray;
    for (std::size_t i = 0; i < pods.size(); ++i) {
      MeasuredPod& pod = pods[i];
      pod.request_milli = requests[i];
      pod.start = kNow - seconds(180);
      if (in.contains("ready")) pod.ready = ready_of(in.at("ready").at(i));
      if (in.contains("phase")) pod.phase = phase_of(in.at("phase").at(i));
      if (in.contains("deleting")) pod.deleting = in.at("deleting").at(i);
      if (in.contains("start_age_s")) pod.start = kNow - seconds(in.at("start_age_s").at(i).get<std::int64_t>());
      pod.ready_transition = *pod.start;
      if (i < levels.size()) pod.metric = {levels[i], kNow, seconds(60)};
    }
    for (std::size_t i = pods.size(); i < levels.size(); ++i) {
      ++stray.count;
      stray.milli += levels[i];
    }
    const ReplicaCalculator calculator(calculator_settings(in, version));
    const std::int64_t spec = in.at("spec_replicas"), status = in.at("status_replicas");
    std::vector<MetricProposal> proposals;
    // The CPU target of autoscaling/v1 becomes the first metric, before those that it keeps in an annotation.
    if (in.contains("cpu_target")) {
      proposals.push_back(
          {MetricKind::resource, calculator.utilization(spec, in.at("cpu_target"), true, pods, stray, kNow)});
    }
    if (in.contains("metrics")) {
      for (const Json& m : in.at("metrics")) {
        const std::string type = m.at("type");
        const bool average = m.contains("target_average_value_m");
        const std::int64_t target =
            average ? m.at("target_average_value_m").get<std::int64_t>() : m.value("target_value_m", std::int64_t{0});
        if (type == "Pods") {
          proposals.push_back({MetricKind::pods, calculator.average_value(spec, target, false, pods, stray, kNow)});
        } else if (type == "Object" || type == "External") {
          std::int64_t value = 0;
          for (const std::int64_t level : levels) value += level;
          proposals.push_back({type == "Object" ? MetricKind::object : MetricKind::external,
                               average ? calculator.value_per_pod(status, target, value)
                                       : calculator.value(spec, target, value, pods)});
        } else if (type == "Resource" || type == "ContainerResource") {
          // One level and one request a pod: the container stands for the pod.
          const bool is_cpu = m.value("resource", m.value("name", "cpu")) == "cpu";
          proposals.push_back({type == "Resource" ? MetricKind::resource : MetricKind::container_resource,
                               average
                                   ? calculator.average_value(spec, target, is_cpu, pods, stray, kNow)
                                   : calculator.utilization(spec, utilization_target(m), is_cpu, pods, stray, kNow)});
        } else {
          proposals.push_back({MetricKind::invalid, {}});
        }
      }
    }
    if (proposals.empty()) {
      proposals.push_back(
          {MetricKind::resource, calculator.utilization(spec, kDefaultCpuPercent, true, pods, stray, kNow)});
    }
    HpaSettings settings;
    settings.scale_up_limit_factor = kTestStepFactor;
    settings.version = version;
    settings.min = in.at("min");
    settings.max = in.at("max");
    settings.downscale_stabilization = duration(in, "downscale_stabilization_s");
    if (in.contains("behavior") && !in.at("behavior").is_null()) settings.behavior = behavior(in.at("behavior"));
    HpaState state;
    if (in.contains("recommendations")) state.recommendations = recommendations(in.at("recommendations"));
    const HpaDecision d = decide(settings, state, spec, combine(proposals, spec, version), kNow);
    Json reasons = Json::object();
    const auto tell = [&](const char* condition, std::string_view reason) {
      if (asked.at("condition_reasons").contains(condition) && !reason.empty())
        reasons[condition] = std::string(reason);
    };
    tell("AbleToScale", reason_text(d.able));
    tell("ScalingActive", reason_text(d.active));
    tell("ScalingLimited", reason_text(d.limited));
    return Json{{"desired", d.desired}, {"condition_reasons", reasons}};
  });
}

/// Some vectors stand behind an API client that reports an answer without the metric itself ("no metrics returned",
/// "container ... not present in metrics"), which is told apart by what else the API holds; it is one error here.
bool same_calculation(const Json& expected, const Json& actual) {
  const auto unify = [](Json answers) {
    for (auto& [version, answer] : answers.items()) {
      if (!answer.is_object() || !answer.contains("error") || !answer.at("error").is_string()) continue;
      const std::string text = answer.at("error");
      const bool client = text.starts_with("unable to get metric") &&
                          (text.ends_with(": no metrics returned from resource metrics API") ||
                           text.ends_with(": no metrics returned from custom metrics API") ||
                           text.find(" not present in metrics for pod ") != std::string::npos);
      if (client) answer["error"] = "did not receive metrics for any ready pods";
    }
    return answers;
  };
  return expected.is_object() && equal_within(unify(expected), unify(actual));
}

}  // namespace

void register_kubernetes_autoscaling(std::vector<Topic>& topics) {
  const auto add = [&](const char* name, Json (*evaluate)(const Json&, const Json&)) {
    topics.push_back({"kubernetes", name, evaluate, nullptr});
  };
  topics.push_back({"kubernetes", "hpa_replica_calculator", replica_calculator, same_calculation});
  add("hpa_controller", controller);
  add("hpa_behavior_rate", behavior_rate);
  add("hpa_stabilize", stabilize);
  add("hpa_no_behavior_limit", no_behavior_limit);
  add("hpa_timeseries", timeseries);
}

}  // namespace plimsoll::conformance
