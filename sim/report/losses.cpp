#include "sim/report/losses.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/report/text_table.h"

namespace plimsoll::report {

namespace {

/// From here on an application's losses are worth a sentence.
constexpr double kWorthSaying = 1;  // %

double part_of(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? 100 * static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::string share_text(double percent) {
  if (percent >= 99.995) return "all";
  return fmt::format("{:.{}f} %", percent, percent < 10 ? 2 : 1);
}

std::string share_cell(double percent) {
  if (percent == 0) return "0";
  return percent < 0.001 ? "< 0.001" : fmt::format("{:.{}f}", percent, percent < 1 ? 3 : percent < 99.95 ? 1 : 0);
}

/// Whole requests with commas.
std::string requests_text(std::int64_t micro) {
  std::string digits = std::to_string(micro / 1'000'000);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

}  // namespace

double ApplicationLosses::lost_percent() const { return part_of(lost, arrived); }
double ApplicationLosses::failed_percent() const { return part_of(lost + failed, arrived); }

std::vector<ApplicationLosses> losses(const results::ColumnResult& column) {
  std::vector<ApplicationLosses> out;
  for (const results::RunResult& run : column.replications) {
    for (const results::WorkloadResult& w : run.workloads) {
      if (w.system || w.arrived == 0) continue;
      auto at = std::find_if(out.begin(), out.end(), [&](const ApplicationLosses& a) { return a.name == w.name; });
      if (at == out.end()) {
        out.push_back({w.name});
        at = out.end() - 1;
      }
      at->arrived += w.arrived;
      at->served += w.served;
      at->lost += w.lost;
      at->failed += w.failed;
    }
  }
  return out;
}

std::string losses_remark(const results::ColumnResult& column) {
  std::vector<ApplicationLosses> worst = losses(column);
  std::erase_if(worst, [](const ApplicationLosses& a) { return a.lost_percent() < kWorthSaying; });
  std::stable_sort(worst.begin(), worst.end(), [](const ApplicationLosses& a, const ApplicationLosses& b) {
    return a.lost_percent() > b.lost_percent();
  });
  std::string text;
  for (std::size_t i = 0; i < worst.size(); ++i) {
    if (i > 0) text += i + 1 == worst.size() ? " and " : ", ";
    text += fmt::format("{} lost {} of its requests", worst[i].name, share_text(worst[i].lost_percent()));
  }
  std::int64_t arrived = 0, failed = 0;
  for (const results::RunResult& run : column.replications) {
    arrived += run.arrived;
    failed += run.failed;
  }
  if (!text.empty() && failed > 0)
    text +=
        fmt::format("; {} of the users' requests failed because a call failed", share_text(part_of(failed, arrived)));
  return text;
}

std::string render_losses(const results::ColumnResult& column, int width, bool colour) {
  const std::vector<ApplicationLosses> all = losses(column);
  if (std::none_of(all.begin(), all.end(), [](const ApplicationLosses& a) { return a.lost + a.failed > 0; })) return {};
  TextTable table;
  table.heads = {{"", "requests"}, {"", "arrived"}, {"", "lost %"}, {"failed", "with calls %"}};
  for (const ApplicationLosses& a : all) {
    TextTable::Row row;
    row.cells = {a.name, requests_text(a.arrived), share_cell(a.lost_percent()), share_cell(a.failed_percent())};
    table.rows.push_back(std::move(row));
  }
  return table.render(static_cast<std::size_t>(std::max(width, 60)), colour);
}

std::string render_revisions(const results::ColumnResult& column, int width, bool colour) {
  if (column.replications.empty() || column.replications.front().revisions.empty()) return {};
  TextTable table;
  table.heads = {{"under", "weights"}, {"", "requests"}, {"", "lost %"}, {"", "failed %"}, {"latency", "p50/p99 ms"}};
  for (const results::RevisionResult& v : column.replications.front().revisions) {
    TextTable::Row row;
    row.cells = {
        fmt::format("{}:{}", v.workload, v.revision), requests_text(v.arrived), share_cell(part_of(v.lost, v.arrived)),
        share_cell(part_of(v.lost + v.failed, v.arrived)),
        fmt::format("{:.1f}/{:.1f}", static_cast<double>(v.p50_us) * 1e-3, static_cast<double>(v.p99_us) * 1e-3)};
    table.rows.push_back(std::move(row));
  }
  return table.render(static_cast<std::size_t>(std::max(width, 60)), colour);
}

}  // namespace plimsoll::report
