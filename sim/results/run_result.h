#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/billing/bill.h"
#include "sim/cluster/world.h"
#include "sim/core/statistics.h"
#include "sim/core/units.h"

/// What a finished run holds in memory: plain values, no references into a world. Writers (result directory) and
/// reports read this and nothing else.
namespace plimsoll::results {

/// One line of the bill over the counted window.
struct BillLine {
  std::string item;  ///< stable key: "ec2/m5.xlarge/on-demand", "eks/control-plane", "fargate/vcpu"
  std::string label;
  billing::Block block = billing::Block::choice;
  std::string unit;      ///< "Hours", "vCPU-Hours", "GB-Months", ...
  Rate rate;             ///< per unit
  std::string quantity;  ///< units, exact decimal (at most 9 digits after the point, rounded)
  Money amount;
  std::vector<Money> hourly;                          ///< sums to amount
  std::string service, category, resource_type, sku;  ///< FOCUS
};

struct WorkloadResult {
  std::string name;
  bool system = false;
  double replicas_mean = 0;
  std::int64_t replicas_peak = 0;
  double at_maximum_share = 0;  ///< of the window, desired at the maximum
  std::int64_t evictions = 0, interruptions = 0, created = 0;
  std::int64_t pending_p50_us = 0, pending_p99_us = 0, pending_count = 0;
  /// Micro-requests. Failed: of those served, answered with an error (their own, or a call that they made failed).
  std::int64_t arrived = 0, served = 0, lost = 0, failed = 0;
  double cpu_used_cores_mean = 0;
  /// Of work that runs to completion, in the window: runs begun, completed, given up, and starts missed.
  bool runs_to_completion = false;
  std::int64_t jobs_started = 0, jobs_completed = 0, jobs_failed = 0, starts_missed = 0;
  std::int64_t pods_succeeded = 0, pods_failed = 0;  ///< of those
  std::int64_t job_p50_us = 0, job_p99_us = 0;       ///< start of a job to its completion
  std::int64_t creations_refused = 0;                ///< by the API: quota
};

/// One revision of a workload while its requests were told apart: beside another under traffic weights. Over the run.
struct RevisionResult {
  std::string workload;
  std::int64_t revision = 0;
  std::int64_t arrived = 0, served = 0, lost = 0, failed = 0;  ///< micro-requests; failed of those served
  std::int64_t p50_us = 0, p99_us = 0;                         ///< in its pods, calls left out
};

/// A limit beside the applications' own maxima that held something back.
struct LimitResult {
  std::string name;  ///< "the maximum of node group m5", "the Fargate launch quota"
  double share = 0;  ///< of the window
};

/// Outcome of one promise in one replication.
struct ExpectationResult {
  std::string text;  ///< as written
  bool kept = true;
  double share = 1;      ///< of windows that kept it (latency); 1 or 0 for the others
  std::string measured;  ///< for people: "p99 612 ms", "lost 0.02 %"
};

struct LatencyPoint {
  std::int64_t at_s = 0;  ///< end of the five-minute window, seconds after the window start
  std::int64_t p50_us = 0, p95_us = 0, p99_us = 0;
};

struct SeriesColumn {
  std::string name, unit;            ///< see engine::Recorder
  std::vector<std::int64_t> values;  ///< one a minute
};

/// One fact as events.csv has it; names resolved, ids dense.
struct EventRow {
  std::int64_t at_us = 0;  ///< simulated, microseconds; the window starts at RunResult::window_start_us
  std::string fact;        ///< "node_running", "pod_bound", ...
  std::string reason;
  std::string node, pod, workload, group;           ///< names; empty when none. Pod: "<workload>-<ordinal>"
  std::string instance_type, zone, purchase, host;  ///< of the node
  std::int64_t cpu_ticks = 0, memory_bytes = 0;     ///< pod facts: request; node facts: capacity
  std::int64_t value = 0;
};

/// One platform, one replication.
struct RunResult {
  std::string platform;  ///< column name
  std::string type;      ///< "ecs", "eks"
  std::string pod_word;  ///< "task" or "pod"
  std::uint64_t seed = 0;
  std::int64_t replication = 0;
  std::uint64_t trace_hash = 0;
  std::int64_t window_start_us = 0, window_us = 0;

