#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plimsoll::ecs {

/// Keeps the candidates with the smallest key, in order, in one pass. @pre not empty.
template <class Key>
void keep_smallest(std::vector<std::uint32_t>& candidates, Key&& key) {
  auto best = key(candidates[0]);
  std::uint32_t* const list = candidates.data();
  const std::size_t count = candidates.size();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t c = list[i];
    const auto k = key(c);
    if (k < best) {  // what was kept so far is worse; rare after the first few
      best = k;
      kept = 0;
    }
    list[kept] = c;
    kept += k == best ? 1 : 0;
  }
  candidates.resize(kept);
}

}  // namespace plimsoll::ecs
