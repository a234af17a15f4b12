#include "models/aws/eni_density.h"

#include <doctest/doctest.h>

using namespace plimsoll::aws;

TEST_CASE("awsvpc tasks per instance follow the table of the ECS guide") {
  struct Row {
    const char* type;
    std::int64_t plain, trunk;
  };
  const Row rows[] = {{"a1.medium", 1, 10}, {"c5.large", 2, 10},    {"c5.18xlarge", 14, 120},
                      {"m5.xlarge", 3, 20}, {"m5.4xlarge", 7, 60},  {"m6i.8xlarge", 7, 90},
                      {"c6g.medium", 1, 4}, {"m7g.2xlarge", 3, 40}, {"m6i.32xlarge", 14, 120}};
  for (const Row& r : rows) {
    CAPTURE(r.type);
    const InstanceType* t = Catalogue::built_in().find_type(r.type);
    REQUIRE(t != nullptr);
    CHECK(awsvpc_task_limit(*t, false) == r.plain);
    CHECK(awsvpc_task_limit(*t, true) == r.trunk);
  }
}

TEST_CASE("T types have no trunk") {
  const InstanceType* t = Catalogue::built_in().find_type("t3.large");
  REQUIRE(t != nullptr);
  CHECK_FALSE(awsvpc_task_limit(*t, true).has_value());
  CHECK(vpc_cni_max_pods(t->max_enis, t->ipv4_per_eni) == t->eks_max_pods);
}
