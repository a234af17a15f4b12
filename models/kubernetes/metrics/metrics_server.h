#pragma once

#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// Periods of the resource-metrics pipeline.
/// SOURCE: pkg/kubelet/cadvisor/cadvisor_linux.go; kubernetes-sigs/metrics-server manifests.
struct MetricsPipeline {
  Duration cadvisor_period = seconds(10);     ///< kubelet housekeeping; up to 15 s under its dynamic back-off
  Duration metrics_resolution = seconds(15);  ///< metrics-server --metric-resolution of the manifest
};

/// metrics-server over cAdvisor: CPU of a pod as the difference of two counter readings, memory as the working set at
/// the newer one. Pods of one workload share the load evenly, so one reading a workload stands for each of its pods in
/// traffic.
class MetricsServer {
 public:
  struct Reading {
    Time at{};
    __int128 cpu = 0, time = 0;  ///< cumulative: tick-us used by serving pods, and pod-us served
    __int128 in_flight = 0;      ///< cumulative: micro-requests x us in their pods
  };
  struct Metric {
    bool valid = false;
    std::int64_t milli = 0;              ///< mean milliCPU of a pod in traffic
    std::int64_t memory_milli = 0;       ///< working set of a pod in traffic, thousandths of a byte
    std::int64_t idle_memory_milli = 0;  ///< the same of a pod outside traffic
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

}  // namespace plimsoll::kubernetes
