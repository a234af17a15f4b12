#include <algorithm>
#include <utility>

#include "models/eks/control_plane.h"
#include "models/eks/scaling_plan.h"
#include "models/kubernetes/api/feature_gates.h"
#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/api/objects.h"
#include "models/kubernetes/keda/scaled_object.h"
#include "sim/core/text.h"
#include "sim/document/files.h"
#include "sim/document/loader.h"

namespace plimsoll::eks {

namespace {

std::int64_t milli(double v) { return static_cast<std::int64_t>(v * 1000 + 0.5); }

/// What a set of files says about scaling.
struct Documents {
  kubernetes::api::Objects objects;
  std::vector<kubernetes::ScaledObject> scaled;
  std::vector<kubernetes::VerticalPodAutoscaler> vertical;
};

void read_document(const document::Node& node, document::Diagnostics& diagnostics, Documents& out) {
  if (kubernetes::is_scaled_object(node)) {
    if (auto s = kubernetes::read_scaled_object(node, diagnostics)) out.scaled.push_back(std::move(*s));
  } else if (kubernetes::is_vertical_pod_autoscaler(node)) {
    if (auto v = kubernetes::read_vertical_pod_autoscaler(node, diagnostics)) out.vertical.push_back(std::move(*v));
  } else {
    kubernetes::api::read_object(node, diagnostics, out.objects);
  }
}

/// What a container has of its pod.
kubernetes::PartOfPod part_of(const std::vector<ContainerUsage>& all, const ContainerUsage& c, bool memory) {
  const auto request = [memory](const ContainerUsage& u) { return memory ? u.size.memory.raw() : u.size.cpu.raw(); };
  kubernetes::PartOfPod out;
  std::int64_t requests = 0, per_request = 0;
  for (const ContainerUsage& u : all) {
    requests += request(u);
    per_request += u.per_request.raw();
  }
  out.request = request(c);
  out.of_request = std::max<std::int64_t>(requests, 1);
  out.cpu = c.cpu;
  out.memory_milli = c.memory.raw() * 1000;
  out.memory_of_requests = Ppm{
      per_request > 0 ? static_cast<std::int64_t>(static_cast<__int128>(c.per_request.raw()) * 1'000'000 / per_request)
                      : 0};
  return out;
}

/// The workload of the app's file; null without one.
const kubernetes::api::Workload* workload_of(const WorkloadSpec& spec) {
  const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get());
  return file == nullptr ? nullptr : &file->workload;
}

/// Whether the target of an HPA, a ScaledObject or a VerticalPodAutoscaler is this app.
template <class Autoscaler>
bool scales(const Autoscaler& a, const WorkloadSpec& spec) {
  const kubernetes::api::Workload* w = workload_of(spec);
  if (w == nullptr) return a.target_name == spec.name;
  return kubernetes::api::is_target(*w, a.target_kind, a.target_name, a.namespace_name, a.namespace_said);
}

class ScalingReader {
  using Feature = kubernetes::api::Feature;

 public:
  ScalingReader(document::Fields& column, const Setting& setting, bool fargate, int minor, ScalingPlan& plan)
      : column_(column),
        setting_(setting),
        fargate_(fargate),
        minor_(minor),
        plan_(plan),
        diagnostics_(*column.reader().diagnostics) {
    for (const WorkloadSpec& w : setting.workloads) names_.push_back(w.name);
  }

