#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "sim/core/statistics.h"

namespace plimsoll::results {

/// A mean over replications and the half width of its 95 % confidence interval (Student's t).
struct Estimate {
  double mean = 0;
  double half_width = std::numeric_limits<double>::infinity();  ///< infinite below two values
  std::int64_t count = 0;

  bool empty() const { return count == 0; }
  bool has_interval() const { return count >= 2; }
};

inline Estimate estimate(std::span<const double> values) {
  Welford w;
  for (const double v : values) w.add(v);
  return {w.mean(), half_width95(w), static_cast<std::int64_t>(w.count())};
}

}  // namespace plimsoll::results
