#include "models/ecs/api/workload.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

using namespace plimsoll;
using namespace plimsoll::ecs::api;

TEST_CASE("a task definition's own size is a limit too") {
  document::Diagnostics d;
  const PodSize size = pod_size(*read_task_definition(manifest("retail-ui.taskdef.json", d), d));
  CHECK(size.cpu == cpu_cores(1));
  CHECK(size.cpu_limit == cpu_cores(1));
  CHECK(size.memory == gibibytes(2));
}

TEST_CASE("container shares are no limit") {
  document::Diagnostics d;
  const PodSize size = pod_size(*read_task_definition(manifest("nginx_ec2.json", d), d));
  CHECK(size.cpu == cpu_millis(250));
  CHECK_FALSE(size.cpu_limit.has_value());
  CHECK(size.memory_limit == mebibytes(256));
}
