#include "sim/load/arrivals.h"

#include <algorithm>
#include <array>

#include "sim/core/assert.h"
#include "sim/core/distributions.h"
#include "sim/core/math.h"
#include "sim/load/rate_series.h"

namespace plimsoll::load {

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
