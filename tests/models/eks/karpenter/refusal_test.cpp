#include "models/eks/karpenter/refusal.h"

#include <doctest/doctest.h>

#include "tests/models/eks/karpenter/karpenter_bed.h"

namespace plimsoll::eks::karpenter {

namespace {

/// The words of each pool, one after the other.
std::vector<std::string> refused(test::KarpenterBed& bed, const PodShape& shape,
                                 const std::vector<PlannedClaim>& planned = {}) {
  const Cluster cluster = bed.view();
  const PoolTemplates templates(cluster);
  std::vector<std::string> out;
  for (const PoolRefusal& r : pool_refusals(cluster, templates, bed.shapes.intern(shape), planned))
    out.push_back(bed.pools[r.pool].name + ": " + r.why);
  return out;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a pool says first what stands in the way, as Karpenter's event words it") {
  test::KarpenterBed bed;
  PodShape pod = test::shape_of(500, 100);
  CHECK(refused(bed, pod).empty());

  SUBCASE("a label that no pool defines") {
    pod.node_selector.emplace_back(bed.name("disk"), bed.name("ssd"));
    CHECK(refused(bed, pod) == Words{"default: incompatible requirements, label \"disk\" does not have known values"});
  }
  SUBCASE("the last part of a well-known label") {
    pod.node_selector.emplace_back(bed.name("zone"), bed.name("z1"));
    CHECK(refused(bed, pod) == Words{"default: incompatible requirements, label \"zone\" does not have known values "
                                     "(typo of \"topology.kubernetes.io/zone\"?)"});
  }
  SUBCASE("a value that the pool does not give") {
    bed.pools[0].labels.set(bed.name("team"), bed.name("a"));
    pod.node_selector.emplace_back(bed.name("team"), bed.name("b"));
    CHECK(refused(bed, pod) == Words{"default: incompatible requirements, key team, team In [b] not in team In [a]"});
  }
  SUBCASE("a taint") {
    bed.pools[0].taints.push_back({bed.name("team"), bed.name("x"), TaintEffect::no_schedule});
    CHECK(refused(bed, pod) == Words{"default: did not tolerate taint (taint=team=x:NoSchedule)"});
  }
  SUBCASE("limits, before anything else") {
    bed.pools[0].taints.push_back({bed.name("team"), bed.name("x"), TaintEffect::no_schedule});
    bed.pools[0].cpu_limit = cpu_cores(1);  // the smallest type has 2
    CHECK(refused(bed, pod) == Words{"default: all available instance types exceed limits"});
    bed.pools[0].cpu_limit.reset();
    bed.pools[0].node_limit = 0;
    CHECK(refused(bed, pod) == Words{"default: node limits have been exhausted"});
  }
  SUBCASE("too large for every type") {
    CHECK(refused(bed, test::shape_of(100'000, 100)) ==
          Words{"default: no instance type has enough resources, resources={\"cpu\":\"100\",\"memory\":\"100Mi\","
                "\"pods\":\"1\"}"});
  }
  SUBCASE("a zone that is not there: neither labels nor offers") {
    pod.node_selector.emplace_back(bed.known.zone, bed.name("z9"));
    REQUIRE(refused(bed, pod).size() == 1);
    CHECK(refused(bed, pod)[0].starts_with(
        "default: no instance type met the scheduling requirements or had a required offering, resources="));
  }
  SUBCASE("a preference is no reason") {
    PreferredNodeTerm wish;
    wish.term.expressions.push_back({bed.known.zone, SelectorOp::in, {bed.name("z9")}, 0});
    pod.node_preferred.push_back(wish);
    CHECK(refused(bed, pod).empty());
  }
}

TEST_CASE("nodes and planned claims use limits up") {
  test::KarpenterBed bed;
  bed.pools[0].cpu_limit = cpu_cores(20);
  bed.add_claimed(3);  // 16 of the 20 cores: s and m are left
  CHECK(refused(bed, test::shape_of(1500, 100)).empty());
  CHECK(refused(bed, test::shape_of(7000, 100)).size() == 1);
  PlannedClaim claim;
  claim.types = {1};  // 4 cores: nothing is left
  CHECK(refused(bed, test::shape_of(1500, 100), {claim}) ==
        Words{"default: all available instance types exceed limits"});
}

TEST_CASE("every pool has its say, the heaviest first") {
  test::KarpenterBed bed;
  bed.add_pool("heavy", {bed.known.spot}).weight = 10;
  bed.pools[1].taints.push_back({bed.name("spot"), {}, TaintEffect::no_schedule});
  PodShape pod = test::shape_of(500, 100);
  pod.node_selector.emplace_back(bed.name("disk"), bed.name("ssd"));
  CHECK(refused(bed, pod) == Words{"heavy: did not tolerate taint (taint=spot:NoSchedule)",
                                   "default: incompatible requirements, label \"disk\" does not have known values"});
}

TEST_CASE("requirements as Karpenter prints them") {
  test::KarpenterBed bed;
  const auto text = [&](SelectorOp op, std::vector<NameId> values, std::int64_t number) {
    return requirement_text(KeyRequirement::of({bed.name("k"), op, std::move(values), number}), bed.names);
  };
  std::vector<NameId> many;
  for (const char* v : {"g", "f", "e", "d", "c", "b", "a"}) many.push_back(bed.name(v));
  CHECK(text(SelectorOp::in, many, 0) == "k In [a b c d e and 2 others]");
  CHECK(text(SelectorOp::not_in, {many[0]}, 0) == "k NotIn [g]");
  CHECK(text(SelectorOp::exists, {}, 0) == "k Exists");
  CHECK(text(SelectorOp::does_not_exist, {}, 0) == "k DoesNotExist");
  CHECK(text(SelectorOp::gt, {}, 3) == "k Exists >3");
}

}  // namespace plimsoll::eks::karpenter