  void run() {
    read_flags();
    read_prometheus();
    const Documents own = read_column_files();
    if (column_.describing()) return;
    Documents shared;
    document::Diagnostics ignored;  // faults of the files under `files` were reported when they were read
    for (const ScalingDocument& d : setting_.scaling) {
      if (d.side == Side::kubernetes) read_document(d.node, ignored, shared);
    }
    for (std::size_t app = 0; app < setting_.workloads.size(); ++app) {
      const WorkloadSpec& spec = setting_.workloads[app];
      PodScaling s;
      s.app = app;
      if (speaks_of(own, spec)) {
        add_documents(own, true, s);
      } else if (!spec.scale_said && speaks_of(shared, spec)) {
        add_documents(shared, false, s);
      } else if (spec.scaled()) {
        add_neutral(spec, s);
      }
      add_vertical(own, shared, spec, s);
      if (spec.replicas == 0 && !s.metrics.empty() && !s.keda && s.minimum.value_or(spec.minimum) > 0)
        column_.warning("",
                        spec.name + " has 0 replicas: its autoscaler is off (ScalingDisabled) until it is scaled up",
                        "replicas: 1 or more, or an event {scale: " + spec.name + ", min: ...}");
      if (!s.metrics.empty() || !s.patches.empty() || s.vertical || s.keda) plan_.apps.push_back(std::move(s));
    }
    warn_of_targets(own, true);
    warn_of_targets(shared, false);
  }

 private:
  void read_flags() {
    kubernetes::HpaParameters& p = plan_.hpa;
    p.sync_period = column_.duration("hpaSyncPeriod", seconds(15), "--horizontal-pod-autoscaler-sync-period",
                                     "HPA loop", {seconds(1), hours(1)});
    p.tolerance = column_.number("hpaTolerance", 0.1, "--horizontal-pod-autoscaler-tolerance",
                                 "share by which a metric may miss its target", {0.0, 10.0});
    p.downscale_stabilization = column_.duration(
        "hpaDownscaleStabilization", seconds(300), "--horizontal-pod-autoscaler-downscale-stabilization",
        "the highest recommendation of so long holds", {Duration{}, hours(24)});
    p.cpu_initialization = column_.duration("hpaCpuInitializationPeriod", seconds(300),
                                            "--horizontal-pod-autoscaler-cpu-initialization-period",
                                            "CPU of a young pod counts only once it is ready", {Duration{}, hours(24)});
    p.initial_readiness_delay =
        column_.duration("hpaInitialReadinessDelay", seconds(30), "--horizontal-pod-autoscaler-initial-readiness-delay",
                         "readiness may flicker for so long", {Duration{}, hours(24)});
    plan_.metrics.metrics_resolution = column_.duration("metricsResolution", seconds(15), "metrics-server manifest",
                                                        "metrics-server scrape", {seconds(1), hours(1)});
    document::Fields gates = column_.child("featureGates", "feature gates of the control plane");
    to_zero_ = gates.boolean("HPAScaleToZero", false, "alpha since 1.16, off", "an HPA may scale to zero");
    tolerates_ =
        gates.boolean("HPAConfigurableTolerance", is_on(kubernetes::api::Feature::hpa_configurable_tolerance, minor_),
                      "alpha and off from 1.33, on from 1.35", "an HPA's behavior may have a tolerance");
    plan_.patch_delay =
        column_.duration("schedulePatchDelay", seconds(15), "assumed: CronJob controller 10 s, pod start, one API call",
                         "minute of a schedule to the patched HPA", {Duration{}, hours(1)});
  }

