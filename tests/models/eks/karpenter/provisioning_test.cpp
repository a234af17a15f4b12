#include "models/eks/karpenter/provisioning.h"

#include <doctest/doctest.h>

#include "tests/models/eks/karpenter/karpenter_bed.h"

namespace plimsoll::eks::karpenter {

TEST_CASE("a batch closes after a quiet second or ten seconds") {
  const Time t = kTimeZero;
  CHECK(batch_closes(t, t, {}) == t + seconds(1));
  CHECK(batch_closes(t, t + seconds(8), {}) == t + seconds(9));
  CHECK(batch_closes(t, t + milliseconds(9'800), {}) == t + seconds(10));
  CHECK(nomination_window({}) == seconds(20));
}

TEST_CASE("pods of nodes that are being deleted are planned for too") {
  test::KarpenterBed bed;
  const Row row = bed.add_claimed(1);
  bed.place(row, test::shape_of(1000, 100));
  PodShape daemon = test::shape_of(100, 10);
  daemon.is_daemon = true;
  bed.place(row, daemon);
  bed.nodes[0].deleting = true;
  const ProvisioningPlan plan =
      plan_provisioning(bed.view(), {.pending = {}, .pods = &bed.facts, .templates = nullptr, .release = {}});
  REQUIRE(plan.claims.size() == 1);
  CHECK(plan.claims[0].pods.size() == 1);
  CHECK(bed.snapshot.pods(row).size() == 2);
  bed.nodes[0].deleting = false;
  CHECK(plan_provisioning(bed.view(), {.pending = {}, .pods = &bed.facts, .templates = nullptr, .release = {}})
            .claims.empty());
}

TEST_CASE("from 1.4 on nothing is planned for a pod that do-not-disrupt or its budget keeps on a node that is going") {
  test::KarpenterBed bed;
  const Row row = bed.add_claimed(1);
  bed.place(row, test::shape_of(1000, 100));
  bed.nodes[0].deleting = true;
  const auto claims = [&](Release release, Time now) {
    ProvisioningInput input;
    input.pods = &bed.facts;
    input.release = release;
    input.now = now;
    return plan_provisioning(bed.view(), input).claims.size();
  };
  CHECK(claims({1, 4}, kTimeZero) == 1);
  bed.facts.list[0].do_not_disrupt = true;
  CHECK(claims({1, 3}, kTimeZero) == 1);
  CHECK(claims({1, 4}, kTimeZero) == 0);
  CHECK(claims({1, 14}, kTimeZero) == 0);
  bed.facts.list[0].do_not_disrupt = false;
  bed.facts.list[0].fully_blocked = true;  // by a budget
  CHECK(claims({1, 3}, kTimeZero) == 1);
  CHECK(claims({1, 4}, kTimeZero) == 0);
  bed.facts.list[0].fully_blocked = false;
  // For a time: it goes when that is over.
  bed.facts.list[0].do_not_disrupt = false;
  bed.facts.list[0].do_not_disrupt_for = minutes(30);
  const Time start = bed.snapshot.pods(row).back().start;
  CHECK(claims({1, 14}, start + minutes(29)) == 0);
  CHECK(claims({1, 14}, start + minutes(30)) == 1);
}

TEST_CASE("a launch takes spot when it may and leaves dear offerings out") {
  test::KarpenterBed bed;
  bed.pools[0].requirements = {};
  bed.types.types[3].offerings[0].price = Rate{900'000'000'000};  // spot xl in z1 at 0.9 $: dearer than s on demand
  const auto pods = bed.pending_pods(test::shape_of(500, 100), 1);
  ProvisioningPlan plan =
      plan_provisioning(bed.view(), {.pending = pods, .pods = nullptr, .templates = nullptr, .release = {}});
  REQUIRE(plan.claims.size() == 1);
  LaunchRequest launch = launch_request(plan.claims[0], bed.view());
  CHECK(launch.capacity_type == CapacityType::spot);
  // On demand s costs 0.10 $: spot s (0.04) and m (0.08) are cheaper, l (0.16) is not.
  CHECK(launch.overrides.size() == 4);
  CHECK(launch.overrides.front().price == Rate{40'000'000'000});
  for (InstanceType& t : bed.types.types) {
    for (Offering& o : t.offerings) o.available = o.capacity_type == CapacityType::on_demand;
  }
  launch = launch_request(plan.claims[0], bed.view());
  CHECK(launch.capacity_type == CapacityType::on_demand);
  CHECK(launch.overrides.size() == 8);
}

TEST_CASE("where every Spot offering is dearer than on demand, or none is left, the launch is on demand") {
  test::KarpenterBed bed;
  bed.pools[0].requirements = {};
  for (InstanceType& t : bed.types.types) {
    for (Offering& o : t.offerings) {
      if (o.capacity_type == CapacityType::spot) o.price = Rate{o.price.raw() * 100};
    }
  }
  const auto pods = bed.pending_pods(test::shape_of(500, 100), 1);
  const auto launch = [&] {
    const ProvisioningPlan plan =
        plan_provisioning(bed.view(), {.pending = pods, .pods = nullptr, .templates = nullptr, .release = {}});
    REQUIRE(plan.claims.size() == 1);
    return launch_request(plan.claims[0], bed.view());
  };
  CHECK(launch().capacity_type == CapacityType::on_demand);
  CHECK(launch().overrides.size() == 8);
  // minValues: any type goes, and Spot comes first whatever it costs.
  KeyRequirement several = KeyRequirement::exists(bed.known.instance_type);
  several.min_values = 2;
  bed.pools[0].requirements.add(several, bed.names);
  CHECK(launch().capacity_type == CapacityType::spot);
}

TEST_CASE("truncation keeps the cheapest types, or as many as minValues need") {
  test::KarpenterBed bed;
  PlannedClaim claim;
  claim.types = {3, 1, 0, 2};
  truncate_types(claim, bed.view(), 2);
  CHECK(claim.types == std::vector<std::uint32_t>{0, 1});
  claim.types = {3, 1, 0, 2};
  KeyRequirement k = KeyRequirement::exists(bed.known.instance_type);
  k.min_values = 3;
  claim.requirements.add(k, bed.names);
  truncate_types(claim, bed.view(), 2);
  CHECK(claim.types.size() == 3);
}

}  // namespace plimsoll::eks::karpenter
