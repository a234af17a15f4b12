#include "sim/report/standing.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace plimsoll::report {

namespace {

using results::RunResult;
using results::WorkloadResult;

constexpr double kWorthSaying = 0.01;  // of the span

/// Keeps running and answers requests, or would.
bool is_service(const WorkloadResult& w) { return !w.system && !w.runs_to_completion; }

/// What is wrong in one replication; empty when it serves.
std::string not_serving_in(const RunResult& run) {
  std::string names;
  bool any = false, runs = false;
  for (const WorkloadResult& w : run.workloads) {
    if (!is_service(w)) continue;
    any = true;
    runs = runs || w.replicas_peak > 0;
    if (w.served == 0 && w.lost > 0) names += (names.empty() ? "" : ", ") + w.name;
  }
  if (!names.empty()) return "serves no request of " + names;
  return any && !runs && run.unfinished > 0 ? "no application ever found a place" : "";
}

}  // namespace

std::string not_serving(const results::ColumnResult& column) {
  std::vector<std::pair<std::string, std::size_t>> reasons;
  std::size_t bad = 0;
  for (const RunResult& run : column.replications) {
    const std::string reason = not_serving_in(run);
    if (reason.empty()) continue;
    ++bad;
    const auto at = std::find_if(reasons.begin(), reasons.end(), [&](const auto& r) { return r.first == reason; });
    at == reasons.end() ? (void)reasons.emplace_back(reason, 1) : (void)++at->second;
  }
  if (2 * bad <= column.replications.size()) return {};
  return std::max_element(reasons.begin(), reasons.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

std::vector<std::string> binding_limits(const results::ColumnResult& column) {
  std::vector<std::string> out;
  if (column.replications.empty()) return out;
  for (const WorkloadResult& first : column.replications.front().workloads) {
    if (first.system) continue;
    double share = 0;
    for (const RunResult& run : column.replications) {
      for (const WorkloadResult& w : run.workloads) {
        if (w.name == first.name) share += w.at_maximum_share / static_cast<double>(column.replications.size());
      }
    }
    if (share > kWorthSaying)
      out.push_back(fmt::format("the maximum of {} binds for {:.1f} % of the span", first.name, 100 * share));
  }
  std::vector<results::LimitResult> others;  // in order of first sight: a limit may bind in one replication only
  for (const RunResult& run : column.replications) {
    for (const results::LimitResult& l : run.limits) {
      auto at = std::find_if(others.begin(), others.end(), [&](const auto& o) { return o.name == l.name; });
      if (at == others.end()) {
        others.push_back({l.name, 0});
        at = others.end() - 1;
      }
      at->share += l.share / static_cast<double>(column.replications.size());
    }
  }
  for (const results::LimitResult& l : others) {
    if (l.share > kWorthSaying) out.push_back(fmt::format("{} binds for {:.1f} % of the span", l.name, 100 * l.share));
  }
  return out;
}

}  // namespace plimsoll::report
