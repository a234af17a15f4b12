#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sim/results/run_result.h"

namespace plimsoll::sweep {

/// One platform of one replication of one point: what a sweep keeps.
struct Row {
  std::int64_t point = 0;
  std::string platform;
  std::int64_t replication = 0;
  std::int64_t window_us = 0;
  std::int64_t total_nano_usd = 0, choice_nano_usd = 0;
  std::int64_t arrived = 0, served = 0, lost = 0;  ///< micro-requests
  std::int64_t latency_p50_us = 0, latency_p95_us = 0, latency_p99_us = 0;
  std::int64_t pending_p50_us = 0, pending_p99_us = 0;
  std::int64_t unfinished = 0, evictions = 0, interruptions = 0, nodes_peak = 0;
  double nodes_mean = 0, cpu_bought = 0, cpu_requested = 0, cpu_used = 0;
  double memory_bought = 0, memory_requested = 0, memory_used = 0;
  std::string broken;      ///< promises that it broke, as written, joined by "; "
  std::string trace_hash;  ///< 16 hex digits

  friend bool operator==(const Row&, const Row&) = default;
};

Row row_of(std::size_t point, const results::RunResult& run);

/// A number of a row that can be averaged over replications.
struct Metric {
  std::string_view name, unit;
  int decimals = 2;
  double (*value)(const Row&) = nullptr;
};

std::span<const Metric> metrics();
/// nullptr when unknown.
const Metric* find_metric(std::string_view name);

}  // namespace plimsoll::sweep
