#pragma once

#include <string>

#include "sim/results/run_result.h"

namespace plimsoll::results {

/// Version of summary.json, of the JSON that `-o json` prints and of result.sqlite. Readers accept what they do not
/// know within one major version and refuse a higher one.
inline constexpr int kFormatMajor = 1;
inline constexpr char kFormatVersion[] = "1.0";

/// summary.json: what one run directory says, for programs. `platforms` is an object by column name. `cost.total_usd`
/// and `cost.lines` are the exact bill of replication 0, the one that events.csv, series.csv and costs.focus.csv tell
/// in full; figures over all replications stand in `estimates` as {mean, half_width} (95 %, null below two
/// replications). `requests_lost` found no place or waited too long, `requests_failed` were served but with an error
/// (the application's own, or a call that it made was lost or failed); `requests_failed_share` counts both. Money that
/// is exact is a decimal string of dollars; a period or unit is part of each key. `window_starts` is
/// the scenario's `calendar`; no other dates, no paths.
std::string summary_json(const Comparison& comparison);

/// A 64-bit hash as sixteen hexadecimal digits.
std::string hash_hex(std::uint64_t hash);

/// Unix seconds as "2026-01-05T00:00:00Z".
std::string utc_text(std::int64_t seconds);

}  // namespace plimsoll::results
