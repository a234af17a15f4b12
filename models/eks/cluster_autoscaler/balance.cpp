#include "models/eks/cluster_autoscaler/balance.h"

#include <algorithm>
#include <utility>

namespace plimsoll::eks::ca {

std::vector<Resize> balance(std::span<const BalanceGroup> groups, std::int64_t new_nodes) {
  struct Share {
    Resize size;
    std::int64_t maximum;
  };
  std::vector<Share> shares;
  std::int64_t room = 0;
  for (const BalanceGroup& g : groups) {
    if (g.target >= g.maximum) continue;
    shares.push_back({{g.index, g.target, g.target}, g.maximum});
    room += g.maximum - g.target;
  }
  std::stable_sort(shares.begin(), shares.end(),
                   [](const Share& a, const Share& b) { return a.size.current < b.size.current; });

  // Positions [first, size) still have room; those from `first` up to the cursor are level.
  std::size_t first = 0, cursor = 0;
  for (std::int64_t left = std::min(new_nodes, room); left > 0;) {
    Share& here = shares[cursor];
    if (here.size.wanted < here.maximum) {
      ++here.size.wanted;
      --left;
    } else {
      std::swap(shares[first], shares[cursor]);
      ++first;
    }
    const bool next_is_smaller = cursor + 1 < shares.size() && here.size.wanted > shares[cursor + 1].size.wanted;
    cursor = next_is_smaller ? cursor + 1 : first;
  }

  std::vector<Resize> out;
  for (const Share& s : shares) {
    if (s.size.wanted != s.size.current) out.push_back(s.size);
  }
  return out;
}

}  // namespace plimsoll::eks::ca