  void read_prometheus() {
    plan_.prometheus_asked = column_.has("prometheus");
    document::Fields f = column_.child("prometheus",
                                       "a Prometheus in the cluster, with its adapter; runs when a "
                                       "metric needs it or this block is there");
    kubernetes::PrometheusParameters& p = plan_.prometheus;
    p.scrape_interval = f.duration("scrapeInterval", seconds(60), "Prometheus default scrape_interval 1m",
                                   "between two scrapes", {seconds(1), hours(1)});
    p.rate_window = f.duration("rateWindow", 2 * p.scrape_interval, "two scrapes, the least that rate() needs",
                               "range of rate() in queries that name none", {seconds(1), hours(24)});
    p.series_per_pod = f.integer("seriesPerPod", p.series_per_pod, "assumed: cAdvisor, kube-state-metrics, application",
                                 "series of one pod", {0, 1'000'000});
    p.series_per_node = f.integer("seriesPerNode", p.series_per_node, "assumed: kubelet and node-exporter",
                                  "series of one node", {0, 1'000'000});
    p.per_series = f.bytes("memoryPerSeries", p.per_series, "rule of thumb: 8 KiB a series of the head",
                           "memory of one series", {Bytes{}, mebibytes(1)});
    plan_.prometheus_pod.cpu =
        f.cpu("cpu", plan_.prometheus_pod.cpu, "assumed", "request of the Prometheus pod", {Cpu{}, cpu_cores(1024)});
    plan_.prometheus_pod.memory = f.bytes("memory", plan_.prometheus_pod.memory, "assumed",
                                          "request of the Prometheus pod", {Bytes{}, gibibytes(24 * 1024)});
    plan_.prometheus_pod.memory_limit =
        f.bytes("memoryLimit", Bytes{}, "community chart: none",
                "memory at which its container is killed; it follows the series, seriesPerPod and memoryPerSeries",
                {Bytes{}, gibibytes(24 * 1024)});
    if (!f.describing() && p.rate_window < 2 * p.scrape_interval) {
      f.error("rateWindow", "a rate needs two scrapes: at least twice scrapeInterval",
              "write rateWindow: " + to_string(2 * p.scrape_interval));
    }
  }

  Documents read_column_files() {
    Documents out;
    const auto node = column_.any("hpa", "a file, a pattern with * or a list of them",
                                  "scaling of this column alone: HorizontalPodAutoscalers, ScaledObjects of KEDA, "
                                  "VerticalPodAutoscalers");
    if (!node || column_.describing()) return out;
    const std::string path = column_.path_of("hpa");
    const auto add = [&](const document::Node& pattern, const std::string& at) {
      for (const std::string& file : document::find_files(pattern, diagnostics_, at)) {
        for (const document::Node& doc : document::load_file(file, diagnostics_)) read_document(doc, diagnostics_, out);
      }
    };
    if (!node->is_sequence()) add(*node, path);
    for (std::size_t i = 0; i < node->size() && node->is_sequence(); ++i) {
      add(node->at(i), document::join_path(path, i));
    }
    return out;
  }

  static bool speaks_of(const Documents& d, const WorkloadSpec& spec) {
    const auto speaks = [&](const auto& a) { return scales(a, spec); };
    return std::any_of(d.objects.autoscalers.begin(), d.objects.autoscalers.end(), speaks) ||
           std::any_of(d.scaled.begin(), d.scaled.end(), speaks);
  }

  /// Autoscalers of targets that are not there. SOURCE: horizontal.go (FailedGetScale); KEDA's and the VPA's likewise.
  /// Of the files of all columns it has been said when the app is none.
  void warn_of_targets(const Documents& d, bool own) {
    warn_of_targets(d.objects.autoscalers, "HorizontalPodAutoscaler", own);
    warn_of_targets(d.scaled, "ScaledObject", own);
    warn_of_targets(d.vertical, "VerticalPodAutoscaler", own);
  }
  template <class Autoscaler>
  void warn_of_targets(const std::vector<Autoscaler>& all, const std::string& kind, bool own) {
    for (const Autoscaler& a : all) {
      bool scaled = false, named = own;
      for (const WorkloadSpec& spec : setting_.workloads) {
        scaled = scaled || scales(a, spec);
        named = named || spec.name == a.target_name;
      }
      if (scaled || !named) continue;
      const std::string of = a.namespace_said ? " of the namespace '" + a.namespace_name + "'" : "";
      column_.warning(
          "", kind + " " + a.name + " scales nothing: there is no " + a.target_kind + " '" + a.target_name + "'" + of);
    }
  }

