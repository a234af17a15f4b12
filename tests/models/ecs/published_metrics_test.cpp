#include "models/ecs/published_metrics.h"

#include <doctest/doctest.h>

namespace plimsoll::ecs {
namespace {

TEST_CASE("a published metric is known by its namespace and its name together") {
  const PublishedMetric* cpu = published_metric("AWS/ECS", "CPUUtilization");
  REQUIRE(cpu != nullptr);
  CHECK(cpu->of_service == aws::MetricName::service_cpu);
  CHECK(cpu->of_cluster == aws::MetricName::cluster_cpu);
  const PublishedMetric* running = published_metric(kContainerInsights, "RunningTaskCount");
  REQUIRE(running != nullptr);
  CHECK_FALSE(running->of_cluster.has_value());
  CHECK(published_metric("AWS/EC2", "CPUUtilization") == nullptr);
  CHECK(published_metric("AWS/ECS", "RunningTaskCount") == nullptr);
  CHECK(published_names("AWS/NetworkELB").size() == 2);
  CHECK(published_names("AWS/SQS").empty());
}

}  // namespace
}  // namespace plimsoll::ecs
