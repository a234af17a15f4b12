#include "models/aws/autoscaling/scheduled_action.h"

#include <doctest/doctest.h>

#include <vector>

#include "sim/document/loader.h"

namespace plimsoll::aws {
namespace {

GroupAction action_of(const std::string& text, std::string& complaints) {
  document::Diagnostics diagnostics;
  const document::Node root = document::load_text(text, "s.yaml", diagnostics).front();
  GroupAction out;
  {
    document::Fields f(root, diagnostics, "scheduledActions[0]");
    out = read_group_action(f);
  }
  complaints = diagnostics.text();
  return out;
}

EpochSeconds instant_of(const char* text) { return parse_instant(text).value(); }

/// The runs of an action within [from, to).
std::vector<EpochSeconds> runs_between(const GroupAction& a, const char* from, const char* to) {
  std::vector<EpochSeconds> out;
  for (auto at = a.next(instant_of(from) - 1); at && *at < instant_of(to); at = a.next(*at)) out.push_back(*at);
  return out;
}

TEST_CASE("a recurrence goes by Unix cron, in its time zone") {
  struct Row {
    const char* text;
    std::vector<const char*> runs;  // of the week from Monday, 2026-03-02
  };
  const Row rows[] = {
      {"{recurrence: '0 6 * * 1', min: 4}", {"2026-03-02T06:00Z"}},
      {"{recurrence: '30 22 * * 6-7', min: 1}", {"2026-03-07T22:30Z", "2026-03-08T22:30Z"}},
      // Sunday is 0: */2 is Sunday, Tuesday, Thursday, Saturday.
      {"{recurrence: '0 0 * * */2', min: 1}",
       {"2026-03-03T00:00Z", "2026-03-05T00:00Z", "2026-03-07T00:00Z", "2026-03-08T00:00Z"}},
      // The 4th of the month, and every Friday.
      {"{recurrence: '0 1 4 * 5', min: 1}", {"2026-03-04T01:00Z", "2026-03-06T01:00Z"}},
      // New York is five hours behind UTC, and four from Sunday, 2 o'clock, on.
      {"{recurrence: '0 12 * * 6,0', timeZone: America/New_York, min: 1}", {"2026-03-07T17:00Z", "2026-03-08T16:00Z"}},
      {"{startTime: '2026-03-05T10:00:00Z', desired: 3}", {"2026-03-05T10:00Z"}},
      // At its start, and from then on by the recurrence, until its end.
      {"{recurrence: '0 6 * * *', startTime: '2026-03-04T09:00:00Z', endTime: '2026-03-06T06:00:00Z', min: 2}",
       {"2026-03-04T09:00Z", "2026-03-05T06:00Z", "2026-03-06T06:00Z"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    std::string complaints;
    const GroupAction a = action_of(row.text, complaints);
    CHECK(complaints == "");
    REQUIRE(a.on_calendar);
    std::vector<EpochSeconds> expected;
    for (const char* at : row.runs) expected.push_back(instant_of(at));
    CHECK(runs_between(a, "2026-03-02", "2026-03-09") == expected);
  }
}

TEST_CASE("an offset of the run is as it was") {
  std::string complaints;
  const GroupAction a = action_of("{at: 2h, every: 24h, min: 1, max: 4}", complaints);
  CHECK(complaints == "");
  CHECK_FALSE(a.on_calendar);
  CHECK(a.at == hours(2));
  CHECK(a.every == hours(24));
}

TEST_CASE("what EC2 Auto Scaling refuses is refused with the reason") {
  const std::pair<const char*, const char*> rows[] = {
      {"{recurrence: '0 6 * *', min: 1}", "five fields required"},
      {"{recurrence: '0 25 * * *', min: 1}", "'0 25 * * *'"},
      {"{recurrence: '0 6 * * *'}", "sets min, max or desired"},
      {"{recurrence: '0 6 * * *', min: 5, max: 2}", "min is above max"},
      {"{recurrence: '0 6 * * *', min: 5, desired: 2}", "desired is outside"},
      {"{recurrence: '0 6 * * *', min: 1, timeZone: Europe/Berln}", "did you mean 'Europe/Berlin'?"},
      {"{recurrence: '0 6 * * *', min: 1, at: 2h}", "give one of the two"},
      {"{startTime: tomorrow, min: 1}", "'tomorrow' is no instant"},
      {"{startTime: '2026-03-02T06:00:00Z', endTime: '2026-03-03T06:00:00Z', min: 1}", "it goes with a recurrence"},
      {"{recurrence: '0 6 * * *', startTime: '2026-03-02', endTime: '2026-03-01', min: 1}", "not after its start"},
      {"{min: 1}", "has 'at', 'recurrence' or 'startTime'"},
  };
  for (const auto& [text, says] : rows) {
    std::string complaints;
    action_of(text, complaints);
    CHECK_MESSAGE(complaints.find(says) != std::string::npos, text << ": " << complaints);
  }
}

}  // namespace
}  // namespace plimsoll::aws