  void add_neutral(const WorkloadSpec& spec, PodScaling& s) {
    const auto resource = [&](bool memory, Ppm target) {
      kubernetes::HpaMetric m = kubernetes::HpaMetric::cpu(target.raw() / 10'000);
      m.memory = memory;
      s.metrics.push_back({m, {}});
    };
    if (spec.scale_cpu.raw() > 0) resource(false, spec.scale_cpu);
    if (spec.scale_memory.raw() > 0) resource(true, spec.scale_memory);
    if (spec.scale_requests > 0) {
      auto rate = MetricExpression::parse(spec.name + ".arrived", names_);
      kubernetes::HpaMetric m{kubernetes::MetricKind::pods, false, kubernetes::TargetType::average_value,
                              milli(spec.scale_requests),   {},    {}};
      m.name = "requests per second";
      s.metrics.push_back({m, {std::make_shared<const MetricExpression>(std::move(*rate.value)), {}}});
    }
    for (const auto& [metric, target] : spec.scale_metrics) {
      kubernetes::HpaMetric m{
          kubernetes::MetricKind::external, false, kubernetes::TargetType::average_value, milli(target), {}, {}};
      m.name = setting_.metrics[metric].name;
      s.metrics.push_back({m, {expression(metric), {}}});
    }
    for (const ScheduledBounds& b : spec.scale_schedule) {
      auto schedule = kubernetes::CronSchedule::parse(b.at, plan_.hpa.version);
      const auto zone = TimeZone::find(b.zone);
      if (!schedule || !zone) {
        column_.error("", "the schedule '" + b.at + "' of " + spec.name + " is no cron expression", schedule.error);
        continue;
      }
      s.patches.push_back({std::move(*schedule.value), *zone, b.minimum, b.maximum});
    }
    // Bounds alone move nothing: an HPA carries them, here on a CPU target that is never reached.
    if (s.metrics.empty() && !s.patches.empty()) s.metrics.push_back({kubernetes::HpaMetric::cpu(1'000'000), {}});
  }

  std::shared_ptr<const MetricExpression> expression(std::size_t metric) {
    if (shared_.size() < setting_.metrics.size()) shared_.resize(setting_.metrics.size());
    if (shared_[metric] == nullptr)
      shared_[metric] = std::make_shared<const MetricExpression>(setting_.metrics[metric].expression);
    return shared_[metric];
  }

  /// The scenario's metric of this name; null when it has none.
  std::shared_ptr<const MetricExpression> named(const std::string& name) {
    for (std::size_t i = 0; i < setting_.metrics.size(); ++i) {
      if (setting_.metrics[i].name == name) return expression(i);
    }
    return nullptr;
  }

  std::string measure_hint(const std::string& name) const {
    std::vector<std::string_view> views;
    for (const CustomMetric& c : setting_.metrics) views.push_back(c.name);
    const std::string near = nearest(name, views);
    return near.empty() ? "say what it is under metrics: {" + name + ": APP.backlog}"
                        : "did you mean '" + near + "' of metrics:?";
  }

  /// Whether the scenario has a metric under the name of a queue; warns when it has none.
  bool measures(const std::string& queue, const std::string& where) {
    const bool found = named(queue) != nullptr;
    if (!found)
      column_.warning("", where + ": nothing measures the queue '" + queue + "': its trigger has no effect",
                      "say what waits in it under metrics: {" + (queue.empty() ? "QUEUE" : queue) + ": APP.backlog}");
    return found;
  }

  /// A metric of the scenario whose name stands as a word in a PromQL query.
  std::shared_ptr<const MetricExpression> in_query(const std::string& query, const std::string& where) {
    const auto in_word = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
    };
    std::string word, first;
    for (std::size_t i = 0; i <= query.size(); ++i) {
      if (i < query.size() && in_word(query[i])) {
        word += query[i];
        continue;
      }
      for (std::size_t k = 0; k < setting_.metrics.size(); ++k) {
        if (!word.empty() && setting_.metrics[k].name == word) return expression(k);
      }
      // The series that the query is probably about: not a function, which a parenthesis follows.
      const bool function = i < query.size() && query[i] == '(';
      if (first.empty() && !word.empty() && !function && word != "by" && word != "without") first = word;
      word.clear();
    }
    column_.error("", where + ": nothing measures '" + first + "'", measure_hint(first.empty() ? "metric" : first));
    return nullptr;
  }

