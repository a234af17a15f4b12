#include "sim/cli/scale_out_curve.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "sim/core/text.h"
#include "sim/document/loader.h"

namespace plimsoll::cli {

namespace {

constexpr std::size_t kLargestCsv = std::size_t{16} << 20;

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t comma = line.find(',');
    out.push_back(trim(line.substr(0, comma)));
    if (comma == std::string_view::npos) return out;
    line.remove_prefix(comma + 1);
  }
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> MeasuredCurve::reaches(double count) const {
  for (std::size_t i = 0; i < running.size(); ++i) {
    if (running[i] < count) continue;
    if (i == 0 || running[i] == running[i - 1]) return at_s[i];
    const double share = (count - running[i - 1]) / (running[i] - running[i - 1]);
    return at_s[i - 1] + share * (at_s[i] - at_s[i - 1]);
  }
  return std::nullopt;
}

std::optional<MeasuredCurve> read_measured(const std::string& path, const std::string& column, const document::Node& at,
                                           document::Diagnostics& diagnostics) {
  std::string text;
  if (!document::read_whole_file(path, kLargestCsv, text, diagnostics)) return std::nullopt;
  MeasuredCurve out;
  std::size_t index = 0, row = 0;
  bool ended = false;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t newline = rest.find('\n');
    const std::string_view line = trim(rest.substr(0, newline));
    rest = newline == std::string_view::npos ? std::string_view{} : rest.substr(newline + 1);
    ++row;
    if (line.empty()) continue;
    const std::vector<std::string_view> cells = split(line);
    if (row == 1) {
      const auto found = std::find(cells.begin(), cells.end(), column);
      if (found == cells.end() || cells[0] != "time_s") {
        const std::string near = nearest(column, cells);
        diagnostics.error(at, path + " has no column '" + column + "' beside time_s",
                          near.empty() ? "" : "did you mean '" + near + "'?");
        return std::nullopt;
      }
      index = static_cast<std::size_t>(found - cells.begin());
      continue;
    }
    if (index >= cells.size() || cells[index].empty()) {
      ended = true;
      continue;
    }
    const auto time = number(cells[0]);
    const auto count = number(cells[index]);
    const std::string where = path + " row " + std::to_string(row) + ": ";
    if (!time || !count || *count < 0) {
      diagnostics.error(at, where + "not a number of containers at a time in seconds");
      return std::nullopt;
    }
    if (ended || (!out.at_s.empty() && *time <= out.at_s.back())) {
      diagnostics.error(at, where + (ended ? "a gap before it" : "its time is not after that of the row before"));
      return std::nullopt;
    }
    out.at_s.push_back(*time);
    out.running.push_back(*count);
  }
  if (out.at_s.size() < 2) {
    diagnostics.error(at, path + " holds fewer than two rows of '" + column + "'");
    return std::nullopt;
  }
  return out;
}

std::optional<std::int64_t> simulated_time(const results::RunResult& run, std::int64_t count) {
  std::set<std::string, std::less<>> applications;
  for (const results::WorkloadResult& w : run.workloads) {
    if (!w.system) applications.insert(w.name);
  }
  std::set<std::string, std::less<>> running;  // by name: what ends without having started must not be subtracted
  for (const results::EventRow& event : run.events) {
    if (!applications.contains(event.workload)) continue;
    if (event.fact == "pod_started") {
      running.insert(event.pod);
    } else if (event.fact == "pod_stopping" || event.fact == "pod_ended") {
      running.erase(event.pod);
    } else {
      continue;
    }
    if (event.at_us >= run.window_start_us && static_cast<std::int64_t>(running.size()) >= count)
      return event.at_us - run.window_start_us;
  }
  return std::nullopt;
}

}  // namespace plimsoll::cli
