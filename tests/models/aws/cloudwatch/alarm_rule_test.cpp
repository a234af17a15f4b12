#include "models/aws/cloudwatch/alarm_rule.h"

#include <doctest/doctest.h>

#include <array>

namespace plimsoll::aws {
namespace {

constexpr AlarmState kUp = AlarmState::alarm, kFine = AlarmState::ok, kNoData = AlarmState::insufficient_data;

AlarmRule rule_of(std::string_view text) {
  AlarmRuleParse p = AlarmRule::parse(text);
  INFO(text);
  INFO(p.error);
  REQUIRE(p.rule.has_value());
  return *p.rule;
}

/// With the alarms a, b and c, which the rule must name in this order as far as it does.
bool holds(std::string_view text, AlarmState a, AlarmState b = kFine, AlarmState c = kFine) {
  const std::array<AlarmState, 3> states{a, b, c};
  return rule_of(text).evaluate(states);
}

TEST_CASE("rules over the states of alarms") {
  CHECK(holds("ALARM(a)", kUp));
  CHECK_FALSE(holds("ALARM(a)", kNoData));
  CHECK(holds("OK(a)", kFine));
  CHECK(holds("INSUFFICIENT_DATA(a)", kNoData));
  CHECK(holds("TRUE", kFine));
  CHECK_FALSE(holds("FALSE OR NOT TRUE", kFine));
  // The three examples of PutCompositeAlarm.
  CHECK(holds("ALARM(a) AND ALARM(b)", kUp, kUp));
  CHECK_FALSE(holds("ALARM(a) AND ALARM(b)", kUp, kFine));
  CHECK(holds("ALARM(a) AND NOT ALARM(b)", kUp, kNoData));
  CHECK_FALSE(holds("ALARM(a) AND NOT ALARM(b)", kUp, kUp));
  CHECK(holds("(ALARM(a) OR ALARM(b)) AND OK(c)", kFine, kUp, kFine));
  CHECK_FALSE(holds("(ALARM(a) OR ALARM(b)) AND OK(c)", kFine, kUp, kNoData));
  // NOT before AND, AND before OR.
  CHECK(holds("ALARM(a) OR ALARM(b) AND ALARM(c)", kUp, kFine, kFine));
  CHECK_FALSE(holds("(ALARM(a) OR ALARM(b)) AND ALARM(c)", kUp, kFine, kFine));
  CHECK(holds("NOT ALARM(a) OR ALARM(b)", kFine, kFine));
  CHECK_FALSE(holds("NOT (ALARM(a) OR ALARM(b))", kFine, kUp));
}

TEST_CASE("law: a rule and its negation never agree, and AND and OR are each other's mirror") {
  const AlarmState all[] = {kFine, kUp, kNoData};
  for (const AlarmState a : all) {
    for (const AlarmState b : all) {
      CHECK(holds("NOT(ALARM(a) AND OK(b))", a, b) == holds("NOT ALARM(a) OR NOT OK(b)", a, b));
      CHECK(holds("ALARM(a) OR OK(b)", a, b) != holds("NOT (ALARM(a) OR OK(b))", a, b));
    }
  }
}

TEST_CASE("alarms are named by name or ARN, with quotes or without, and once each") {
  const AlarmRule r = rule_of(
      "ALARM( cpu high ) OR OK(\"a (b)\") OR\n ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors) OR "
      "OK(cpu high)");
  CHECK(r.alarms() == std::vector<std::string>{"cpu high", "a (b)", "errors"});
}

TEST_CASE("a rule that cannot be read is told with its place") {
  struct Fault {
    std::string text, error;
    std::size_t position;
  };
  const Fault faults[] = {
      {"", "is expected here", 0},
      {"ALARM(a) ALARM(b)", "AND, OR or the end is expected", 9},
      {"ALARM(a) AND", "ALARM(...), OK(...)", 12},
      {"(ALARM(a)", "a closing ) is expected", 9},
      {"ALARM a", "( and the name of an alarm", 6},
      {"ALARM()", "the name of an alarm is expected", 6},
      {"ALARM(\"a)", "lacks its closing", 7},
      {"alarm(a)", "ALARM(...), OK(...)", 0},
      {"AT_LEAST(2, ALARM, (a, b))", "AT_LEAST is not modelled", 0},
      {std::string(300, '(') + "TRUE" + std::string(300, ')'), "nested too deeply", 200},
  };
  for (const Fault& f : faults) {
    const AlarmRuleParse p = AlarmRule::parse(f.text);
    CAPTURE(f.text);
    CAPTURE(p.error);
    CHECK_FALSE(p.rule.has_value());
    CHECK(p.error.find(f.error) != std::string::npos);
    CHECK(p.position == f.position);
  }
  std::string many = "ALARM(a0)";
  for (int i = 1; i < 101; ++i) many += " OR ALARM(a" + std::to_string(i) + ")";
  CHECK(AlarmRule::parse(many).error.find("at most 100 alarms") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::aws
