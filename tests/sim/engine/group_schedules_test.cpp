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

}  // namespace
}  // namespace plimsoll::engine
