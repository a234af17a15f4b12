#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/load/rate_series.h"

namespace plimsoll::workload {

/// How to read a table of rates.
struct TraceOptions {
  /// Name of the time column; empty: the first of t_s, time, timestamp, ts, date, or the first column.
  /// Understood are seconds from any origin, Unix seconds, milliseconds, microseconds or nanoseconds (told by size),
  /// and ISO 8601 "2024-05-01T12:00:00Z", also with a blank, slashes, a fraction or an offset. Times become relative to
  /// the first row.
  std::string time_column;
  /// Name of the value column; empty: the first of rate_rps, value, sum, or the only other column.
  std::string value_column;
  /// The values are counts per period (CloudWatch's Sum of RequestCount), not requests per second.
  bool value_is_count = false;
  /// A step between rows that differs from the usual one is an error (a gap); with this the last value goes on.
  bool fill_gaps = false;
};

/// What is wrong with a trace: `row` is the line of the file, the header being line 1; 0 for the file as a whole.
struct TraceFault {
  std::int64_t row = 0;
  std::string message;
};

/// "FILE:ROW: error: message".
std::string to_string(const std::string& path, const TraceFault& fault);

struct TraceResult {
  load::RateSeries series;         ///< empty when there are faults
  std::vector<TraceFault> faults;  ///< at most 20, then one that counts the rest
  std::string value_column{};      ///< the name that the header has for what was read
  bool ok() const { return faults.empty(); }
};

/// Reads a request-rate series from a CSV file, plain or gzip (told by its content), with one header line; lines before
/// it that start with # are skipped. Separator comma, semicolon or tab; quoted fields; LF or CRLF.
/// Faults: unreadable or truncated file, unknown column, not a number, negative rate, empty cell, time not after the
/// one before, a gap (time step other than the first step), fewer than two rows.
TraceResult read_trace(const std::string& path, const TraceOptions& options = {});

/// The same on text already in memory.
TraceResult parse_trace(std::string_view text, const TraceOptions& options = {});

}  // namespace plimsoll::workload
