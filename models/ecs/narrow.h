#pragma once

#include <cstdint>
#include <vector>

namespace plimsoll::ecs {

/// Keeps the candidates with the smallest key, in order. @pre not empty.
template <class Key>
void keep_smallest(std::vector<std::uint32_t>& candidates, Key&& key) {
  auto best = key(candidates[0]);
  for (const std::uint32_t c : candidates) {
    const auto k = key(c);
    if (k < best) best = k;
  }
  std::size_t kept = 0;
  for (const std::uint32_t c : candidates) {
    candidates[kept] = c;
    kept += key(c) == best ? 1 : 0;
  }
  candidates.resize(kept);
}

}  // namespace plimsoll::ecs
