#include "models/eks/karpenter/relaxation.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::karpenter {

TEST_CASE("preferences go one at a time in their order") {
  PodShape s;
  s.node_required = std::vector<NodeSelectorTerm>(2);
  s.pod_preferred.resize(1);
  s.anti_preferred.resize(1);
  s.node_preferred = {{10, {}}, {90, {}}};
  TopologySpreadConstraint soft;
  soft.when = WhenUnsatisfiable::schedule_anyway;
  s.spread = {TopologySpreadConstraint{}, soft};
  auto next = relaxed(s, true);
  CHECK(next->node_required->size() == 1);
  next = relaxed(*next, true);
  CHECK(next->pod_preferred.empty());
  next = relaxed(*next, true);
  CHECK(next->anti_preferred.empty());
  next = relaxed(*next, true);
  REQUIRE(next->node_preferred.size() == 1);
  CHECK(next->node_preferred[0].weight == 10);
  next = relaxed(*next, true);
  CHECK(next->node_preferred.empty());
  next = relaxed(*next, true);
  CHECK(next->spread.size() == 1);
  next = relaxed(*next, true);
  CHECK(next->tolerations.size() == 1);
  CHECK_FALSE(relaxed(*next, true));
  CHECK_FALSE(relaxed(PodShape{}, false));
}

}  // namespace plimsoll::eks::karpenter
