#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/billing/bill.h"
#include "sim/cluster/world.h"

namespace plimsoll::engine {

/// Totals over the window of one workload.
struct WorkloadTotals {
  LogLinearHistogram pending;      ///< us from created to started, pods created in the window
  std::int64_t evictions = 0;      ///< pods taken away for a reason other than scale-in or rollout
  std::int64_t interruptions = 0;  ///< of these, without consent: spot, lost nodes
  std::int64_t created = 0;
  std::int64_t jobs_started = 0, jobs_completed = 0, jobs_failed = 0, starts_missed = 0;
  std::int64_t pods_succeeded = 0, pods_failed = 0;  ///< of work that runs to completion
  std::int64_t creations_refused = 0;
  LogLinearHistogram job_time;   ///< us from start to completion of jobs that completed in the window
  std::vector<Time> job_starts;  ///< by number
  TimeIntegral replicas;         ///< started pods
  TimeIntegral at_maximum;       ///< 1 while desired stands at the maximum
  __int128 cpu_used = 0;         ///< tick-us in the window
  std::int64_t arrived = 0, served = 0, lost = 0, failed = 0, backlog = 0;  ///< micro-requests in the window
};

/// Quantities that a column is judged by, as exact time integrals over the window, and series sampled once a minute.
/// It watches facts and changes nothing.
class Recorder : public ComponentOf<Recorder> {
 public:
  static constexpr Duration kPeriod = minutes(1);

  Recorder(HandlerId bill, bool keep_series) : bill_(bill), keep_series_(keep_series) {}

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  void finish(World& world) override;

  TimeIntegral bought_cpu, bought_memory;        ///< paid-for capacity: instances from running, microVMs from pull
  TimeIntegral requested_cpu, requested_memory;  ///< requests of application pods placed and not ended
  TimeIntegral system_cpu, system_memory;        ///< the same for pods of the platform
  TimeIntegral nodes;                            ///< EC2 instances running and paid
  TimeIntegral used_memory;                      ///< resident memory of started application pods, bytes
  __int128 used_cpu = 0;                         ///< tick-us used by application pods in the window
  std::vector<WorkloadTotals> workloads;
  std::int64_t nodes_launched = 0, nodes_ended = 0, nodes_peak = 0, nodes_low = INT64_MAX;
  std::int64_t launches_refused = 0;
  std::int64_t rollouts = 0, rollouts_failed = 0, container_failures = 0, container_restarts = 0, nodes_lost = 0;

  struct Series {
    std::string name, unit;
    std::vector<std::int64_t> values;
  };
  /// All of one length; sample k stands for the instant window_start + k minutes. Names: "cost_rate" (nano-dollars per
  /// hour over the past minute), "pending", "bought_cpu", "requested_cpu", "system_cpu", "used_cpu" (milliCPU),
  /// "bought_memory", ... (MiB), "nodes/<type>", "replicas/<workload>", "desired/<workload>", "arrived/<workload>",
  /// "served/", "lost/", "failed/", "backlog/" (micro-requests, cumulative in the window).
  std::vector<Series> series;

 private:
  void mark_window(World& world);
  void sample(World& world);
  Series& column(std::string name, std::string unit);

  HandlerId bill_;
  bool keep_series_;
  bool in_window_ = false;
  std::size_t samples_ = 0;
  std::size_t next_column_ = 0;  ///< of `series`, while sampling
  std::vector<Usage> usage_at_start_, usage_before_;
  Money cost_before_{};
  std::vector<NodeId> stopped_;                         ///< instances that ran and are stopped now
  std::vector<std::pair<NameId, std::int64_t>> types_;  ///< instance types in order of first sight, running now
};

}  // namespace plimsoll::engine
