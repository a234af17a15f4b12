#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace plimsoll::eks {

/// Places of a list are searched by blocks of so many.
inline constexpr std::size_t kSearchBlock = 64;

/// The first place at or after `at` and before `last` that has at least `need`; `last` when there is none. `most` has
/// the largest amount of each block, so that a block without such a place is jumped over.
inline std::size_t first_with(const std::vector<std::int64_t>& amounts, const std::vector<std::int64_t>& most,
                              std::size_t at, std::size_t last, std::int64_t need) {
  while (at < last) {
    const std::size_t next = (at / kSearchBlock + 1) * kSearchBlock;
    if (most[at / kSearchBlock] < need) {
      at = next;
      continue;
    }
    for (const std::size_t end = std::min(last, next); at < end; ++at) {
      if (amounts[at] >= need) return at;
    }
  }
  return last;
}

}  // namespace plimsoll::eks
