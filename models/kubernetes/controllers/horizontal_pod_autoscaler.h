#pragma once

#include <vector>

#include "models/kubernetes/controllers/pod_census.h"
#include "models/kubernetes/hpa/decision.h"
#include "models/kubernetes/hpa/replica_calculator.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// One sync of one autoscaler.
struct HpaDetail : Detail {
  WorkloadId workload;
  std::int64_t current = 0;  ///< replicas before
  std::int64_t target_percent = 0, minimum = 0, maximum = 0;
  const MetricProposal* proposal = nullptr;
  const HpaDecision* decision = nullptr;
};

struct MetricsPipeline {
  Duration cadvisor_period = seconds(10);     ///< kubelet housekeeping; up to 15 s under its dynamic back-off
  Duration metrics_resolution = seconds(15);  ///< metrics-server --metric-resolution of the manifest
};

/// metrics-server over cAdvisor: CPU of a pod as the difference of two counter readings. Pods of one workload share the
/// load evenly, so one reading a workload stands for each of its pods in traffic.
class MetricsServer {
 public:
  struct Reading {
    Time at{};
    __int128 cpu = 0, time = 0;  ///< cumulative: tick-us used by serving pods, and pod-us served
  };
  struct Metric {
    bool valid = false;
    std::int64_t milli = 0;  ///< mean milliCPU of a pod in traffic
    Time at{};
    Duration window{};
  };
  void read_counters(const World& world);  ///< cAdvisor's tick
  void scrape(const World& world);         ///< metrics-server's tick
  const Metric& metric(WorkloadId id) const { return metrics_[id.index()]; }
  Time last_scrape() const { return scrapes_[1]; }
  Time scrape_before_last() const { return scrapes_[0]; }

 private:
  std::vector<Reading> latest_, scraped_;
  std::vector<Metric> metrics_;
  Time scrapes_[2] = {kTimeZero, kTimeZero};
};

struct HpaParameters {
  KubernetesVersion version = KubernetesVersion::current;
  std::int64_t target_percent = 60;
  std::optional<ScalingBehavior> behavior;
  Duration sync_period = seconds(15);  ///< --horizontal-pod-autoscaler-sync-period
  Duration cpu_initialization = seconds(300);
  Duration initial_readiness_delay = seconds(30);
  Duration downscale_stabilization = seconds(300);
};

/// HorizontalPodAutoscalers on CPU utilisation, fed by cAdvisor and metrics-server with their real periods, so that the
/// lag between load and decision is the real one. The decision is models/kubernetes/hpa. SOURCE: kubernetes/kubernetes
/// pkg/controller/podautoscaler/horizontal.go; kubernetes-sigs/metrics-server manifests.
class HorizontalPodAutoscalers : public ComponentOf<HorizontalPodAutoscalers> {
 public:
  explicit HorizontalPodAutoscalers(MetricsPipeline pipeline) : pipeline_(pipeline) {}
  void autoscale(WorkloadId workload, const HpaParameters& parameters);

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  static constexpr std::uint32_t kNoTarget = 0xffffffffu;
  enum : std::uint64_t { kCounters = 0, kScrape = 1, kSync = 2 };
  struct Target {
    WorkloadId workload;
    HpaParameters parameters;
    HpaState state;
    PodCensus pods;
  };
  void sync(World& world, Target& target);

  MetricsPipeline pipeline_;
  MetricsServer metrics_;
  std::vector<Target> targets_;
  std::vector<std::uint32_t> target_of_;  ///< by workload
  std::vector<MeasuredPod> pods_;
};

}  // namespace plimsoll::kubernetes