  std::vector<BillLine> lines;
  Money total, choice, same;

  /// Micro-requests of the entry workloads. Failed: of those served, answered with an error.
  std::int64_t arrived = 0, served = 0, lost = 0, failed = 0, in_flight = 0;
  std::int64_t latency_p50_us = 0, latency_p95_us = 0, latency_p99_us = 0;
  std::vector<LatencyPoint> latency;

  std::int64_t pending_p50_us = 0, pending_p99_us = 0, pending_count = 0;  ///< application pods
  std::int64_t unfinished = 0;  ///< application pods without a place at the end
  std::int64_t evictions = 0, interruptions = 0;
  std::int64_t nodes_peak = 0, nodes_low = 0, nodes_launched = 0, nodes_ended = 0;
  double nodes_mean = 0;
  std::int64_t launches_refused = 0;
  std::int64_t rollouts = 0, rollouts_failed = 0;  ///< finished; stalled or given up
  /// Containers that exited, were killed or could not be pulled, and how many of them were started again in place.
  std::int64_t container_failures = 0, container_restarts = 0;
  std::int64_t nodes_lost = 0;
  /// Means over the window. bought: paid-for capacity; requested: application pods placed; system: the platform's pods.
  double cpu_bought = 0, cpu_requested = 0, cpu_system = 0, cpu_used = 0;              ///< vCPU
  double memory_bought = 0, memory_requested = 0, memory_system = 0, memory_used = 0;  ///< GiB

  std::vector<WorkloadResult> workloads;
  std::vector<RevisionResult> revisions;
  std::vector<LimitResult> limits;  ///< those that bound, in the order of the column's parts
  std::vector<ExpectationResult> expectations;
  bool kept_all() const {
    for (const ExpectationResult& e : expectations) {
      if (!e.kept) return false;
    }
    return true;
  }

  std::vector<SeriesColumn> series;  ///< only in the replication that is kept in full (0)
  std::vector<EventRow> events;      ///< likewise
};

/// One column of a comparison: all its replications, the first in full.
struct ColumnResult {
  std::string name, type, pod_word;
  std::vector<std::string> remarks;                            ///< overrides, limits that bind
  std::vector<std::string> low_confidence;                     ///< price rows
  std::vector<std::pair<std::string, std::int64_t>> objects;   ///< what the user must own: kind and count
  std::vector<std::pair<std::string, std::string>> dns_names;  ///< of balancers: what it stands before, its DNS name
  std::vector<RunResult> replications;                         ///< may be fewer than asked for after an interruption
};

/// What is needed to run it again.
struct Inputs {
  std::string scenario;                                    ///< the scenario's own file among `files`
  std::vector<std::pair<std::string, std::string>> files;  ///< path from the scenario's folder, content; as read
  std::vector<std::string> sets, platforms;                ///< --set and --platform, in order
  std::string catalogue;  ///< empty: the built-in one; else the folder in `files` that stands for --catalog
};

/// Everything that `compare` and `run` have to tell.
struct Comparison {
  std::string scenario;       ///< file stem
  std::string resolved_yaml;  ///< scenario after inheritance and --set
  std::string load;           ///< one line
  std::uint64_t seed = 0;
  std::int64_t replications_wanted = 0;
  std::string region, as_of;
  std::int64_t window_s = 0, warmup_s = 0;
  std::int64_t calendar = 0;  ///< Unix seconds at the beginning of the counted window
  bool sizes_matched = true;
  std::vector<std::string> assumed;  ///< inputs that no file gives, "path = value"
  std::vector<std::string> remarks;
  std::vector<ColumnResult> columns;
  std::vector<double> request_rate;  ///< external requests/s, one a minute of the window (replication 0)
  std::uint64_t hash = 0;            ///< over all trace hashes in order
  std::string version;
  std::uint64_t catalogue_hash = 0;  ///< of instance types and prices
  Inputs inputs;
  bool interrupted = false;
};

}  // namespace plimsoll::results