  void check_bounds(const WorkloadSpec& spec, bool own, std::int64_t minimum, std::int64_t maximum, PodScaling& s) {
    // Bounds that the scenario says stand above those of its files, not above those of the column's.
    if (spec.bounds_said && !own) return;
    s.minimum = minimum;
    s.maximum = maximum;
  }

  void add_documents(const Documents& d, bool own, PodScaling& s) {
    const WorkloadSpec& spec = setting_.workloads[s.app];
    bool done = false;
    for (const kubernetes::api::HorizontalPodAutoscaler& h : d.objects.autoscalers) {
      if (!scales(h, spec)) continue;
      const std::string where = "HorizontalPodAutoscaler " + h.name;
      if (std::exchange(done, true)) {
        share_target(where, h.min, h.max, s);
        continue;
      }
      if (h.min == 0 && !to_zero_) {
        column_.error("", where + ": minReplicas 0 needs the feature gate HPAScaleToZero",
                      "add featureGates: {HPAScaleToZero: true}, or minReplicas: 1");
      }
      check_bounds(spec, own, h.min, h.max, s);
      s.behavior = h.behavior;
      drop_tolerance(where, s);
      for (const kubernetes::api::MetricSpec& m : h.metrics) add_metric(m, where, s);
    }
    for (const kubernetes::ScaledObject& o : d.scaled) {
      if (!scales(o, spec)) continue;
      const std::string where = "ScaledObject " + o.name;
      if (std::exchange(done, true)) {
        // KEDA's admission webhook refuses a target that an autoscaler has already.
        column_.error("", where + ": another autoscaler scales " + spec.name + " already");
        return;
      }
      add_scaled_object(o, own, where, s);
    }
  }

  /// Another HPA of the same target. From 1.27 on both find that they select the same pods and read no metrics; each
  /// still moves the size into its own bounds. Before, they overrule each other at every sync, which is not modelled.
  /// SOURCE: kubernetes/kubernetes#112011 (AmbiguousSelector); horizontal.go reconcileAutoscaler, which looks at the
  /// bounds first.
  void share_target(const std::string& where, std::int64_t minimum, std::int64_t maximum, PodScaling& s) {
    const std::string& app = setting_.workloads[s.app].name;
    if (minor_ < 27) {
      column_.warning("", where + ": left out beside another one of " + app +
                              "; before Kubernetes 1.27 they overrule each other at every sync");
      return;
    }
    const std::string why = "AmbiguousSelector: its pods are controlled by several HorizontalPodAutoscalers";
    column_.warning("", where + ": another one scales " + app + ", so that neither reads its metrics (" + why + ")",
                    "one HorizontalPodAutoscaler with the metrics of both");
    s.minimum = std::max(s.minimum.value_or(minimum), minimum);
    s.maximum = std::max(*s.minimum, std::min(s.maximum.value_or(maximum), maximum));
    for (PlannedHpaMetric& m : s.metrics) {
      m.metric.fails = true;
      m.metric.failure = why;
    }
  }

  /// SOURCE: pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go dropDisabledFields.
  void drop_tolerance(const std::string& where, PodScaling& s) {
    if (tolerates_ || !s.behavior || !(s.behavior->up.tolerance || s.behavior->down.tolerance)) return;
    s.behavior->up.tolerance.reset();
    s.behavior->down.tolerance.reset();
    column_.warning("", where + ": tolerance of its behavior is dropped: " + off(Feature::hpa_configurable_tolerance),
                    "eksVersion: \"1.35\", or featureGates: {HPAConfigurableTolerance: true}");
  }

