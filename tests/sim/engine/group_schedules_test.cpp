#include <doctest/doctest.h>

#include <algorithm>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// Sets of a group's sizes in the run: hours of the counted window, and the desired capacity.
std::vector<std::pair<double, std::int64_t>> resizes(const World& world) {
  std::vector<std::pair<double, std::int64_t>> out;
  for (const FactRecord& f : world.log) {
    if (f.fact == Fact::group_resized) out.emplace_back(to_seconds(f.at - world.window_start) / 3600, f.value);
  }
  return out;
}

const std::string kScheduledColumn = R"(apiVersion: plimsoll/v1
calendar: "2026-03-02T00:00Z"
load: {constant: 1/s, for: 30h, warmup: 10m}
apps: {web: {size: 250m/512Mi, work: 1ms, replicas: 2}}
platforms:
  a:
    {type: ecs, eniTrunking: true, SCALING
     capacity: {asg: {type: m5.large, min: 1, max: 6 KEYS}, managedScaling: false}}
)";

std::string scheduled(const std::string& scaling, const std::string& keys) {
  std::string text = kScheduledColumn;
  text.replace(text.find("SCALING"), 7, scaling);
  text.replace(text.find(" KEYS"), 5, keys);
  return text;
}

TEST_CASE("a group follows its recurrences on the calendar, from the scenario and from files") {
  // The window begins at Monday's midnight: 6 o'clock in Berlin is 5 UTC.
  const std::vector<std::pair<double, std::int64_t>> expected{{5, 4}, {20, 1}, {29, 4}};
  const Folder folder;
  folder.put("morning.json", R"({"AutoScalingGroupName": "my-asg", "ScheduledActionName": "morning",
    "Recurrence": "0 6 * * *", "TimeZone": "Europe/Berlin", "MinSize": 4})");
  folder.put("night.json", R"({"ScheduledUpdateGroupActions": [{"AutoScalingGroupName": "my-asg",
    "ScheduledActionName": "night", "Recurrence": "0 20 * * *", "MinSize": 1, "DesiredCapacity": 1}]})");
  for (const bool files : {false, true}) {
    CAPTURE(files);
    const scenario::Scenario s = read_file(folder.put(
        "s.yaml", files ? scheduled("scaling: ['morning.json', 'night.json'],", "")
                        : scheduled("",
                                    ", scheduledActions: [{recurrence: '0 6 * * *', timeZone: Europe/Berlin, min: 4}, "
                                    "{recurrence: '0 20 * * *', min: 1, desired: 1}]")));
    Run run = build(s, 0, 0, {true, true});
    run.world.run();
    const auto seen = resizes(run.world);
    REQUIRE(seen.size() == expected.size());
    for (std::size_t i = 0; i < seen.size(); ++i) {
      CHECK(seen[i].first == doctest::Approx(expected[i].first));
      CHECK(seen[i].second == expected[i].second);
    }
  }
}

TEST_CASE("an instance refresh during which requests fail is undone by the alarm that it watches") {
  // A new image is out at 50 min and the refresh begins at 60; a bad revision, deployed at 75, sets off the alarm.
  const auto ended = [](const std::string& deploy) {
    const scenario::Scenario s = read_text(R"(apiVersion: plimsoll/v1
load: {constant: 200/s, for: 4h, warmup: 10m}
apps: {web: {size: 500m/1Gi, work: 5ms, replicas: 8}}
events: [{at: 50m, upgrade: nodes})" + deploy +
                                           R"(]
platforms:
  a:
    type: ecs
    eniTrunking: true
    capacity:
      asg:
        {type: m5.large, min: 4, max: 10,
         instanceRefresh: [{at: 1h, autoRollback: true, minHealthyPercentage: 75, alarms: [errors], bakeTime: 30m}]}
    alarms:
      - {AlarmName: errors, Namespace: AWS/ApplicationELB, MetricName: HTTPCode_Target_5XX_Count, Statistic: Sum,
         Period: 60, EvaluationPeriods: 2, Threshold: 100, ComparisonOperator: GreaterThanThreshold}
)");
    Run run = build(s, 0, 0, {true, true});
    run.world.run();
    std::int64_t newest = 0, failures = 0;
    for (const Node& n : run.world.nodes()) newest += n.state == NodeState::ready && n.image == 2 ? 1 : 0;
    for (const FactRecord& f : run.world.log) {
      if (f.fact != Fact::refresh_failed) continue;
      ++failures;
      CHECK(f.reason == Reason::alarm);
      CHECK(f.value == 1);
    }
    return std::pair(failures, newest);
  };
  const auto good = ended("");
  CHECK(good.first == 0);
  CHECK(good.second == 4);
  CHECK(ended(", {at: 75m, deploy: web, errors: 5%}") == std::pair<std::int64_t, std::int64_t>{1, 0});
}

}  // namespace
}  // namespace plimsoll::engine
