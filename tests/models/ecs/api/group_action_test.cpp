#include "models/ecs/api/group_action.h"

#include <doctest/doctest.h>

#include "models/ecs/api/documents.h"
#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs::api {
namespace {

const std::string kMorning =
    "{'AutoScalingGroupName':'nodes','ScheduledActionName':'morning','Recurrence':'0 6 * * 1-5','MinSize':4,"
    "'DesiredCapacity':5,'MaxSize':8,'TimeZone':'Europe/Berlin','StartTime':'2026-03-02T05:00:00Z'}";

TEST_CASE("put-scheduled-update-group-action") {
  document::Diagnostics d;
  Documents all;
  CHECK(detect(json(kMorning)) == DocumentKind::group_action);
  read_document(json(kMorning), d, all);
  CHECK_MESSAGE(d.empty(), d.text());
  CHECK(all.scheduled.empty());
  REQUIRE(all.group_actions.size() == 1);
  const GroupScheduledAction& s = all.group_actions[0];
  CHECK(s.group == "nodes");
  CHECK(s.action.name == "morning");
  CHECK(s.action.on_calendar);
  CHECK(s.action.minimum == 4);
  CHECK(s.action.desired == 5);
  CHECK(s.action.maximum == 8);
  // At its start, and then at 6 in Berlin, which is 5 UTC.
  CHECK(s.action.next(0) == parse_instant("2026-03-02T05:00Z"));
  CHECK(s.action.next(parse_instant("2026-03-02T05:00Z").value()) == parse_instant("2026-03-03T05:00Z"));
}

TEST_CASE("describe-scheduled-actions and the batch call hold several") {
  for (const std::string& text :
       {"{'ScheduledUpdateGroupActions':[" + kMorning + "," + kMorning + "]}",
        std::string("{'AutoScalingGroupName':'nodes','ScheduledUpdateGroupActions':["
                    "{'ScheduledActionName':'a','Recurrence':'0 6 * * *','MinSize':1},"
                    "{'ScheduledActionName':'b','StartTime':'2026-03-02T06:00:00Z','MaxSize':1}]}")}) {
    document::Diagnostics d;
    Documents all;
    CHECK(detect(json(text)) == DocumentKind::group_action);
    read_document(json(text), d, all);
    CHECK_MESSAGE(d.empty(), d.text());
    REQUIRE(all.group_actions.size() == 2);
    CHECK(all.group_actions[1].group == "nodes");
  }
}

TEST_CASE("an action of Application Auto Scaling is another thing") {
  CHECK_FALSE(is_group_action(json("{'ServiceNamespace':'ecs','ScheduledActionName':'a','Schedule':'rate(1 day)'}")));
}

TEST_CASE("what the API refuses is told at its place") {
  const std::pair<const char*, const char*> rows[] = {
      {"{'AutoScalingGroupName':'n','ScheduledActionName':'a','MinSize':1}", "a Recurrence, a StartTime or both"},
      {"{'AutoScalingGroupName':'n','ScheduledActionName':'a','Recurrence':'0 6 * * *'}", "sets min, max or desired"},
      {"{'AutoScalingGroupName':'n','ScheduledActionName':'a','Recurrence':'0 6 * *','MinSize':1}", "five fields"},
      {"{'AutoScalingGroupName':'n','ScheduledActionName':'a','Recurrence':'0 6 * * *','MinSize':1,'Max':2}",
       "the AWS API has no parameter Max here"},
      {"{'ScheduledActionName':'a','Recurrence':'0 6 * * *','MinSize':1}", "missing AutoScalingGroupName"},
  };
  for (const auto& [text, says] : rows) {
    document::Diagnostics d;
    Documents all;
    read_document(json(text), d, all);
    CHECK(all.group_actions.empty());
    CHECK_MESSAGE(d.text().find(says) != std::string::npos, text << ": " << d.text());
  }
}

}  // namespace
}  // namespace plimsoll::ecs::api
