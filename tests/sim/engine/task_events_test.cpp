#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// How often a rule on such events acts in a column of six tasks on Fargate that are replaced once.
std::size_t times_told(const std::string& type, const std::string& detail) {
  const scenario::Scenario s = read_text(
      "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 10/s, for: 1h, warmup: 10m}\n"
      "apps: {web: {size: 250m/512Mi, work: 1ms, replicas: 6}}\n"
      "jobs: {fix: {size: 250m/512Mi, work: 10s}}\nevents: [{at: 30m, deploy: web}]\n"
      "platforms:\n  a:\n    type: ecs\n    capacity: fargate\n    eventRules:\n      r:\n"
      "        eventPattern: {source: [aws.ecs], detail-type: ['" +
      type + "'], detail: " + detail + "}\n        targets: [{runTask: {job: fix}}]\n");
  Run run = build(s, 0, 0, {true, true});
  run.world.run();
  return static_cast<std::size_t>(count(run.world, Fact::rule_triggered));
}

TEST_CASE("tasks tell of every state of theirs, by whom they were started and where they run") {
  const auto tasks = [](const std::string& status) {
    return times_told("ECS Task State Change", "{lastStatus: [" + status + "], group: ['service:web']}");
  };
  CHECK(tasks("PROVISIONING") == 12);
  CHECK(tasks("ACTIVATING") == 12);
  CHECK(tasks("DEACTIVATING") == 6);
  CHECK(tasks("STOPPING") == 6);
  CHECK(tasks("DEPROVISIONING") == 6);
  CHECK(times_told("ECS Task State Change",
                   "{lastStatus: [STOPPED], startedBy: [{prefix: ecs-svc/}], launchType: [FARGATE]}") == 6);
  // When it has started, and after the deployment.
  CHECK(times_told("ECS Service Action", "{eventName: [SERVICE_STEADY_STATE]}") == 2);
}

}  // namespace
}  // namespace plimsoll::engine
