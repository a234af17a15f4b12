#include "models/eks/cluster_autoscaler/equivalence.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::ca {

TEST_CASE("pods of one controller and one specification form a group, pods without a controller stand alone") {
  const WorkloadId a{0}, b{1};
  const ShapeId s{0}, t{1};
  const std::vector<PendingPod> pods{{PodId{0}, s, a}, {PodId{1}, s, b},  {PodId{2}, s, a},
                                     {PodId{3}, t, a}, {PodId{4}, s, {}}, {PodId{5}, s, {}}};
  const auto groups = equivalence_groups(pods);
  REQUIRE(groups.size() == 5);
  CHECK(groups[0].pods == std::vector<PodId>{PodId{0}, PodId{2}});
  CHECK(groups[1].pods == std::vector<PodId>{PodId{1}});
  CHECK(groups[2].shape == t);
}

TEST_CASE("a controller has at most ten groups") {
  std::vector<PendingPod> pods;
  for (int i = 0; i < 12; ++i) {
    for (int k = 0; k < 2; ++k) pods.push_back({PodId{pods.size()}, ShapeId{i}, WorkloadId{0}});
  }
  // Ten groups of two, and the four pods of the last two shapes alone.
  CHECK(equivalence_groups(pods).size() == 14);
}

}  // namespace plimsoll::eks::ca
