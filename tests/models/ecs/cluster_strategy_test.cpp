#include "models/ecs/cluster_strategy.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"
#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

/// "name weight" of each provider, in their order.
std::string order_of(const std::string& column, const std::string& service = "") {
  testing::ColumnText text(cpu_cores(1), gibibytes(2));
  if (!service.empty()) text.setting.scaling.push_back({Side::ecs, "f.json", api::json(service)});
  std::string out;
  const std::string said = text.read(column, [&](document::Fields&, aws::PriceBook&, const CapacityPlan& plan) {
    for (std::size_t i = 0; i < plan.providers.size(); ++i) {
      REQUIRE(plan.strategy[i].provider == plan.providers[i].name);
      out += plan.providers[i].name + " " + std::to_string(plan.strategy[i].weight) + ", ";
    }
  });
  return said.empty() ? out : said;
}

TEST_CASE("the strategy's providers come first, then those of weight 0 that it does not name") {
  const std::string groups = "a: {asg: {type: m5.large}}, b: {asg: {type: m5.large}}, c: {asg: {type: m5.large}}";
  CHECK(order_of("capacity: {capacityProviders: {" + groups +
                 "}, capacityProviderStrategy: [{capacityProvider: c, weight: 2}]}\n") == "c 2, a 0, b 0, ");
  // One item alone takes every task, whatever its weight.
  CHECK(order_of("capacity: {capacityProviders: {" + groups +
                 "}, capacityProviderStrategy: [{capacityProvider: b}]}\n") == "b 1, a 0, c 0, ");
  CHECK(order_of("capacity: {capacityProviders: {a: {asg: {type: m5.large}}, FARGATE: {}}, capacityProviderStrategy: "
                 "[{capacityProvider: FARGATE, weight: 1}]}\n") == "FARGATE 1, a 0, ");
}

TEST_CASE("Spot is there for a file that names it, beside FARGATE of any column") {
  const std::string spot =
      "{'serviceName':'web','taskDefinition':'web','desiredCount':2,'capacityProviderStrategy':[{'capacityProvider':"
      "'FARGATE_SPOT','weight':1}]}";
  CHECK(order_of("capacity: fargate\n", spot) == "FARGATE 1, FARGATE_SPOT 0, ");
  CHECK(order_of("capacity: fargate\n") == "FARGATE 1, ");
  CHECK(order_of("capacity: {capacityProviders: {a: {asg: {type: m5.large}}, FARGATE: {}}, capacityProviderStrategy: "
                 "[{capacityProvider: a, weight: 1}]}\n",
                 spot) == "a 1, FARGATE 0, FARGATE_SPOT 0, ");
}

TEST_CASE("what is below FARGATE is no setting") {
  const std::string said = order_of(
      "capacity: {capacityProviders: {a: {asg: {type: m5.large}}, FARGATE: {asg: {type: m5.large}}}, "
      "capacityProviderStrategy: [{capacityProvider: a, weight: 1}]}\n");
  CHECK(said.find("error") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs
