// What the containers of a task definition make of the start of its tasks, in whole columns.
#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// The end of an hour on one column with tasks of these containers; what they run is deployed anew after ten minutes.
World end_of_containers(const std::string& containers, const std::string& column, const std::string& network) {
  const Folder folder;
  folder.put("web.td.json", "{\"family\":\"web\"," + network + ",\"cpu\":\"256\",\"memory\":\"512\"," +
                                "\"containerDefinitions\":[" + containers + "]}");
  const std::string file = folder.put("s.yaml",
                                      "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 1h, warmup: 10m}\n"
                                      "files: {ecs: [web.td.json]}\napps: {web: {work: 1ms, replicas: 4}}\n"
                                      "events: [{at: 10m, deploy: web}]\nplatforms:\n  a: {type: ecs, " +
                                          column + "}\n");
  const scenario::Scenario s = read_file(file);
  Run run = build(s, 0, 0, {true, true});
  run.world.run();
  return std::move(run.world);
}

const std::string kFargateTask = "\"networkMode\":\"awsvpc\",\"requiresCompatibilities\":[\"FARGATE\"]";

TEST_CASE("a task whose containers wait for another is not RUNNING: no target of a balancer fails its checks by then") {
  // The balancer of the service finds targets unhealthy 30 to 60 s after they are registered, and there is no grace.
  for (const int interval : {10, 60, 120, 200, 290}) {
    CAPTURE(interval);
    const World world = end_of_containers(
        "{\"name\":\"db\",\"image\":\"d\",\"healthCheck\":{\"command\":[\"CMD\",\"x\"],\"interval\":" +
            std::to_string(interval) +
            "}},{\"name\":\"app\",\"image\":\"a\",\"dependsOn\":[{\"containerName\":\"db\",\"condition\":\"HEALTHY\"}]"
            "}",
        "capacity: fargate", kFargateTask);
    CHECK(count(world, Fact::pod_unhealthy) == 0);
    CHECK(count(world, Fact::rollout_completed) == 1);
    CHECK(world.pods().size() == 8);
    for (const Pod& p : world.pods()) CHECK(p.started - p.pulling >= seconds(interval));
  }
}

TEST_CASE("the images of all containers are pulled before a task starts, on an instance side by side") {
  const std::string web = "{\"name\":\"web\",\"image\":\"w\"}";
  const std::string both = web + ",{\"name\":\"otel\",\"image\":\"o\",\"essential\":false}";
  // 200 MB of the application; 40 MB/s on an instance.
  const std::string ec2 = "capacity: {asg: {type: m5.large, min: 2, max: 8}}";
  const auto first_pull = [](const World& world) { return world.pod(PodId{0}).started - world.pod(PodId{0}).pulling; };
  const std::string bridge = "\"networkMode\":\"bridge\"";
  const World alone = end_of_containers(web, ec2, bridge);
  const World small = end_of_containers(both, ec2, bridge);
  const World large = end_of_containers(both, ec2 + ", sidecarImage: 600MB", bridge);
  CHECK(first_pull(small) == first_pull(alone));                // 20 MB beside 200 MB
  CHECK(first_pull(large) == first_pull(alone) + seconds(10));  // 15 s instead of 5 s
  const auto& there = large.node(large.pod(PodId{0}).node).image_cache;
  CHECK(there.size() == 3);  // with that of the new revision
  // A microVM pulls them one after another, anew for each task.
  const World microvm = end_of_containers(web, "capacity: fargate", kFargateTask);
  const World with_sidecar = end_of_containers(both, "capacity: fargate", kFargateTask);
  CHECK(first_pull(with_sidecar) > first_pull(microvm));
}

}  // namespace
}  // namespace plimsoll::engine
