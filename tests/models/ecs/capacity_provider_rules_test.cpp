#include "models/ecs/capacity_provider_rules.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

std::string provider_faults(const std::string& capacity) {
  testing::ColumnText column(cpu_millis(500), gibibytes(1));
  return column.read("capacity: " + capacity + "\n",
                     [](document::Fields& f, auto&, const CapacityPlan& p) { check_capacity_providers(f, p); });
}

std::string named(const std::string& name) {
  return "{capacityProviders: {" + name + ": {asg: {type: m5.large, min: 1, max: 3}}, other: {asg: {type: m5.large, " +
         "min: 1, max: 3}}}, capacityProviderStrategy: [{capacityProvider: " + name +
         ", weight: 1}, {capacityProvider: other, weight: 1}]}";
}

TEST_CASE("names that CreateCapacityProvider refuses") {
  for (const char* good : {"nodes", "my-ecs", "Nodes_2"}) CHECK(provider_faults(named(good)) == "");
  for (const std::string bad : {"ecs-nodes", "AWSnodes", "fargate-x", "my.nodes"}) {
    CAPTURE(bad);
    CHECK(provider_faults(named(bad)).find("The specified capacity provider name is invalid: '" + bad + "'") !=
          std::string::npos);
  }
}

TEST_CASE("a minimum step above the maximum") {
  const auto steps = [](const std::string& least, const std::string& most) {
    return "{asg: {type: m5.large, min: 1, max: 3}, minimumScalingStepSize: " + least +
           ", maximumScalingStepSize: " + most + "}";
  };
  CHECK(provider_faults(steps("10", "10")) == "");
  CHECK(provider_faults(steps("20", "10")).find("the minimum, 20, is above the maximum, 10") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs
