#include "models/kubernetes/controllers/horizontal_pod_autoscaler.h"

namespace plimsoll::kubernetes {

void MetricsServer::read_counters(const World& world) {
  latest_.resize(world.workloads().size());
  for (std::size_t i = 0; i < latest_.size(); ++i) {
    latest_[i] = {world.now(), world.usage[i].cpu_serving, world.usage[i].serving_time};
  }
}

void MetricsServer::scrape(const World& world) {
  scraped_.resize(latest_.size());
  metrics_.resize(latest_.size());
  scrapes_[0] = scrapes_[1];
  scrapes_[1] = world.now();
  for (std::size_t i = 0; i < latest_.size(); ++i) {
    const Reading& now = latest_[i];
    Reading& before = scraped_[i];
    Metric& m = metrics_[i];
    if (now.time > before.time) {
      m.valid = true;
      m.milli = static_cast<std::int64_t>((now.cpu - before.cpu) / (now.time - before.time) / kCpuTicksPerMilli);
    } else {
      m.valid = false;
    }
    m.at = now.at;
    m.window = now.at - before.at;
    before = now;
  }
}

void HorizontalPodAutoscalers::autoscale(WorkloadId workload, const HpaParameters& parameters) {
  targets_.push_back({workload, parameters, {}, {}});
}

void HorizontalPodAutoscalers::start(World& world) {
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

void HorizontalPodAutoscalers::handle(World& world, const Event& event) {
  switch (event.payload & 0xffu) {
    case kCounters:
      if (world.service() != nullptr) world.service()->settle(world);
      metrics_.read_counters(world);
      world.wake(handler, world.now() + pipeline_.cadvisor_period, Phase::metrics, kCounters);
      break;
    case kScrape:
      metrics_.scrape(world);
      world.wake(handler, world.now() + pipeline_.metrics_resolution, Phase::metrics, kScrape);
      break;
    default: {
      Target& target = targets_[event.payload >> 8];
      sync(world, target);
      world.wake(handler, world.now() + target.parameters.sync_period, Phase::controllers, event.payload);
      break;
    }
  }
}

void HorizontalPodAutoscalers::sync(World& world, Target& target) {
  const Workload& w = world.workload(target.workload);
  const MetricsServer::Metric& metric = metrics_.metric(target.workload);
  Sampling sampling;
  if (metric.valid) sampling.sample = MetricSample{metric.milli, metric.at, metric.window};
  sampling.started_by = metrics_.scrape_before_last();
  sampling.request_milli = to_millis_ceil(w.requests.cpu());
  sampling.cpu_initialization = target.parameters.cpu_initialization;
  target.pods.measure_all(world, sampling, pods_);
  CalculatorSettings settings;
  settings.version = target.parameters.version;
  settings.cpu_initialization = target.parameters.cpu_initialization;
  settings.initial_readiness_delay = target.parameters.initial_readiness_delay;
  MetricProposal proposal;
  proposal.proposal = ReplicaCalculator(settings).utilization(w.desired, target.parameters.target_percent, true, pods_,
                                                              {}, world.now());
  const MetricProposal proposals[] = {proposal};
  HpaSettings hpa;
  hpa.version = target.parameters.version;
  hpa.min = w.minimum;
  hpa.max = w.maximum;
  hpa.behavior = target.parameters.behavior;
  hpa.downscale_stabilization = target.parameters.downscale_stabilization;
  const HpaDecision d = decide(hpa, target.state, w.desired, combine(proposals, w.desired, hpa.version), world.now());
  if (world.is_explained()) {
    HpaDetail detail;
    detail.workload = target.workload;
    detail.current = w.desired;
    detail.target_percent = target.parameters.target_percent;
    detail.minimum = w.minimum;
    detail.maximum = w.maximum;
    detail.proposal = &proposal;
    detail.decision = &d;
    world.explain(detail);
  }
  if (d.rescale) world.set_desired(target.workload, d.desired);
}

}  // namespace plimsoll::kubernetes
