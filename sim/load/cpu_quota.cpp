#include "sim/load/cpu_quota.h"

#include <algorithm>

#include "sim/core/assert.h"

namespace plimsoll::load {

QuotaResult simulate_quota(const QuotaRun& run) {
  PLIMSOLL_ASSERT(run.work_ns > 0 && run.threads > 0 && run.quota_ns > 0 && run.period_ns > 0 && run.cores > 0);
  QuotaResult result;
  result.speed = std::min(run.threads, run.cores);
  std::int64_t left = run.work_ns;
  std::int64_t clock = 0;  // 1 / speed nanoseconds
  while (true) {
    ++result.periods_used;
    const std::int64_t fits = run.period_ns * result.speed;  // CPU time that a whole period has
    const std::int64_t runs = std::min({left, run.quota_ns, fits});
    left -= runs;
    if (left == 0) {
      result.end_numerator = clock + runs;
      return result;
    }
    if (runs == run.quota_ns && run.quota_ns < fits) ++result.throttled_periods;
    clock += fits;
  }
}

}  // namespace plimsoll::load
