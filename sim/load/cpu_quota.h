#pragma once

#include <cstdint>

namespace plimsoll::load {

/// One burst of CPU work in a container with a CFS quota, alone on its node.
struct QuotaRun {
  std::int64_t work_ns = 0;  ///< CPU time wanted, spread over the threads
  std::int64_t threads = 1;
  std::int64_t quota_ns = 0;  ///< CPU time a period
  std::int64_t period_ns = 100'000'000;
  std::int64_t cores = 1;  ///< of the node
};

struct QuotaResult {
  /// Time to the end is end_numerator / speed nanoseconds, exact; speed = min(threads, cores).
  std::int64_t end_numerator = 0;
  std::int64_t speed = 1;
  std::int64_t throttled_periods = 0;  ///< periods in which work was left when the quota was used up
  std::int64_t periods_used = 0;       ///< periods in which it ran

  double end_ms() const { return static_cast<double>(end_numerator) / static_cast<double>(speed) * 1e-6; }
};

/// Runs the burst period by period from a period's start: full speed until the quota is used, then a stop until the
/// next refill; no carry-over and no burst credit. Real kernels hand the quota out in slices of 5 ms a CPU, which this
/// leaves out. Source: Linux kernel documentation, scheduler/sched-bwc. @pre all positive.
QuotaResult simulate_quota(const QuotaRun& run);

}  // namespace plimsoll::load
