#include "models/kubernetes/controllers/horizontal_pod_autoscaler.h"

#include <algorithm>
#include <utility>

namespace plimsoll::kubernetes {

namespace {

std::int64_t to_milli(double value) {
  const double v = std::clamp(value, -9e15, 9e15) * 1000;
  return static_cast<std::int64_t>(v < 0 ? v - 0.5 : v + 0.5);
}

/// What a pod in traffic uses of the metric's resource, or its container, and what one outside traffic holds.
std::pair<std::int64_t, std::int64_t> usage_of(const MetricsServer::Metric& m, const HpaMetric& metric) {
  const auto part = [](std::int64_t of, Ppm share) {
    return static_cast<std::int64_t>(static_cast<__int128>(of) * share.raw() / 1'000'000);
  };
  if (!metric.memory) return {metric.container ? part(m.milli, metric.container->cpu) : m.milli, 0};
  if (!metric.container) return {m.memory_milli, m.idle_memory_milli};
  const std::int64_t idle = metric.container->memory_milli;
  return {idle + part(m.memory_milli - m.idle_memory_milli, metric.container->memory_of_requests), idle};
}

}  // namespace

namespace {

ReplicaCalculator calculator_of(const HpaParameters& p) {
  CalculatorSettings settings;
  settings.version = p.version;
  settings.tolerance = {p.tolerance, p.tolerance};
  if (p.behavior) {
    settings.tolerance.up = p.behavior->up.tolerance.value_or(p.tolerance);
    settings.tolerance.down = p.behavior->down.tolerance.value_or(p.tolerance);
  }
  settings.cpu_initialization = p.cpu_initialization;
  settings.initial_readiness_delay = p.initial_readiness_delay;
  return ReplicaCalculator(settings);
}

bool is_plain(const HpaParameters& p) {
  if (p.metrics.size() != 1) return false;
  const HpaMetric& metric = p.metrics.front();
  return metric.kind == MetricKind::resource && metric.type == TargetType::utilization && !metric.container &&
         !metric.fails;
}

}  // namespace

void HorizontalPodAutoscalers::autoscale(WorkloadId workload, const HpaParameters& parameters) {
  Target& target = targets_.emplace_back();
  target.workload = workload;
  target.parameters = parameters;
  target.failures.assign(parameters.metrics.size(), 0);
  target.settings.version = parameters.version;
  target.settings.behavior = parameters.behavior;
  target.settings.downscale_stabilization = parameters.downscale_stabilization;
  target.calculator = calculator_of(parameters);
  target.plain = is_plain(parameters);
}

void HorizontalPodAutoscalers::patch(WorkloadId workload, BoundsPatch patch, Duration delay) {
  patches_.push_back({workload, std::move(patch), delay});
}

void HorizontalPodAutoscalers::start(World& world) {
  for (std::size_t i = 0; i < patches_.size(); ++i) schedule_patch(world, i, true);
  if (targets_.empty()) return;
  target_of_.assign(world.workloads().size(), kNoTarget);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    target_of_[targets_[i].workload.index()] = static_cast<std::uint32_t>(i);
    targets_[i].pods.start(world, targets_[i].workload);
  }
  metrics_.read_counters(world);
  metrics_.scrape(world);
  const auto offset = [&](std::string_view loop, Duration period) {
    const Stream stream = world.stream(hash_text(loop), Purpose::loop_offset);
    return Duration{static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(period.count()), 0)) + 1};
  };
  world.wake(handler, world.now() + offset("cadvisor", pipeline_.cadvisor_period), Phase::metrics, kCounters);
  world.wake(handler, world.now() + offset("metrics-server", pipeline_.metrics_resolution), Phase::metrics, kScrape);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const std::string_view name = world.names.text(world.workload(targets_[i].workload).name);
    const Stream stream = world.stream(hash_text(name, hash_text("hpa")), Purpose::loop_offset);
    const auto phase = static_cast<std::int64_t>(
        stream.below(static_cast<std::uint64_t>(targets_[i].parameters.sync_period.count()), 0));
    world.wake(handler, world.now() + Duration{phase + 1}, Phase::controllers, kSync | (i << 8));
  }
}

void HorizontalPodAutoscalers::on_fact(World& world, const FactRecord& fact) {
  if (fact.workload.is_none() || fact.workload.index() >= target_of_.size()) return;
  const std::uint32_t target = target_of_[fact.workload.index()];
  if (target != kNoTarget) targets_[target].pods.on_fact(world, fact);
}

