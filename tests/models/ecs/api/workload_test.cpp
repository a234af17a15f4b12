#include "models/ecs/api/workload.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

using namespace plimsoll;
using namespace plimsoll::ecs::api;

TEST_CASE("a task definition and its service describe a workload") {
  document::Diagnostics d;
  const auto t = read_task_definition(manifest("retail-ui.taskdef.json", d), d);
  auto s = read_service(manifest("retail-ui.service.json", d), d);
  s->minimum_healthy_percent = 75;
  WorkloadSpec spec;
  describe(*t, &*s, spec);
  CHECK(spec.name == "ui");
  CHECK(spec.ecs.cpu == cpu_cores(1));
  CHECK(spec.ecs.cpu_limit == cpu_cores(1));
  CHECK(spec.ecs.memory == gibibytes(2));
  CHECK(spec.replicas == 1);
  CHECK(spec.entry);
  CHECK(spec.spread_zones);
  CHECK(spec.max_disruption == percent(25));
  CHECK(spec.image_name == "public.ecr.aws/aws-containers/retail-store-sample-ui:1.2.1");
  CHECK(spec.ecs_file.find("retail-ui.taskdef.json") != std::string::npos);
}

TEST_CASE("container shares are no limit") {
  document::Diagnostics d;
  const auto t = read_task_definition(manifest("nginx_ec2.json", d), d);
  WorkloadSpec spec;
  describe(*t, nullptr, spec);
  CHECK(spec.name == "nginx");
  CHECK(spec.ecs.cpu == cpu_millis(250));
  CHECK_FALSE(spec.ecs.cpu_limit.has_value());
  CHECK(spec.ecs.memory_limit == mebibytes(256));
}