  /// "Kubernetes 1.32 does not have it on, 1.35 does"
  std::string off(Feature feature) const {
    return "Kubernetes " + version_name(minor_) + " does not have it on, " +
           version_name(kubernetes::api::gate_of(feature).on_since) + " does";
  }

  void add_metric(const kubernetes::api::MetricSpec& m, const std::string& where, PodScaling& s) {
    using Type = kubernetes::api::MetricTarget::Type;
    PlannedHpaMetric out;
    out.metric.kind = m.kind;
    out.metric.target = m.target.amount;
    out.metric.name = m.container.empty() ? m.name : m.container;
    out.metric.type = m.target.type == Type::utilization ? kubernetes::TargetType::utilization
                      : m.target.type == Type::value     ? kubernetes::TargetType::value
                                                         : kubernetes::TargetType::average_value;
    if (m.kind == kubernetes::MetricKind::resource || m.kind == kubernetes::MetricKind::container_resource) {
      if (m.name != "cpu" && m.name != "memory") {
        column_.error("", where + ": the resource '" + m.name + "' has no metric", "cpu or memory");
        return;
      }
      out.metric.memory = m.name == "memory";
      if (m.kind == kubernetes::MetricKind::container_resource) set_container(m.container, where, s, out.metric);
      if (m.kind == kubernetes::MetricKind::resource) check_requests(where, s, out.metric);
      // Thousandths: milliCPU, or thousandths of a byte.
      s.metrics.push_back(std::move(out));
      return;
    }
    out.query.expression = named(m.name);
    if (out.query.expression == nullptr) {
      using Kind = kubernetes::MetricKind;
      const std::string what = m.kind == Kind::external ? "External" : m.kind == Kind::object ? "Object" : "Pods";
      fail(where + ": nothing measures '" + m.name + "': the metric fails, as in a cluster whose adapter lacks it",
           measure_hint(m.name), "FailedGet" + what + "Metric: no metrics returned for " + m.name, out.metric);
    }
    s.metrics.push_back(std::move(out));
  }

  /// The container of a ContainerResource metric, where the app's file lists several.
  void set_container(const std::string& container, const std::string& where, const PodScaling& s,
                     kubernetes::HpaMetric& metric) {
    if (!is_on(Feature::hpa_container_metrics, minor_)) {
      fail(where + ": a ContainerResource metric fails: " + off(Feature::hpa_container_metrics), {},
           "FailedGetContainerResourceMetric: " + off(Feature::hpa_container_metrics), metric);
      return;
    }
    const WorkloadSpec& spec = setting_.workloads[s.app];
    const std::vector<ContainerUsage>& all = spec.kubernetes_containers;
    if (all.empty()) return;
    const auto named =
        std::find_if(all.begin(), all.end(), [&](const ContainerUsage& c) { return c.name == container; });
    if (named == all.end()) {
      std::vector<std::string_view> names;
      for (const ContainerUsage& c : all) names.push_back(c.name);
      const std::string near = nearest(container, names);
      column_.error("", where + ": pods of " + spec.name + " have no container '" + container + "'",
                    near.empty() ? "the first is '" + all[0].name + "'" : "did you mean '" + near + "'?");
      return;
    }
    metric.container = part_of(all, *named, metric.memory);
    if (metric.container->request == 0 && metric.type == kubernetes::TargetType::utilization)
      warn_of_request(where, container, metric);
  }

  /// A utilisation needs the request of every container.
  void check_requests(const std::string& where, const PodScaling& s, kubernetes::HpaMetric& metric) {
    if (metric.type != kubernetes::TargetType::utilization) return;
    for (const ContainerUsage& c : setting_.workloads[s.app].kubernetes_containers) {
      if ((metric.memory ? c.size.memory.raw() : c.size.cpu.raw()) > 0) continue;
      warn_of_request(where, c.name, metric);
      return;
    }
  }

