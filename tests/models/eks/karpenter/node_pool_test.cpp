#include "models/eks/karpenter/node_pool.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::karpenter {

TEST_CASE("pools are tried by weight, then by name backwards") {
  std::vector<NodePool> pools(4);
  pools[0].name = "a";
  pools[1].name = "b";
  pools[2].name = "c";
  pools[2].weight = 50;
  pools[3].name = "d";
  pools[3].weight = 10;
  CHECK(pools_by_weight(pools) == std::vector<std::size_t>{2, 3, 1, 0});
}

TEST_CASE("a pool expires its nodes after 30 days and disrupts a tenth at once unless it says otherwise") {
  const NodePool pool;
  CHECK(pool.expire_after == hours(720));
  CHECK(pool.consolidate_after == Duration{0});
  CHECK((pool.budgets.size() == 1 && pool.budgets[0].percent && pool.budgets[0].nodes == 10));
}

}  // namespace plimsoll::eks::karpenter
