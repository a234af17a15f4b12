#include "sim/scenario/disruption_limit.h"

#include <doctest/doctest.h>

namespace plimsoll::scenario {
namespace {

struct BudgetedPod : VendorPod {};

ManifestFacts facts_with_limit(Side side, std::optional<Ppm> limit) {
  ManifestFacts f;
  f.side = side;
  f.kind = side == Side::ecs ? "service" : "PodDisruptionBudget";
  f.file = side == Side::ecs ? "web.json" : "web.yaml";
  f.max_unavailable = limit;
  return f;
}

TEST_CASE("nobody's word: each system does what it does by itself") {
  WorkloadSpec spec;
  limit_disruption({percent(100), "", false}, {}, false, false, spec);
  CHECK_FALSE(spec.max_disruption.has_value());
  CHECK_FALSE(spec.ecs_rollout.minimum_healthy_percent.has_value());
}

TEST_CASE("a file's limit holds on its side, and on the other only where that has no file") {
  const ManifestFacts service = facts_with_limit(Side::ecs, percent(50));
  const ManifestFacts budget = facts_with_limit(Side::kubernetes, percent(20));
  const Input<Ppm> unsaid{percent(100), "", false};
  WorkloadSpec both;
  both.ecs_rollout.minimum_healthy_percent = 50;  // as the service's file was read
  limit_disruption(unsaid, {&service, &budget}, true, true, both);
  CHECK_FALSE(both.max_disruption.has_value());  // the budget itself is with its file
  CHECK(both.ecs_rollout.minimum_healthy_percent == 50);
  WorkloadSpec from_ecs;
  limit_disruption(unsaid, {&service}, true, false, from_ecs);
  CHECK(from_ecs.max_disruption == percent(50));
  WorkloadSpec from_kubernetes;
  limit_disruption(unsaid, {&budget}, false, true, from_kubernetes);
  CHECK(from_kubernetes.ecs_rollout.minimum_healthy_percent == 80);
}

TEST_CASE("the scenario's word counts on both sides and is told with what it replaces") {
  const ManifestFacts service = facts_with_limit(Side::ecs, percent(50));
  const ManifestFacts budget = facts_with_limit(Side::kubernetes, percent(20));
  const Input<Ppm> said{percent(25), "s.yaml:9", true};
  WorkloadSpec spec;
  limit_disruption(said, {&service, &budget}, true, true, spec);
  CHECK(spec.max_disruption == percent(25));
  CHECK(spec.ecs_rollout.minimum_healthy_percent == 75);
  std::vector<std::string> remarks;
  disruption_remarks("apps.web.maxDisruption", said, {&service, &budget}, remarks);
  REQUIRE(remarks.size() == 2);
  CHECK(remarks[0] == "apps.web.maxDisruption = 25% replaces 50% of the service in web.json");
  CHECK(remarks[1] ==
        "apps.web.maxDisruption = 25% does not replace 20% of the PodDisruptionBudget in web.yaml where "
        "that rules");
}

TEST_CASE("what is added to the pods of a file is told once for all apps") {
  ManifestFacts deployment = facts_with_limit(Side::kubernetes, {});
  deployment.pod = std::make_shared<BudgetedPod>();
  ManifestFacts spread = deployment;
  spread.spread_zones = true;
  AddedRules added;
  added.note("a", true, true, {&deployment});
  added.note("b", true, true, {&deployment});
  added.note("c", true, false, {&spread});
  added.note("d", true, true, {});  // no file: the pods are the scenario's own
  std::vector<std::string> remarks;
  added.tell(remarks);
  REQUIRE(remarks.size() == 2);
  CHECK(remarks[0] == "spread = zone adds a constraint that the Kubernetes files have not: a, b");
  CHECK(remarks[1] == "maxDisruption adds a PodDisruptionBudget that the Kubernetes files have not: a, b");
}

}  // namespace
}  // namespace plimsoll::scenario
