#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/cluster/world.h"
#include "sim/policy/metric_expression.h"
#include "sim/policy/workload_reading.h"

namespace plimsoll::kubernetes {

using QueryId = Id<struct PrometheusQueryTag>;

/// SOURCE: Prometheus configuration reference (scrape_interval 1m); community Helm chart values for what a series
/// count is made of. Bytes a series: rule of thumb of operators, 8 KiB in the head with its indexes and garbage.
struct PrometheusParameters {
  Duration scrape_interval = seconds(60);
  /// Range of rate() in queries that name none: two intervals hold the two samples that a rate needs.
  Duration rate_window = seconds(120);
  std::int64_t series_per_pod = 200;    ///< cAdvisor, kube-state-metrics and the application's own
  std::int64_t series_per_node = 1500;  ///< kubelet and node-exporter
  Bytes base = mebibytes(300);
  Bytes per_series = Bytes{8 * kKiB};
  Duration discovery = seconds(5);  ///< targets found since the last update wait so long; discovery/manager.go updatert
};

/// A self-hosted Prometheus and the adapter that serves its queries to the autoscaler. Every scrape reads the counters
/// of every application; a query is answered at request time from the samples within its range, so it lags by a scrape
/// and averages over the range, as the real one does. A query with fewer than two samples in range has no answer.
///
/// It is a pod of the cluster: while that does not run and answer (not yet placed, evicted, moved, killed) there are no
/// scrapes and no answers, and its samples from before are there again when it is back (a persistent volume, as in the
/// community chart). Its memory follows the series of the head block: those of pods and nodes that it has discovered, a
/// few seconds after they started, and those of pods that ended within the last two hours, which the head keeps until
/// it is compacted. A pod that outgrows its memory limit is killed, and killed again while the series stay as many.
/// Left out: each target's own scrape offset (all are read at one instant); staleness marks; the extrapolation of
/// rate() to the ends of its range, which evenly spaced samples do not need.
class Prometheus : public ComponentOf<Prometheus> {
 public:
  explicit Prometheus(PrometheusParameters parameters) : parameters_(parameters) {}

  /// `apps`: what the expression's indices stand for. `range` 0: the default rate window.
  QueryId add_query(std::shared_ptr<const MetricExpression> expression, std::vector<WorkloadId> apps, Duration range);
  /// The workload whose pod it is: its memory follows the series.
  void runs_as(WorkloadId workload) {
    self_ = workload;
    up_ = false;
  }

  /// Answer of the adapter now; none while there are fewer than two samples in range.
  std::optional<double> value(QueryId query, Time now) const;
  bool up() const { return up_; }
  /// Newest scrape, and the one before it: what started later has no rate yet.
  Time last_scrape() const;
  Time scrape_before_last() const;
  std::int64_t series() const { return series_; }
  std::int64_t peak_series() const { return peak_series_; }

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  static constexpr Duration kHead = hours(2);
  struct Query {
    std::shared_ptr<const MetricExpression> expression;
    std::vector<WorkloadId> apps;
    Duration range{};
  };
  void scrape(World& world);
  void count_series(World& world);
  void check_memory(World& world) const;
  const WorkloadReading& reading(std::int64_t scrape, WorkloadId id) const {
    return ring_[static_cast<std::size_t>(scrape % depth_) * workloads_ + id.index()];
  }

  PrometheusParameters parameters_;
  std::vector<Query> queries_;
  WorkloadId self_;
  bool up_ = true;                     ///< its pod is ready
  std::vector<WorkloadReading> ring_;  ///< depth_ scrapes of all workloads
  std::vector<Time> times_;            ///< of the scrapes in the ring
  std::vector<Workload> kinds_;        ///< the constants of each workload that measures need
  std::int64_t depth_ = 2, scrapes_ = 0;
  std::size_t workloads_ = 0;
  std::vector<Time> ended_;  ///< pods that the head still knows, by end
  std::size_t first_ended_ = 0;
  std::vector<Time> begun_;  ///< pods that it may not have discovered, by start
  std::int64_t series_ = 0, peak_series_ = 0;
};

}  // namespace plimsoll::kubernetes
