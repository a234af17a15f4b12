#include "models/ecs/ecs_metrics.h"

#include <doctest/doctest.h>

using namespace plimsoll::ecs;

TEST_CASE("ten tasks of 1,024 units and 2,048 MiB on two instances") {
  // 10,240 of 16,384 + 2,048 units; 20,480 of 30,158 + 3,768 MiB
  CHECK(*metric_percent(10'240, 18'432) == doctest::Approx(55.5556).epsilon(1e-5));
  CHECK(displayed_percent(10'240, 18'432) == 55);
  CHECK(displayed_percent(20'480, 33'926) == 60);
}

TEST_CASE("a service may use more than it reserves") {
  CHECK(*service_utilization(2048, 512, 1) == 400);
  CHECK(*service_utilization(128, 512, 1) == 25);
  CHECK(*service_utilization(1024, 1024, 4) == 25);
}

TEST_CASE("without tasks or instances there is no datapoint") {
  CHECK_FALSE(service_utilization(0, 512, 0).has_value());
  CHECK_FALSE(metric_percent(0, 0).has_value());
}

TEST_CASE("registered memory is whole MiB of what the system sees, less the reserve") {
  CHECK(registered_memory_mib(8'373'026'816) == 7985);  // 7,985.14
  CHECK(registered_memory_mib(8'373'026'816, 256) == 7729);
  CHECK_FALSE(registered_memory_mib(104'857'600, 200).has_value());
}

TEST_CASE("the estimate stays at or below the documented samples") {
  CHECK(estimated_mem_total_mib(8192) == 7987);
  CHECK(estimated_mem_total_mib(30'720) <= 30'158);
  CHECK(estimated_mem_total_mib(3840) <= 3768);
}
