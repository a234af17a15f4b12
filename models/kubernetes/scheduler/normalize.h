#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace plimsoll::kubernetes {

/// Scales to 0..100 by the largest; reversed: 100 minus that. All zero stays 0 (reversed: all 100).
/// Source: pkg/scheduler/framework/plugins/helper/normalize_score.go (1.20.2 .. 1.34).
inline void normalize_by_maximum(std::span<std::int64_t> scores, bool reversed) {
  std::int64_t largest = 0;
  for (const std::int64_t s : scores) largest = std::max(largest, s);
  // Few different values on many nodes: the division is kept for the next equal one.
  std::int64_t last = -1, answer = 0;
  for (std::int64_t& s : scores) {
    if (s != last) {
      last = s;
      const std::int64_t scaled = largest == 0 ? 0 : 100 * s / largest;
      answer = reversed ? 100 - scaled : scaled;
    }
    s = answer;
  }
}

}  // namespace plimsoll::kubernetes
