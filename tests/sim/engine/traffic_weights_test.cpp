// A new revision under traffic weights: its requests, its errors, and an alarm that takes it back.
#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

constexpr const char* kAlarm =
    R"({"AlarmName": "web-errors", "Namespace": "App", "MetricName": "errors", "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 2, "Threshold": 3, "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching"})";

/// Revision 2 answers half of its requests with an error; deployed 30 min into the window of two hours.
results::RunResult run_with(const std::string& rollout) {
  const Folder folder;
  folder.put("alarm.json", kAlarm);
  const std::string file = folder.put(
      "scenario.yaml",
      "apiVersion: plimsoll/v1\nload: {constant: 100/s, for: 2h, warmup: 10m, to: web}\nmetrics: {errors: web.lost}\n"
      "apps: {web: {size: 1/2Gi, work: 5ms, replicas: 4, rollout: {" +
          rollout +
          "}}}\nevents:\n  - {at: 30m, deploy: web, errors: 50%}\n"
          "platforms:\n  only: {type: ecs, capacity: fargate, scaling: alarm.json}\n");
  const scenario::Scenario s = read_file(file);
  return run_one(s, 0, 0, {true, true});
}

double failed_share(const results::RunResult& r) {
  return static_cast<double>(r.failed) / static_cast<double>(r.arrived);
}

TEST_CASE("a canary gets its share, and its errors are its own") {
  const results::RunResult r =
      run_with("strategy: CANARY, canaryPercent: 10%, stepBakeTimeInMinutes: 60, bakeTimeInMinutes: 5");
  REQUIRE(r.revisions.size() == 2);
  const results::RevisionResult &old = r.revisions[0], &canary = r.revisions[1];
  CHECK(old.revision == 1);
  CHECK(canary.revision == 2);
  CHECK(old.failed == 0);
  // 100/s: a tenth for the hour of the canary, and all for the 5 min of the bake.
  CHECK(static_cast<double>(canary.arrived) / 1e6 == doctest::Approx(100 * (0.1 * 3600 + 300)).epsilon(0.02));
  CHECK(r.lost == 0);
  CHECK(static_cast<double>(canary.failed) / static_cast<double>(canary.served) == doctest::Approx(0.5).epsilon(0.001));
  // All failures are the canary's, those after the end of the deployment included (90 min - 60 min - 5 min).
  CHECK(r.failed >= canary.failed);
  CHECK(r.rollouts == 1);
}

TEST_CASE("an alarm takes the canary back before it gets all the traffic") {
  const std::string canary = "strategy: CANARY, canaryPercent: 10%, stepBakeTimeInMinutes: 10, bakeTimeInMinutes: 5";
  const results::RunResult plain = run_with(canary);
  const results::RunResult watched = run_with(canary + ", alarms: {alarmNames: [web-errors], rollback: true}");
  CHECK(plain.rollouts_failed == 0);
  CHECK(watched.rollouts_failed == 1);
  // Without alarms half of all requests fail for more than an hour of two; with them 5/s for some minutes.
  CHECK(failed_share(plain) > 0.25);
  CHECK(failed_share(watched) < 0.005);
  CHECK(failed_share(watched) > 0);
  bool back = false;
  for (const results::EventRow& e : watched.events)
    back = back || (e.fact == "revision_changed" && e.reason == "rollback");
  CHECK(back);
}

}  // namespace
}  // namespace plimsoll::engine