std::vector<InactiveScaler> HorizontalPodAutoscalers::inactive_scalers(const World& world) const {
  std::vector<InactiveScaler> out;
  for (const Target& t : targets_) {
    const std::vector<HpaMetric>& metrics = t.parameters.metrics;
    const auto failed = std::find_if(metrics.begin(), metrics.end(), [](const HpaMetric& m) { return m.fails; });
    if (failed == metrics.end()) continue;
    const bool all = std::all_of(metrics.begin(), metrics.end(), [](const HpaMetric& m) { return m.fails; });
    const Workload& w = world.workload(t.workload);
    std::string why = all ? "its HorizontalPodAutoscaler has ScalingActive False and only keeps it within " +
                                std::to_string(w.minimum) + " and " + std::to_string(w.maximum)
                          : std::string("its HorizontalPodAutoscaler never scales it in, as a metric of it fails");
    if (!failed->failure.empty()) why += ": " + failed->failure;
    out.push_back({t.workload, std::move(why)});
  }
  return out;
}

void HorizontalPodAutoscalers::replace(World& /*world*/, const ControlPlaneRelease& release) {
  for (Target& t : targets_) {
    t.parameters.version = t.settings.version = release.version;
    t.calculator = calculator_of(t.parameters);
    t.state = {};
  }
  wait_until(release.leads);
}

void HorizontalPodAutoscalers::handle(World& world, const Event& event) {
  const std::size_t index = event.payload >> 8;
  switch (event.payload & 0xffu) {
    case kCounters:
      if (ServiceModel* service = world.service()) service->settle(world);
      metrics_.read_counters(world);
      world.wake(handler, world.now() + pipeline_.cadvisor_period, Phase::metrics, kCounters);
      break;
    case kScrape:
      metrics_.scrape(world);
      world.wake(handler, world.now() + pipeline_.metrics_resolution, Phase::metrics, kScrape);
      break;
    case kPatch: {
      const BoundsPatch& p = patches_[index].patch;
      Workload& w = world.edit_workload(patches_[index].workload);
      // The HPA moves the size into changed bounds at its next sync. A bound that crosses the other pushes it along.
      if (p.minimum) w.minimum = *p.minimum;
      if (p.maximum) w.maximum = *p.maximum;
      if (p.minimum) {
        w.maximum = std::max(w.maximum, w.minimum);
      } else {
        w.minimum = std::min(w.minimum, w.maximum);
      }
      schedule_patch(world, index, false);
      break;
    }
    default: {
      if (put_off(world, handler, event)) return;
      Target& target = targets_[index];
      sync(world, target);
      world.wake(handler, world.now() + target.parameters.sync_period, Phase::controllers, event.payload);
      break;
    }
  }
}

void HorizontalPodAutoscalers::schedule_patch(World& world, std::size_t index, bool first) {
  const Patch& p = patches_[index];
  const std::int64_t now = calendar_ + to_microseconds(world.now()) / 1'000'000;
  const std::int64_t after = first ? now - 1 : now - to_microseconds(p.delay) / 1'000'000;
  const auto next = next_in_zone(p.patch.schedule, p.patch.zone, after);
  if (!next) return;
  const Time at = kTimeZero + seconds(*next - calendar_) + p.delay;
  if (at <= world.end) world.wake(handler, at, Phase::controllers, kPatch | (index << 8));
}

ReplicaProposal HorizontalPodAutoscalers::propose(World& world, Target& target, std::size_t index) {
  const HpaMetric& metric = target.parameters.metrics[index];
  const Workload& w = world.workload(target.workload);
  const HpaParameters& p = target.parameters;
  const ReplicaCalculator& calculator = target.calculator;
  const std::int64_t alive = static_cast<std::int64_t>(w.pods.size()) - w.stopping;
  ReplicaProposal failed;
  failed.error = ReplicaError::no_samples;
  Sampling sampling;
  sampling.cpu_initialization = p.cpu_initialization;

  if (metric.fails) {
    const bool resource = metric.kind == MetricKind::resource || metric.kind == MetricKind::container_resource;
    if (resource) failed.error = ReplicaError::missing_request;
    return failed;
  }
  if (metric.kind == MetricKind::resource || metric.kind == MetricKind::container_resource) {
    const MetricsServer::Metric& m = metrics_.metric(target.workload);
    const auto [used, idle] = usage_of(m, metric);
    if (m.valid) sampling.sample = MetricSample{used, m.at, m.window};
    sampling.started_by = metrics_.scrape_before_last();
    sampling.request_milli = metric.memory ? w.requests.memory().raw() * 1000 : to_millis_ceil(w.requests.cpu());
    if (metric.container) {
      sampling.request_milli = static_cast<std::int64_t>(static_cast<__int128>(sampling.request_milli) *
                                                         metric.container->request / metric.container->of_request);
    }
    target.pods.measure_all(world, sampling, pods_);
    if (metric.memory) {
      // A pod outside traffic holds its memory all the same.
      for (MeasuredPod& pod : pods_) {
        if (pod.metric && pod.metric->milli == 0) pod.metric->milli = idle;
      }
    }
    if (metric.type == TargetType::utilization)
      return calculator.utilization(w.desired, metric.target, !metric.memory, pods_, {}, world.now());
    return calculator.average_value(w.desired, metric.target, !metric.memory, pods_, {}, world.now());
  }

  std::int64_t total = 0;
  if (metric.cron) {
    total = to_milli(metric.cron->value(calendar_ + to_microseconds(world.now()) / 1'000'000));
  } else {
    const auto& prometheus = dynamic_cast<const Prometheus&>(world.component(prometheus_));
    auto value = prometheus.value(metric.query, world.now());
    if (!value && metric.null_is_zero && prometheus.up()) value = 0;
    std::int64_t& failures = target.failures[index];
    failures = value ? 0 : failures + 1;
    const bool falls_back = metric.fallback_replicas > 0 && failures > metric.fallback_after;
    if (!value && !falls_back) return failed;
    total = value ? to_milli(*value) : metric.target * metric.fallback_replicas;
    sampling.started_by = prometheus.scrape_before_last();
    sampling.sample = MetricSample{total / std::max<std::int64_t>(w.serving, 1), prometheus.last_scrape(), seconds(60)};
  }
  switch (metric.kind) {
    case MetricKind::pods:
      if (w.serving == 0) sampling.sample.reset();
      target.pods.measure_all(world, sampling, pods_);
      return calculator.average_value(w.desired, metric.target, false, pods_, {}, world.now());
    default:
      if (metric.type == TargetType::average_value) return calculator.value_per_pod(alive, metric.target, total);
      target.pods.measure_all(world, sampling, pods_);
      return calculator.value(w.desired, metric.target, total, pods_);
  }
}

