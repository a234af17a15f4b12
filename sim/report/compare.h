#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/results/estimate.h"
#include "sim/results/run_result.h"

namespace plimsoll::report {

using results::Comparison;
using results::Estimate;

/// What a column costs more than the cheapest one. Replications share their random numbers, so differences are taken
/// pair by pair (same replication of both) and their half width is that of the mean difference.
struct Difference {
  Estimate per_day;          ///< USD a day; empty when there is nothing to compare with
  double percent = 0;        ///< of the cheapest column's mean
  bool significant = false;  ///< the 95 % interval exists and does not cover 0
};

/// An expectation that a column broke, and in how many replications.
struct BrokenPromise {
  std::string text, measured;    ///< measured: in the first replication that broke it
  std::int64_t replication = 0;  ///< that one
  std::int64_t broken_in = 0, replications = 0;
  /// "in 3 of 10 (replication 2: p99 612 ms)": one replication's figure is never taken for the mean of all.
  std::string outcome() const;
};

/// Numbers of one column over its replications. Percentages are 0 to 100.
struct ColumnFigures {
  std::string name, type, pod_word;
  std::int64_t replications = 0;
  Estimate usd_per_hour, usd_per_day, choice_usd_per_day, same_usd_per_day;
  Estimate usd_per_1000;                  ///< per 1,000 requests served without an error; empty without traffic
  std::optional<Estimate> usd_per_month;  ///< 730 hours; only when the window is at least seven days
  Estimate pending_p50_s, pending_p99_s;  ///< application pods, created to started; empty when none was created
  /// Empty without traffic. Lost: found no place in the entry, or waited too long. Failed: these, and those that were
  /// answered with an error.
  Estimate latency_p50_ms, latency_p99_ms, lost_percent, failed_percent;
  Estimate evictions, interruptions, unfinished, launches_refused;
  Estimate rollouts, rollouts_failed, container_failures, nodes_lost;
  /// Of work that runs to completion; empty when there is none.
  Estimate jobs_completed, jobs_failed, starts_missed;
  Estimate cpu_requested_percent, cpu_used_percent, memory_requested_percent,
      memory_used_percent;  ///< of what is bought
  Estimate nodes_peak, nodes_low, nodes_mean;
  bool broken = false;                  ///< some expectation broken in most replications: listed, never ranked
  std::vector<std::string> limits;      ///< maxima that bind for over a hundredth of the span
  std::string not_serving;              ///< why it serves nothing, then never ranked either; else empty
  std::vector<BrokenPromise> promises;  ///< every expectation broken at least once
  bool reference = false;               ///< the cheapest of the columns that are ranked
  bool ranked() const { return !broken && not_serving.empty() && replications > 0; }
  Difference whole, choice;  ///< against the reference: the whole bill, the block that the choice changes
};

struct Figures {
  std::vector<ColumnFigures> columns;    ///< in the order of the scenario
  std::vector<std::size_t> order;        ///< ranked ones by mean cost, then the others by mean cost
  std::optional<std::size_t> reference;  ///< none when no column is ranked
  /// The reference, when it is cheaper than each other ranked column beyond doubt and every column has run.
  std::optional<std::size_t> winner;
  std::vector<std::size_t> tied;  ///< ranked columns whose difference to the reference is not significant
  std::int64_t ranked = 0;
};

/// Pure statistics: same comparison in, same figures out. Columns without a finished replication have empty estimates
/// and are not ranked.
Figures figures(const Comparison& comparison);

/// The verdict in one sentence, and what it rests on in another.
struct Verdict {
  std::string headline, detail;
};
/// How far an interrupted comparison came, a sentence; empty when it came to its end.
std::string interruption(const results::Comparison& comparison);

Verdict verdict(const Comparison& comparison, const Figures& figures);

}  // namespace plimsoll::report
