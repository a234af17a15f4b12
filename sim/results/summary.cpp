#include "sim/results/summary.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "sim/results/estimate.h"

namespace plimsoll::results {

namespace {

using Json = nlohmann::ordered_json;

const char* block_name(billing::Block block) { return block == billing::Block::choice ? "choice" : "same"; }

/// Micro-requests as requests, exactly.
std::string requests(std::int64_t micro) {
  std::string text =
      fmt::format("{}{}.{:06d}", micro < 0 ? "-" : "", std::abs(micro / 1'000'000), std::abs(micro % 1'000'000));
  return text;
}

Json cost(const RunResult& run) {
  Json lines = Json::array();
  for (const BillLine& line : run.lines) {
    Json hourly = Json::array();
    for (const Money m : line.hourly) hourly.push_back(to_string(m));
    lines.push_back({{"item", line.item},
                     {"usd", to_string(line.amount)},
                     {"label", line.label},
                     {"block", block_name(line.block)},
                     {"quantity", line.quantity},
                     {"unit", line.unit},
                     {"usd_per_unit", to_string(line.rate)},
                     {"service", line.service},
                     {"sku", line.sku},
                     {"hourly_usd", std::move(hourly)}});
  }
  return {{"currency", "USD"},
          {"total_usd", to_string(run.total)},
          {"choice_usd", to_string(run.choice)},
          {"same_usd", to_string(run.same)},
          {"replication", run.replication},
          {"lines", std::move(lines)}};
}

Json ratio(double part, double whole) { return whole > 0 ? Json(part / whole) : Json(nullptr); }

Json utilization(const RunResult& r) {
  return {{"cpu_bought_vcpu", r.cpu_bought},
          {"cpu_requested_vcpu", r.cpu_requested},
          {"cpu_system_vcpu", r.cpu_system},
          {"cpu_used_vcpu", r.cpu_used},
          {"cpu_requested_share", ratio(r.cpu_requested, r.cpu_bought)},
          {"cpu_used_share", ratio(r.cpu_used, r.cpu_bought)},
          {"memory_bought_gib", r.memory_bought},
          {"memory_requested_gib", r.memory_requested},
          {"memory_system_gib", r.memory_system},
          {"memory_used_gib", r.memory_used},
          {"memory_requested_share", ratio(r.memory_requested, r.memory_bought)},
          {"memory_used_share", ratio(r.memory_used, r.memory_bought)}};
}

Json workloads(const RunResult& run) {
  Json out = Json::object();
  for (const WorkloadResult& w : run.workloads) {
    out[w.name] = {{"system", w.system},
                   {"replicas_mean", w.replicas_mean},
                   {"replicas_peak", w.replicas_peak},
                   {"at_maximum_share", w.at_maximum_share},
                   {"created", w.created},
                   {"evictions", w.evictions},
                   {"interruptions", w.interruptions},
                   {"pending_p50_us", w.pending_p50_us},
                   {"pending_p99_us", w.pending_p99_us},
                   {"pending_count", w.pending_count},
                   {"requests_arrived", requests(w.arrived)},
                   {"requests_served", requests(w.served)},
                   {"requests_lost", requests(w.lost)},
                   {"requests_failed", requests(w.failed)},
                   {"cpu_used_vcpu_mean", w.cpu_used_cores_mean}};
    if (w.creations_refused > 0) out[w.name]["creations_refused"] = w.creations_refused;
    if (!w.runs_to_completion) continue;
    out[w.name]["jobs"] = {{"started", w.jobs_started},
                           {"completed", w.jobs_completed},
                           {"failed", w.jobs_failed},
                           {"starts_missed", w.starts_missed},
                           {"pods_succeeded", w.pods_succeeded},
                           {"pods_failed", w.pods_failed},
                           {"p50_us", w.job_p50_us},
                           {"p99_us", w.job_p99_us}};
  }
  return out;
}

Json revisions(const RunResult& run) {
  Json out = Json::array();
  for (const RevisionResult& v : run.revisions) {
    out.push_back({{"workload", v.workload},
                   {"revision", v.revision},
                   {"requests_arrived", requests(v.arrived)},
                   {"requests_served", requests(v.served)},
                   {"requests_lost", requests(v.lost)},
                   {"requests_failed", requests(v.failed)},
                   {"p50_us", v.p50_us},
                   {"p99_us", v.p99_us}});
  }
  return out;
}

Json expectations(const ColumnResult& column) {
  Json out = Json::array();
  if (column.replications.empty()) return out;
  for (const ExpectationResult& e : column.replications.front().expectations) {
    std::int64_t broken = 0;
    for (const RunResult& r : column.replications) {
      for (const ExpectationResult& other : r.expectations) broken += other.text == e.text && !other.kept ? 1 : 0;
    }
    out.push_back({{"text", e.text},
                   {"kept", e.kept},
                   {"share", e.share},
                   {"measured", e.measured},
                   {"broken_in_replications", broken}});
  }
  return out;
}

Estimate estimate_of(const ColumnResult& column, const std::function<double(const RunResult&)>& measure) {
  std::vector<double> values;
  for (const RunResult& r : column.replications) values.push_back(measure(r));
  return estimate(values);
}

Json plain(const Estimate& e) {
  return {{"mean", e.empty() ? Json(nullptr) : Json(e.mean)},
          {"half_width", e.has_interval() ? Json(e.half_width) : Json(nullptr)}};
}

/// Dollars as text with nine digits after the point.
Json usd(const Estimate& e) {
  return {{"mean", e.empty() ? Json(nullptr) : Json(fmt::format("{:.9f}", e.mean))},
          {"half_width", e.has_interval() ? Json(fmt::format("{:.9f}", e.half_width)) : Json(nullptr)}};
}

Json estimates(const ColumnResult& column) {
  const auto dollars_of = [](Money m) { return static_cast<double>(m.raw()) * 1e-9; };
  const auto day = [&](const RunResult& r, Money m) {
    return dollars_of(m) * 86'400e6 / static_cast<double>(std::max<std::int64_t>(r.window_us, 1));
  };
  const auto of = [&](const std::function<double(const RunResult&)>& measure) { return estimate_of(column, measure); };
  return {{"total_usd", usd(of([&](const RunResult& r) { return dollars_of(r.total); }))},
          {"choice_usd", usd(of([&](const RunResult& r) { return dollars_of(r.choice); }))},
          {"usd_per_day", usd(of([&](const RunResult& r) { return day(r, r.total); }))},
          {"usd_per_hour", usd(of([&](const RunResult& r) { return day(r, r.total) / 24; }))},
          {"latency_p99_us", plain(of([](const RunResult& r) { return static_cast<double>(r.latency_p99_us); }))},
          {"pending_p99_us", plain(of([](const RunResult& r) { return static_cast<double>(r.pending_p99_us); }))},
          {"evictions", plain(of([](const RunResult& r) { return static_cast<double>(r.evictions); }))},
          {"nodes_mean", plain(of([](const RunResult& r) { return r.nodes_mean; }))}};
}

Json replications(const ColumnResult& column) {
  Json out = Json::array();
  for (const RunResult& r : column.replications) {
    out.push_back({{"replication", r.replication},
                   {"seed", r.seed},
                   {"total_usd", to_string(r.total)},
                   {"choice_usd", to_string(r.choice)},
                   {"same_usd", to_string(r.same)},
                   {"pending_p99_us", r.pending_p99_us},
                   {"latency_p99_us", r.latency_p99_us},
                   {"requests_lost", requests(r.lost)},
                   {"requests_failed", requests(r.failed)},
                   {"evictions", r.evictions},
                   {"kept_all", r.kept_all()},
                   {"trace_hash", hash_hex(r.trace_hash)}});
  }
  return out;
}

Json platform(const ColumnResult& column) {
  Json out = {{"type", column.type}, {"pod_word", column.pod_word}};
  if (!column.replications.empty()) {
    const RunResult& r = column.replications.front();
    out["window_start_us"] = r.window_start_us;
    out["window_us"] = r.window_us;
    out["cost"] = cost(r);
    out["utilization"] = utilization(r);
    out["latency"] = {{"p50_us", r.latency_p50_us}, {"p95_us", r.latency_p95_us}, {"p99_us", r.latency_p99_us}};
    out["pending"] = {{"p50_us", r.pending_p50_us},
                      {"p99_us", r.pending_p99_us},
                      {"count", r.pending_count},
                      {"unfinished", r.unfinished}};
    out["disturbance"] = {
        {"evictions", r.evictions},
        {"interruptions", r.interruptions},
        {"launches_refused", r.launches_refused},
        {"rollouts", r.rollouts},
        {"rollouts_failed", r.rollouts_failed},
        {"container_failures", r.container_failures},
        {"container_restarts", r.container_restarts},
        {"nodes_lost", r.nodes_lost},
        {"requests_lost", requests(r.lost)},
        {"requests_lost_share", ratio(static_cast<double>(r.lost), static_cast<double>(r.arrived))},
        {"requests_failed", requests(r.failed)},
        {"requests_failed_share", ratio(static_cast<double>(r.lost + r.failed), static_cast<double>(r.arrived))}};
    out["requests"] = {{"arrived", requests(r.arrived)},
                       {"served", requests(r.served)},
                       {"lost", requests(r.lost)},
                       {"failed", requests(r.failed)},
                       {"in_flight", requests(r.in_flight)}};
    out["nodes"] = {{"peak", r.nodes_peak},
                    {"low", r.nodes_low},
                    {"mean", r.nodes_mean},
                    {"launched", r.nodes_launched},
                    {"ended", r.nodes_ended}};
    out["workloads"] = workloads(r);
    if (!r.revisions.empty()) out["revisions"] = revisions(r);
    for (const LimitResult& l : r.limits) out["limits"].push_back({{"name", l.name}, {"binding_share", l.share}});
    out["expectations"] = expectations(column);
    out["trace_hash"] = hash_hex(r.trace_hash);
    out["estimates"] = estimates(column);
    out["replications"] = replications(column);
  }
  Json objects = Json::object();
  for (const auto& [kind, count] : column.objects) objects[kind] = count;
  out["objects"] = std::move(objects);
  for (const auto& [what, name] : column.dns_names) out["dns_names"][what] = name;
  out["remarks"] = column.remarks;
  out["low_confidence_prices"] = column.low_confidence;
  return out;
}

}  // namespace

std::string hash_hex(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

std::string utc_text(std::int64_t seconds) {
  using namespace std::chrono;
  const std::int64_t whole = seconds / 86'400 - (seconds % 86'400 < 0 ? 1 : 0), s = seconds - whole * 86'400;
  const year_month_day day{sys_days{days{whole}}};
  return fmt::format("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), s / 3600, s / 60 % 60,
                     s % 60);
}

std::string summary_json(const Comparison& c) {
  Json platforms = Json::object();
  for (const ColumnResult& column : c.columns) platforms[column.name] = platform(column);
  const Json out = {{"format_version", kFormatVersion},
                    {"plimsoll_version", c.version},
                    {"scenario", c.scenario},
                    {"load", c.load},
                    {"region", c.region},
                    {"prices_as_of", c.as_of},
                    {"currency", "USD"},
                    {"seed", c.seed},
                    {"window_starts", utc_text(c.calendar)},
                    {"window_s", c.window_s},
                    {"warmup_s", c.warmup_s},
                    {"replications_wanted", c.replications_wanted},
                    {"interrupted", c.interrupted},
                    {"sizes_matched", c.sizes_matched},
                    {"assumed", c.assumed},
                    {"remarks", c.remarks},
                    {"platforms", std::move(platforms)},
                    {"hash", hash_hex(c.hash)}};
  return out.dump(1) + "\n";
}

}  // namespace plimsoll::results
