#include "sim/sweep/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace plimsoll::sweep {

namespace {

constexpr double kDayUs = 86'400e6;

/// A window of no length counts as a second, so that nothing is divided by zero.
double per_day(const Row& r, std::int64_t nano) {
  return static_cast<double>(nano) * 1e-9 * kDayUs /
         static_cast<double>(std::max<std::int64_t>(r.window_us, 1'000'000));
}

double percent_of(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

constexpr std::array<Metric, 15> kMetrics = {{
    {"cost.total", "$/day", 2, [](const Row& r) { return per_day(r, r.total_nano_usd); }},
    {"cost.choice", "$/day", 2, [](const Row& r) { return per_day(r, r.choice_nano_usd); }},
    {"requests.lost", "%", 4,
     [](const Row& r) { return percent_of(static_cast<double>(r.lost), static_cast<double>(r.arrived)); }},
    {"latency.p50", "ms", 1, [](const Row& r) { return static_cast<double>(r.latency_p50_us) * 1e-3; }},
    {"latency.p95", "ms", 1, [](const Row& r) { return static_cast<double>(r.latency_p95_us) * 1e-3; }},
    {"latency.p99", "ms", 1, [](const Row& r) { return static_cast<double>(r.latency_p99_us) * 1e-3; }},
    {"pending.p50", "s", 1, [](const Row& r) { return static_cast<double>(r.pending_p50_us) * 1e-6; }},
    {"pending.p99", "s", 1, [](const Row& r) { return static_cast<double>(r.pending_p99_us) * 1e-6; }},
    {"evictions", "", 1, [](const Row& r) { return static_cast<double>(r.evictions); }},
    {"interruptions", "", 1, [](const Row& r) { return static_cast<double>(r.interruptions); }},
    {"unfinished", "", 1, [](const Row& r) { return static_cast<double>(r.unfinished); }},
    {"nodes.peak", "", 1, [](const Row& r) { return static_cast<double>(r.nodes_peak); }},
    {"nodes.mean", "", 2, [](const Row& r) { return r.nodes_mean; }},
    {"cpu.requested", "% of bought", 1, [](const Row& r) { return percent_of(r.cpu_requested, r.cpu_bought); }},
    {"cpu.used", "% of bought", 1, [](const Row& r) { return percent_of(r.cpu_used, r.cpu_bought); }},
}};

}  // namespace

std::span<const Metric> metrics() { return kMetrics; }

const Metric* find_metric(std::string_view name) {
  for (const Metric& m : kMetrics) {
    if (m.name == name) return &m;
  }
  return nullptr;
}

Row row_of(std::size_t point, const results::RunResult& run) {
  Row r;
  r.point = static_cast<std::int64_t>(point);
  r.platform = run.platform;
  r.replication = run.replication;
  r.window_us = run.window_us;
  r.total_nano_usd = run.total.raw();
  r.choice_nano_usd = run.choice.raw();
  r.arrived = run.arrived;
  r.served = run.served;
  r.lost = run.lost + run.failed;
  r.latency_p50_us = run.latency_p50_us;
  r.latency_p95_us = run.latency_p95_us;
  r.latency_p99_us = run.latency_p99_us;
  r.pending_p50_us = run.pending_p50_us;
  r.pending_p99_us = run.pending_p99_us;
  r.unfinished = run.unfinished;
  r.evictions = run.evictions;
  r.interruptions = run.interruptions;
  r.nodes_peak = run.nodes_peak;
  r.nodes_mean = run.nodes_mean;
  r.cpu_bought = run.cpu_bought;
  r.cpu_requested = run.cpu_requested;
  r.cpu_used = run.cpu_used;
  r.memory_bought = run.memory_bought;
  r.memory_requested = run.memory_requested;
  r.memory_used = run.memory_used;
  for (const results::ExpectationResult& e : run.expectations) {
    if (!e.kept) r.broken += (r.broken.empty() ? "" : "; ") + e.text;
  }
  r.trace_hash = fmt::format("{:016x}", run.trace_hash);
  return r;
}

}  // namespace plimsoll::sweep
