#include "models/ecs/api/run_task.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

using namespace plimsoll;
using namespace plimsoll::ecs;
using namespace plimsoll::ecs::api;

TEST_CASE("stand-alone tasks with overrides") {
  document::Diagnostics d;
  const auto r = read_run_task(
      json("{'cluster':'c','taskDefinition':'nginx','count':3,'launchType':'EC2','group':'batch','placementStrategy':"
           "[{'type':'binpack','field':'memory'}],'overrides':{'memory':'1 GB','containerOverrides':"
           "[{'name':'nginx','cpu':512,'environment':[]}]}}"),
      d);
  REQUIRE(r.has_value());
  CHECK(r->count == 3);
  CHECK(r->group == "batch");
  const auto t = read_task_definition(manifest("nginx_ec2.json", d), d);
  const TaskDefinition changed = with_overrides(*t, *r, d);
  CHECK(changed.reservation().cpu == 512);
  CHECK(changed.reservation().memory == 1024);
  CHECK(d.empty());
}

TEST_CASE("calls that ECS refuses") {
  const auto problems = [](const std::string& text) {
    document::Diagnostics d;
    read_run_task(json("{'taskDefinition':'f'" + text + "}"), d);
    return d;
  };
  CHECK(problems("").empty());
  CHECK(says(problems(",'count':11"), "between 1 and 10"));
  CHECK(says(problems(",'group':'service:web'"), "prefix service:"));
  CHECK(
      says(problems(",'launchType':'FARGATE','placementConstraints':[{'type':'distinctInstance'}]"), "not supported"));
  document::Diagnostics d;
  const auto r = read_run_task(json("{'taskDefinition':'f','overrides':{'containerOverrides':[{'name':'x'}]}}"), d);
  const auto t = read_task_definition(manifest("nginx_ec2.json", d), d);
  with_overrides(*t, *r, d);
  CHECK(says(d, "container named x is not a container"));
}
