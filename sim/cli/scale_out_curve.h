#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"
#include "sim/results/run_result.h"

namespace plimsoll::cli {

/// Containers running over time, as somebody measured it: strictly increasing times in seconds since the desired count
/// was raised. Between two rows the curve is a straight line.
struct MeasuredCurve {
  std::vector<double> at_s;
  std::vector<double> running;

  /// When the curve first reaches `count`; none when it never does.
  std::optional<double> reaches(double count) const;
};

/// One column of a CSV file whose first column is `time_s`. Empty cells end the curve. Faults (no such column, a cell
/// that is not a number, times out of order) go to `diagnostics` with the row, and the result is absent.
std::optional<MeasuredCurve> read_measured(const std::string& path, const std::string& column, const document::Node& at,
                                           document::Diagnostics& diagnostics);

/// Microseconds after the window's start at which that many application pods run for the first time (started and not
/// asked to stop); none when they never do. Pods of the platform itself do not count.
std::optional<std::int64_t> simulated_time(const results::RunResult& run, std::int64_t count);

}  // namespace plimsoll::cli
