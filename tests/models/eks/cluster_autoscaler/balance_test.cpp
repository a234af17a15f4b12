#include "models/eks/cluster_autoscaler/balance.h"

#include <doctest/doctest.h>

#include "sim/core/random.h"

namespace plimsoll::eks::ca {

TEST_CASE("the smallest groups grow first and full ones are left out") {
  const std::vector<BalanceGroup> groups{{0, 0, 3}, {1, 7, 9}, {2, 9, 16}};
  CHECK(balance(groups, 4) == std::vector<Resize>{{0, 0, 3}, {1, 7, 8}});
  CHECK(balance(groups, 100) == std::vector<Resize>{{0, 0, 3}, {1, 7, 9}, {2, 9, 16}});
  CHECK(balance(groups, 0).empty());
  const std::vector<BalanceGroup> full{{0, 3, 3}, {1, 5, 4}};
  CHECK(balance(full, 2).empty());
}

TEST_CASE("nodes are never lost and groups end as level as their limits allow") {
  const Stream draw(7, std::uint64_t{1}, Purpose::tie_break);
  for (std::uint64_t trial = 0; trial < 300; ++trial) {
    std::vector<BalanceGroup> groups;
    std::int64_t room = 0;
    const std::size_t n = 1 + draw.below(6, trial, 0);
    for (std::uint32_t i = 0; i < n; ++i) {
      const auto target = static_cast<std::int64_t>(draw.below(10, trial, 10 + i));
      const auto maximum = target + static_cast<std::int64_t>(draw.below(8, trial, 30 + i));
      groups.push_back({i, target, maximum});
      room += maximum - target;
    }
    const auto wanted = static_cast<std::int64_t>(draw.below(20, trial, 1));
    std::vector<std::int64_t> size;
    for (const BalanceGroup& g : groups) size.push_back(g.target);
    std::int64_t added = 0;
    for (const Resize& r : balance(groups, wanted)) {
      added += r.wanted - r.current;
      size[r.index] = r.wanted;
      CHECK(r.wanted <= groups[r.index].maximum);
    }
    CHECK(added == std::min(wanted, room));
    // A group that grew is at most one larger than any that still has room.
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = 0; b < n; ++b) {
        if (size[a] > groups[a].target && size[b] < groups[b].maximum) CHECK(size[a] <= size[b] + 1);
      }
    }
  }
}

}  // namespace plimsoll::eks::ca
