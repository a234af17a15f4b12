// Also tests: column_balancers
#include "models/ecs/external_capacity.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/ecs/column_balancers.h"
#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

std::string external_complaints(const std::string& external, CapacityPlan* out = nullptr) {
  testing::ColumnText column(cpu_millis(500), gibibytes(1));
  return column.read("capacity: {external: {" + external + "}}\n",
                     [&](document::Fields&, aws::PriceBook&, const CapacityPlan& plan) {
                       if (out != nullptr) *out = plan;
                     });
}

TEST_CASE("machines of one's own register what is said of them, for a fee by the hour") {
  CapacityPlan plan;
  CHECK(external_complaints("instances: 3, cpu: 2 vCPU, memory: 4Gi", &plan) == "");
  REQUIRE(plan.providers.size() == 1);
  const ExternalCapacity& e = *plan.providers[0].external;
  CHECK(e.count == 3);
  CHECK(e.registered.cpu() == cpu_cores(2));
  CHECK(e.registered.memory() == gibibytes(4));
  CHECK(e.fee_per_hour.raw() > 0);
}

TEST_CASE("a size that is wrong is one fault, and no task is measured by it") {
  for (const char* text : {"cpu: 2, memory: 4Gi", "cpu: 2 vCPU", "cpu: 2 vCPU, memory: much"}) {
    const std::string said = external_complaints(text);
    CAPTURE(said);
    CHECK(said.find("error") == said.rfind("error"));
    CHECK(said.find("cannot hold") == std::string::npos);
  }
  CHECK(external_complaints("cpu: 250m, memory: 4Gi").find("cannot hold a task of web") != std::string::npos);
}

TEST_CASE("no balancer of AWS stands before external instances alone") {
  CapacityPlan plan;
  CHECK(external_complaints("instances: 3, cpu: 2 vCPU, memory: 4Gi", &plan) == "");
  Setting setting;
  CHECK_FALSE(takes_balancers(plan));
  CHECK(takes_balancers(CapacityPlan{}));
  CHECK(column_surroundings(setting, plan).load_balancers == 0);
  CHECK(column_surroundings(setting, CapacityPlan{}).load_balancers == 1);
  CHECK(left_out_balancers(setting, plan).size() == 1);
  CHECK(left_out_balancers(setting, CapacityPlan{}).empty());
}

}  // namespace
}  // namespace plimsoll::ecs
