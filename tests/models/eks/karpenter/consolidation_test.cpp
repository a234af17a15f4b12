#include "models/eks/karpenter/consolidation.h"

#include <doctest/doctest.h>

#include "models/eks/karpenter/candidates.h"
#include "tests/models/eks/karpenter/karpenter_bed.h"

namespace plimsoll::eks::karpenter {

namespace {

struct Case : test::KarpenterBed {
  DisruptionInput in;
  Case() { in.pods = &facts; }
  ConsolidationAnswer answer(std::vector<std::size_t> which) {
    std::vector<Candidate> list;
    for (const std::size_t n : which) {
      KeepReason reason = KeepReason::none;
      list.push_back(*make_candidate(view(), in, n, false, reason));
    }
    const PoolTemplates templates(view());
    return consolidate(view(), in, templates, list);
  }
};

}  // namespace

TEST_CASE("a node whose pods fit elsewhere is deleted, one that is too large is replaced by something cheaper") {
  Case c;
  c.place(c.add_claimed(3), test::shape_of(1500, 100));
  ConsolidationAnswer a = c.answer({0});
  REQUIRE(a.ok());
  REQUIRE(a.replacements.size() == 1);
  CHECK(a.replacements[0].types == std::vector<std::uint32_t>{0, 1, 2});
  c.add_claimed(1);
  a = c.answer({0});
  CHECK((a.ok() && a.replacements.empty()));
}

TEST_CASE("no replacement when nothing is cheaper or when two nodes would be needed") {
  Case c;
  c.place(c.add_claimed(0), test::shape_of(1500, 100));
  CHECK(c.answer({0}).reason == KeepReason::no_cheaper_replacement);
  c.place(c.add_claimed(3), test::shape_of(15'000, 100));
  c.place(c.add_claimed(3), test::shape_of(15'000, 100));
  CHECK(c.answer({1, 2}).reason == KeepReason::needs_several_nodes);
}

TEST_CASE("spot is replaced by spot only behind its gate and with fifteen cheaper types") {
  Case c;
  c.pools[0].requirements = {};
  c.place(c.add_claimed(3, 0, CapacityType::spot), test::shape_of(1500, 100));
  CHECK(c.answer({0}).reason == KeepReason::spot_to_spot_disabled);
  c.in.spot_to_spot_consolidation = true;
  CHECK(c.answer({0}).reason == KeepReason::spot_flexibility);
  // Two at once need no flexibility.
  c.place(c.add_claimed(3, 0, CapacityType::spot), test::shape_of(1500, 100));
  CHECK(c.answer({0, 1}).ok());
}

TEST_CASE("a replacement that may be spot or on demand is pinned to spot") {
  Case c;
  c.pools[0].requirements = {};
  c.place(c.add_claimed(3), test::shape_of(1500, 100));
  const ConsolidationAnswer a = c.answer({0});
  REQUIRE(a.replacements.size() == 1);
  CHECK(a.replacements[0].requirements.find(c.known.capacity_type)->values == std::vector<NameId>{c.known.spot});
}

TEST_CASE("several nodes are not turned into one of their own types unless it is cheaper") {
  Case c;
  c.add_claimed(0);
  c.add_claimed(1);
  std::vector<Candidate> list(2);
  list[0].node = 0;
  list[0].price = 0.1;
  list[1].node = 1;
  list[1].price = 0.2;
  PlannedClaim claim;
  claim.requirements.add(KeyRequirement::in(c.known.capacity_type, c.known.on_demand), c.names);
  claim.types = {0, 1};
  CHECK_FALSE(drop_same_types(c.view(), list, claim));  // s costs 0.1 itself
  claim.types = {1, 2};
  CHECK_FALSE(drop_same_types(c.view(), list, claim));
  claim.types = {2};
  CHECK(drop_same_types(c.view(), list, claim));
}

}  // namespace plimsoll::eks::karpenter
