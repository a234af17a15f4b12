#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/report/table.h"

namespace plimsoll::report {

/// What one thing was in the first result and is in the second; absent on one side: added or removed.
struct Change {
  std::string key, label;  ///< key: stable, for programs
  std::optional<double> before, after;
  Estimate difference;  ///< paired by replication; no interval below two pairs
  char symbol() const { return !before ? '+' : !after ? '-' : '~'; }
  double amount() const { return after.value_or(0) - before.value_or(0); }
  /// The 95 % interval covers zero. Without one nothing is said.
  bool is_noise() const;
  /// Of the first; none when that is nothing.
  std::optional<double> percent() const;
};

/// A promise that is kept in other replications than before.
struct PromiseChange {
  std::string text;
  std::int64_t broken_before = 0, broken_after = 0;  ///< replications
  std::int64_t replications_before = 0, replications_after = 0;
};

/// The first fact of replication 0 that differs; an absent side has ended.
struct FirstDifference {
  std::int64_t at_us = 0;  ///< of the earlier of the two
  std::optional<results::EventRow> before, after;
  std::size_t equal = 0;  ///< facts before it
};

/// One column of both results.
struct ColumnDiff {
  std::string name;        ///< as in the first result
  std::string other_name;  ///< as in the second, when the only columns of both were put together
  char symbol = '=';       ///< `=` the same in all that is told, `~` changed, `+` only in the second, `-` in the first
  std::string pod_word;
  Change total;               ///< USD a day
  std::vector<Change> lines;  ///< of the bill, USD a day; only those that changed
  std::size_t unchanged_lines = 0;
  std::vector<Change> figures;          ///< waiting, latency, evictions, nodes...; only those that changed
  std::vector<PromiseChange> promises;  ///< only those that changed
  std::optional<FirstDifference> first;
  std::int64_t window_start_us = 0;
};

/// A value of the scenario as it ran: its path, and its text on either side.
struct ScenarioChange {
  std::string path;
  std::optional<std::string> before, after;
};

struct Diff {
  std::string before_name, after_name;  ///< as the caller calls them
  const Comparison* before = nullptr;
  const Comparison* after = nullptr;
  std::vector<ScenarioChange> scenario;
  std::vector<ColumnDiff> columns;
  std::vector<std::string> remarks;  ///< why a difference may not come from the policy: other seed, window, prices
  std::string summary;               ///< one sentence
  /// The largest growth of a column's bill, percent; 0 when none grows.
  double largest_growth() const;
};

/// Compares two results column by column, by name; when both hold one column only, these two. Amounts are means over
/// replications, a day. Both must outlive the answer.
Diff diff(const Comparison& before, std::string before_name, const Comparison& after, std::string after_name);

/// "01:02:03.4" from the start of the counted window; "1d 01:02:03.4" after a day, "-00:10:00" in the warm-up.
std::string clock_text(std::int64_t us);

std::string render(const Diff& diff, Format format, const TerminalStyle& style);

}  // namespace plimsoll::report
