#include "models/eks/karpenter/disruption.h"

#include <doctest/doctest.h>

#include "sim/core/random.h"
#include "tests/models/eks/karpenter/karpenter_bed.h"

namespace plimsoll::eks::karpenter {

namespace {

struct Case : test::KarpenterBed {
  DisruptionInput in;
  DisruptionState state;
  Case() {
    in.pods = &facts;
    in.now = kTimeZero + hours(1);
  }
  DisruptionDecision plan() { return plan_disruption(view(), in, state); }
};

}  // namespace

TEST_CASE("empty nodes go first, as many as the budget allows") {
  Case c;
  for (int i = 0; i < 4; ++i) c.add_claimed(1);
  c.place(0, test::shape_of(1500, 100));
  DisruptionDecision d = c.plan();
  REQUIRE(d.command);
  CHECK(d.command->method == Method::emptiness);
  CHECK(d.command->nodes.size() == 3);
  c.pools[0].budgets = {Budget{}};  // 10 % of four: one
  d = c.plan();
  REQUIRE(d.command);
  CHECK(d.command->nodes.size() == 1);
  c.nodes[3].deleting = true;
  CHECK_FALSE(c.plan().command);
}

TEST_CASE("multi-node consolidation takes the longest prefix that one cheaper node can hold") {
  Case c;
  for (int i = 0; i < 3; ++i) c.place(c.add_claimed(1), test::shape_of(1800, 100));
  const DisruptionDecision d = c.plan();
  REQUIRE(d.command);
  CHECK(d.command->method == Method::multi_node);
  CHECK(d.command->nodes.size() == 3);
  REQUIRE(d.command->replacements.size() == 1);
  // Two of them work (one pod moves to the third node, s takes the other), so all three are tried: 0.6 $ against l
  // (0.4).
  CHECK(d.command->replacements[0].types == std::vector<std::uint32_t>{2});
  CHECK(is_still_valid(c.view(), c.in, *d.command));
  c.nodes[1].nominated = true;
  CHECK_FALSE(is_still_valid(c.view(), c.in, *d.command));
}

TEST_CASE("the binary search gives up when its first prefix fails, also where a longer one would do") {
  Case c;
  // Two nodes would need l (0.4 $) for their 5000m and save nothing; three would save 0.2 $.
  for (int i = 0; i < 3; ++i) c.place(c.add_claimed(1), test::shape_of(2500, 100));
  CHECK_FALSE(c.plan().command);
}

TEST_CASE("single-node consolidation is the last resort") {
  Case c;
  c.place(c.add_claimed(3), test::shape_of(1500, 100));
  const DisruptionDecision d = c.plan();
  REQUIRE(d.command);
  CHECK(d.command->method == Method::single_node);
  CHECK(d.command->replacements.size() == 1);
}

TEST_CASE("an unchanged consolidated cluster is not looked at again for five minutes") {
  Case c;
  c.place(c.add_claimed(0), test::shape_of(1500, 100));
  DisruptionDecision d = c.plan();
  CHECK_FALSE(d.command);
  REQUIRE(d.kept.size() == 1);
  CHECK(d.kept[0].second == KeepReason::no_cheaper_replacement);
  c.in.now += seconds(10);
  CHECK(c.plan().reused);
  c.in.now += minutes(5);
  CHECK_FALSE(c.plan().reused);
  c.add_claimed(0);
  CHECK(c.plan().command);
}

TEST_CASE("consolidateAfter, Never and WhenEmpty hold nodes") {
  Case c;
  c.place(c.add_claimed(3), test::shape_of(1500, 100));
  c.pools[0].consolidate_after = minutes(5);
  c.nodes[0].last_pod_event = c.in.now - minutes(4);
  CHECK_FALSE(c.plan().command);
  c.nodes[0].last_pod_event = c.in.now - minutes(5);
  CHECK(c.plan().command);
  c.pools[0].consolidation = ConsolidationPolicy::when_empty;
  CHECK_FALSE(c.plan().command);
  c.pools[0].consolidation = ConsolidationPolicy::when_empty_or_underutilized;
  c.pools[0].consolidate_after.reset();
  c.state = {};
  CHECK_FALSE(c.plan().command);
}

TEST_CASE("a drifted node is replaced even by a dearer one") {
  Case c;
  c.place(c.add_claimed(0), test::shape_of(1500, 100));
  c.nodes[0].drifted = true;
  const DisruptionDecision d = c.plan();
  REQUIRE(d.command);
  CHECK(d.command->method == Method::drift);
  CHECK(d.command->replacements.size() == 1);
}

TEST_CASE("a slow simulation runs into the timeouts") {
  Case c;
  for (int i = 0; i < 30; ++i) c.place(c.add_claimed(0), test::shape_of(1500, 3000));
  c.in.simulation_cost = seconds(50);
  const DisruptionDecision d = c.plan();
  CHECK_FALSE(d.command);
  std::size_t late = 0;
  for (const auto& [node, reason] : d.kept) late += reason == KeepReason::timed_out ? 1 : 0;
  CHECK(late > 20);
}

TEST_CASE("a command always saves money, respects budgets and leaves the snapshot as it was") {
  const Stream draw(21, std::uint64_t{8}, Purpose::tie_break);
  for (std::uint64_t trial = 0; trial < 60; ++trial) {
    Case c;
    c.pools[0].requirements = {};
    c.in.spot_to_spot_consolidation = true;
    c.pools[0].budgets[0].nodes = 50;
    const std::size_t count = 2 + draw.below(5, trial, 0);
    for (std::uint32_t n = 0; n < count; ++n) {
      const auto kind = draw.below(2, trial, 10 + n) == 0 ? CapacityType::spot : CapacityType::on_demand;
      const Row row = c.add_claimed(static_cast<std::uint32_t>(draw.below(4, trial, 20 + n)),
                                    static_cast<std::uint8_t>(draw.below(2, trial, 30 + n)), kind);
      for (std::uint32_t p = 0; p < 1 + draw.below(2, trial, 40 + n); ++p) {
        c.place(row, test::shape_of(100 + static_cast<std::int64_t>(draw.below(800, trial, 100 + n * 8 + p)), 200));
      }
    }
    const std::size_t pods = c.facts.list.size();
    const DisruptionDecision d = c.plan();
    CHECK(c.snapshot.live_rows() == count);
    std::size_t seen = 0;
    for (Row row = 0; row < count; ++row) seen += c.snapshot.pods(row).size();
    CHECK(seen == pods);
    if (!d.command) continue;
    CHECK(d.command->nodes.size() <= (count + 1) / 2);
    for (const PlannedClaim& claim : d.command->replacements) {
      const OfferingMask mask = c.types.mask(claim.requirements, c.known, c.names);
      for (const std::uint32_t t : claim.types) CHECK(c.types.worst_launch_price(t, mask) < d.command->price);
    }
    CHECK(is_still_valid(c.view(), c.in, *d.command));
  }
}

}  // namespace plimsoll::eks::karpenter