  void warn_of_request(const std::string& where, const std::string& container, kubernetes::HpaMetric& metric) {
    const std::string resource = metric.memory ? "memory" : "cpu";
    const std::string missing = "missing request for " + resource + " in container " + container;
    fail(where + ": " + missing + ": the metric fails, as in a cluster",
         "add requests: {" + resource + ": ...} to the container",
         std::string(metric.kind == kubernetes::MetricKind::resource ? "FailedGetResourceMetric"
                                                                     : "FailedGetContainerResourceMetric") +
             ": " + missing,
         metric);
  }

  /// Warns, and leaves the metric without a value for the whole run. `condition`: as the autoscaler's status says it.
  void fail(const std::string& warning, const std::string& hint, std::string condition, kubernetes::HpaMetric& metric) {
    column_.warning("", warning, hint);
    metric.fails = true;
    metric.failure = std::move(condition);
  }

  void add_scaled_object(const kubernetes::ScaledObject& o, bool own, const std::string& where, PodScaling& s) {
    const WorkloadSpec& spec = setting_.workloads[s.app];
    PlannedKeda keda;
    keda.target.scales_in = !o.paused && !o.paused_scale_in;
    keda.target.scales_out = !o.paused && !o.paused_scale_out;
    keda.target.force_active = o.force_activation && !o.paused;
    keda.target.paused_replicas = o.paused_replicas;
    if (o.paused) {
      s.keda = std::move(keda);
      return;
    }
    check_bounds(spec, own, std::max<std::int64_t>(o.minimum, 1), o.maximum, s);
    s.behavior = o.behavior;
    drop_tolerance(where, s);
    if (!s.behavior && (o.paused_scale_in || o.paused_scale_out))
      s.behavior = {kubernetes::default_scale_up(), kubernetes::default_scale_down()};
    if (o.paused_scale_in) s.behavior->down.select = kubernetes::SelectPolicy::disabled;
    if (o.paused_scale_out) s.behavior->up.select = kubernetes::SelectPolicy::disabled;
    keda.target.minimum = o.minimum;
    keda.target.idle = o.idle;
    keda.target.polling_interval = o.polling_interval;
    keda.target.cooldown = o.cooldown;
    keda.target.initial_cooldown = o.initial_cooldown;
    if (o.fallback) keda.target.fallback_replicas = o.fallback->replicas;
    for (const kubernetes::ScaledTrigger& t : o.triggers) {
      PlannedHpaMetric out;
      const bool resource =
          t.type == kubernetes::ScaledTrigger::Type::cpu || t.type == kubernetes::ScaledTrigger::Type::memory;
      out.metric.kind = resource ? kubernetes::MetricKind::resource : kubernetes::MetricKind::external;
      out.metric.memory = t.type == kubernetes::ScaledTrigger::Type::memory;
      out.metric.type = t.metric == kubernetes::ScaledTrigger::Metric::utilization ? kubernetes::TargetType::utilization
                        : t.metric == kubernetes::ScaledTrigger::Metric::value     ? kubernetes::TargetType::value
                                                                               : kubernetes::TargetType::average_value;
      out.metric.target = out.metric.type == kubernetes::TargetType::utilization
                              ? static_cast<std::int64_t>(t.threshold + 0.5)
                              : milli(t.threshold);
      if (!t.container.empty()) {
        out.metric.kind = kubernetes::MetricKind::container_resource;
        set_container(t.container, where, s, out.metric);
      } else if (resource) {
        check_requests(where, s, out.metric);
      }
      kubernetes::ActivationTrigger activation;
      out.metric.name = !t.container.empty()                              ? t.container
                        : t.type == kubernetes::ScaledTrigger::Type::cron ? "cron trigger"
                        : !t.metric_name.empty()                          ? t.metric_name
                                                                          : "prometheus trigger";
      if (t.type == kubernetes::ScaledTrigger::Type::queue && !measures(t.metric_name, where)) continue;
      if (t.type == kubernetes::ScaledTrigger::Type::cron) {
        auto start = kubernetes::CronSchedule::parse(t.start, kubernetes::KubernetesVersion::current);
        auto end = kubernetes::CronSchedule::parse(t.end, kubernetes::KubernetesVersion::current);
        const auto zone = TimeZone::find(t.zone);
        if (!start || !end || !zone) continue;  // said when it was read
        out.metric.target = 1000;
        out.metric.cron =
            kubernetes::CronTrigger{std::move(*start.value), std::move(*end.value), *zone, t.desired_replicas};
        activation.cron = out.metric.cron;
      } else if (!resource) {
        out.query.expression = named(t.metric_name);
        if (out.query.expression == nullptr) out.query.expression = in_query(t.query, where);
        out.query.range = t.range.value_or(Duration{});
        if (out.query.expression == nullptr) continue;
        if (out.query.range > Duration{} && out.query.range < 2 * plan_.prometheus.scrape_interval) {
          column_.warning("", where + ": the range " + to_string(out.query.range) + " holds less than two scrapes of " +
                                  to_string(plan_.prometheus.scrape_interval) + ": the trigger has no value at times");
        }
        activation.threshold = t.activation_threshold;
        activation.null_is_error = t.null_is_error;
        out.metric.null_is_zero = !t.null_is_error;
        if (o.fallback && out.metric.type == kubernetes::TargetType::average_value) {
          out.metric.fallback_replicas = o.fallback->replicas;
          out.metric.fallback_after = o.fallback->failure_threshold;
        }
      }
      s.metrics.push_back(out);
      if (resource) continue;
      keda.target.triggers.push_back(std::move(activation));
      keda.queries.push_back(out.query);
    }
    s.keda = std::move(keda);
  }