/// As propose, for the usual target at a time when its pods are all alike; none at any other.
std::optional<ReplicaProposal> HorizontalPodAutoscalers::propose_for_alike(const World& world,
                                                                           const Target& target) const {
  const std::int64_t count = target.plain ? target.pods.alike() : 0;
  const MetricsServer::Metric& m = metrics_.metric(target.workload);
  if (count == 0 || !m.valid) return std::nullopt;
  const Workload& w = world.workload(target.workload);
  const HpaMetric& metric = target.parameters.metrics.front();
  if (metric.memory) {
    if (m.memory_milli == 0) return std::nullopt;
    return target.calculator.utilization_of_alike(w.desired, metric.target, count, m.memory_milli,
                                                  w.requests.memory().raw() * 1000);
  }
  return target.calculator.utilization_of_alike(w.desired, metric.target, count, m.milli,
                                                to_millis_ceil(w.requests.cpu()));
}

void HorizontalPodAutoscalers::explain(World& world, const Target& target, const HpaDecision& decision) const {
  const Workload& w = world.workload(target.workload);
  std::size_t largest = 0;
  for (std::size_t i = 1; i < proposals_.size(); ++i) {
    const ReplicaProposal& p = proposals_[i].proposal;
    if (p.ok() && (!proposals_[largest].proposal.ok() || p.replicas > proposals_[largest].proposal.replicas))
      largest = i;
  }
  MetricProposal shown;
  shown.proposal.error = ReplicaError::no_samples;
  HpaDetail detail;
  detail.target_percent = 100;
  if (!proposals_.empty()) {
    const HpaMetric& metric = target.parameters.metrics[largest];
    detail.metric = &metric;
    shown = proposals_[largest];
    if (metric.type == TargetType::utilization) {
      detail.target_percent = metric.target;
    } else {
      shown.proposal.utilization =
          static_cast<std::int64_t>(static_cast<__int128>(shown.proposal.utilization) * 100 / metric.target);
    }
  }
  detail.workload = target.workload;
  detail.current = w.desired;
  detail.minimum = w.minimum;
  detail.maximum = w.maximum;
  detail.proposal = &shown;
  detail.decision = &decision;
  world.explain(detail);
}

void HorizontalPodAutoscalers::sync(World& world, Target& target) {
  const Workload& w = world.workload(target.workload);
  proposals_.clear();
  // Outside the bounds and at a size of zero that switches the autoscaler off, metrics are not read.
  const bool reads = w.desired >= w.minimum && w.desired <= w.maximum;
  if (const auto proposal = reads ? propose_for_alike(world, target) : std::nullopt) {
    proposals_.push_back({target.parameters.metrics.front().kind, *proposal});
  } else {
    for (std::size_t i = 0; i < target.parameters.metrics.size() && reads; ++i)
      proposals_.push_back({target.parameters.metrics[i].kind, propose(world, target, i)});
  }
  HpaSettings& hpa = target.settings;
  hpa.min = w.minimum;
  hpa.max = w.maximum;
  const HpaDecision d = decide(hpa, target.state, w.desired, combine(proposals_, w.desired, hpa.version), world.now());
  if (world.is_explained()) explain(world, target, d);
  if (d.rescale) world.set_desired(target.workload, d.desired);
}

}  // namespace plimsoll::kubernetes
