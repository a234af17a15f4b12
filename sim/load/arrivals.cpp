#include "sim/load/arrivals.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "sim/core/assert.h"
#include "sim/core/distributions.h"
#include "sim/core/math.h"
#include "sim/load/rate_series.h"

namespace plimsoll::load {

namespace {

/// What this thread drew last, step by step. The columns of one replication draw from the same streams, and nearly
/// always around the same expectations: each but the first finds its draws here. A draw depends on its stream, its step
/// and its expectation only, all of which are compared, so that nothing but the time it takes depends on this.
class DrawnSteps {
 public:
  struct Step {
    std::vector<std::int64_t> expected, totals;  ///< by stream
  };
  /// What is kept of that step; null when nothing is. A run from its first step on takes the place of the run before.
  Step* of(std::span<const Stream> streams, double extra_scv, std::uint64_t item) {
    if (!is_of(streams, extra_scv)) {
      if (item != 0) return nullptr;
      begin(streams, extra_scv);
    }
    if (item > drawn_ || (item + 1) * streams.size() > kMostDraws) return nullptr;
    if (item == drawn_) {
      if (steps_.size() == drawn_) steps_.emplace_back();
      steps_[drawn_].expected.assign(streams.size(), -1);
      steps_[drawn_].totals.resize(streams.size());
      ++drawn_;
    }
    return &steps_[item];
  }

 private:
  static constexpr std::size_t kMostDraws = 1u << 20;  ///< 16 MB

  bool is_of(std::span<const Stream> streams, double extra_scv) const {
    return extra_scv == extra_scv_ &&
           std::equal(streams.begin(), streams.end(), keys_.begin(), keys_.end(),
                      [](const Stream& s, std::uint64_t key) { return std::bit_cast<std::uint64_t>(s) == key; });
  }
  void begin(std::span<const Stream> streams, double extra_scv) {
    keys_.clear();
    for (const Stream& s : streams) keys_.push_back(std::bit_cast<std::uint64_t>(s));
    extra_scv_ = extra_scv;
    drawn_ = 0;
  }

  std::vector<std::uint64_t> keys_;  ///< of the streams
  double extra_scv_ = 0;
  std::vector<Step> steps_;  ///< those of this run, and behind them room that another took
  std::size_t drawn_ = 0;    ///< steps of this run
};

void draw_anew(std::span<const Stream> streams, std::uint64_t item, std::span<const std::int64_t> expected_micro,
               double extra_scv, std::span<std::int64_t> totals) {
  if (extra_scv > 0) {
    for (std::size_t i = 0; i < streams.size(); ++i)
      totals[i] = draw_step_arrivals(streams[i], item, expected_micro[i], extra_scv);
    return;
  }
  std::array<double, 64> uniform{};
  for (std::size_t first = 0; first < streams.size(); first += uniform.size()) {
    const std::size_t count = std::min(uniform.size(), streams.size() - first);
    for (std::size_t i = 0; i < count; ++i) uniform[i] = draw::open_uniform(streams[first + i], item, 0);
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t expected = expected_micro[first + i];
      PLIMSOLL_ASSERT(expected >= 0);
      totals[first + i] =
          expected == 0 ? 0 : draw::poisson_quantile(uniform[i], static_cast<double>(expected) * 1e-6) * kMicroRequests;
    }
  }
}

}  // namespace

std::int64_t draw_step_arrivals(const Stream& stream, std::uint64_t item, std::int64_t expected_micro,
                                double extra_scv) {
  PLIMSOLL_ASSERT(expected_micro >= 0);
  if (expected_micro == 0) return 0;
  double mean = static_cast<double>(expected_micro) * 1e-6;
  if (extra_scv > 0) {
    const double sigma2 = math::log1p(extra_scv);
    const double z = math::normal_quantile(draw::open_uniform(stream, item, 1));
    mean *= math::exp(__builtin_sqrt(sigma2) * z - 0.5 * sigma2);
  }
  return draw::poisson(stream, item, mean, 0) * kMicroRequests;
}

void draw_step_arrivals(std::span<const Stream> streams, std::uint64_t item,
                        std::span<const std::int64_t> expected_micro, double extra_scv,
                        std::span<std::int64_t> totals) {
  PLIMSOLL_ASSERT(streams.size() == expected_micro.size() && streams.size() == totals.size());
  thread_local DrawnSteps drawn;
  DrawnSteps::Step* const kept = drawn.of(streams, extra_scv, item);
  if (kept != nullptr && std::equal(expected_micro.begin(), expected_micro.end(), kept->expected.begin())) {
    std::copy(kept->totals.begin(), kept->totals.end(), totals.begin());
    return;
  }
  draw_anew(streams, item, expected_micro, extra_scv, totals);
  if (kept == nullptr) return;
  std::copy(expected_micro.begin(), expected_micro.end(), kept->expected.begin());
  std::copy(totals.begin(), totals.end(), kept->totals.begin());
}

void split_by_weight(std::int64_t total, std::span<const std::int64_t> weights, std::span<std::int64_t> parts) {
  PLIMSOLL_ASSERT(weights.size() == parts.size() && total >= 0);
  std::int64_t sum = 0;
  for (const std::int64_t weight : weights) sum += weight;
  std::int64_t running = 0;
  std::int64_t given = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    running += weights[i];
    const std::int64_t until = sum == 0 ? 0 : static_cast<std::int64_t>(static_cast<__int128>(total) * running / sum);
    parts[i] = until - given;
    given = until;
  }
}

}  // namespace plimsoll::load