  void add_vertical(const Documents& own, const Documents& shared, const WorkloadSpec& spec, PodScaling& s) {
    for (const Documents* d : {&own, &shared}) {
      for (const kubernetes::VerticalPodAutoscaler& listed : d->vertical) {
        if (s.vertical || !scales(listed, spec)) continue;
        kubernetes::VerticalPodAutoscaler v = listed;
        v.choose_policy(spec.kubernetes_containers.empty() ? spec.name : spec.kubernetes_containers[0].name);
        if (fargate_) {
          column_.warning(
              "", "VerticalPodAutoscaler " + v.name + " has no effect: sizes of pods on Fargate are fixed here");
          continue;
        }
        if (v.mode != kubernetes::UpdateMode::off && !v.left_alone && clashes(v, s)) {
          column_.warning("",
                          "VerticalPodAutoscaler " + v.name + " and the HPA of " + spec.name +
                              " act on the same resource: each undoes the other",
                          "updateMode: Off, or an HPA on another metric");
        }
        s.vertical = std::move(v);
      }
    }
  }

  static bool clashes(const kubernetes::VerticalPodAutoscaler& v, const PodScaling& s) {
    return std::any_of(s.metrics.begin(), s.metrics.end(), [&](const PlannedHpaMetric& m) {
      const bool resource = m.metric.kind == kubernetes::MetricKind::resource ||
                            m.metric.kind == kubernetes::MetricKind::container_resource;
      return resource && m.metric.type == kubernetes::TargetType::utilization &&
             (m.metric.memory ? v.policy.controls_memory : v.policy.controls_cpu);
    });
  }

  document::Fields& column_;
  const Setting& setting_;
  bool fargate_;
  int minor_;
  ScalingPlan& plan_;
  document::Diagnostics& diagnostics_;
  std::vector<std::string> names_;
  std::vector<std::shared_ptr<const MetricExpression>> shared_;
  bool to_zero_ = false, tolerates_ = false;
};

}  // namespace

void read_scaling(document::Fields& column, const Setting& setting, bool fargate, int minor, ScalingPlan& plan) {
  ScalingReader(column, setting, fargate, minor, plan).run();
}

}  // namespace plimsoll::eks
