#include "models/aws/cloudwatch/alarm.h"

#include <doctest/doctest.h>

#include <string>

using namespace plimsoll;
using namespace plimsoll::aws;

namespace {

std::string state_of(const std::string& text, std::int64_t n, std::int64_t m, MissingData t) {
  std::vector<AlarmPoint> points;
  for (const char c : text) {
    points.push_back(c == '-' ? AlarmPoint::absent : c == '0' ? AlarmPoint::ok : AlarmPoint::breaching);
  }
  const auto s = evaluate_alarm(points, n, m, t);
  return s ? std::string(to_string(*s)) : "keep";
}

}  // namespace

TEST_CASE("the published table of three of three is reproduced") {
  struct Row {
    const char *points, *missing, *ignore, *breaching, *not_breaching;
  };
  const Row rows[] = {{"0-X-X", "OK", "OK", "OK", "OK"},
                      {"0----", "OK", "OK", "OK", "OK"},
                      {"-----", "INSUFFICIENT_DATA", "keep", "ALARM", "OK"},
                      {"0XX-X", "ALARM", "ALARM", "ALARM", "ALARM"},
                      {"--X--", "ALARM", "keep", "ALARM", "OK"}};
  for (const Row& r : rows) {
    CAPTURE(r.points);
    CHECK(state_of(r.points, 3, 3, MissingData::missing) == r.missing);
    CHECK(state_of(r.points, 3, 3, MissingData::ignore) == r.ignore);
    CHECK(state_of(r.points, 3, 3, MissingData::breaching) == r.breaching);
    CHECK(state_of(r.points, 3, 3, MissingData::not_breaching) == r.not_breaching);
  }
}

TEST_CASE("a lone new breaching point does not raise the alarm before its time") {
  CHECK(state_of("---X-", 3, 3, MissingData::missing) == "keep");
  CHECK(state_of("--X--", 3, 3, MissingData::missing) == "ALARM");
}

TEST_CASE("with complete data the newest N decide: a naive count over all patterns") {
  for (int pattern = 0; pattern < 32; ++pattern) {
    std::string text;
    for (int i = 4; i >= 0; --i) text += (pattern >> i & 1) != 0 ? 'X' : '0';
    for (int m = 1; m <= 3; ++m) {
      const int newest = (pattern & 1) + (pattern >> 1 & 1) + (pattern >> 2 & 1);
      for (const MissingData t : {MissingData::missing, MissingData::ignore, MissingData::breaching}) {
        REQUIRE(state_of(text, 3, m, t) == (newest >= m ? "ALARM" : "OK"));
      }
    }
  }
}

TEST_CASE("an alarm moves through its states as values arrive") {
  AlarmDefinition d;
  d.threshold = 60;
  d.evaluation_periods = 3;
  Alarm alarm(d);
  CHECK(alarm.state() == AlarmState::insufficient_data);
  CHECK(alarm.add(50) == AlarmState::ok);
  CHECK(alarm.changed());
  CHECK(alarm.add(70) == AlarmState::ok);
  CHECK(alarm.add(61) == AlarmState::ok);
  CHECK(alarm.add(60) == AlarmState::ok);  // 60 is not above 60
  CHECK(alarm.add(70) == AlarmState::ok);
  CHECK(alarm.add(70) == AlarmState::ok);
  CHECK(alarm.add(70) == AlarmState::alarm);
  CHECK(alarm.changed());
  CHECK(alarm.add(70) == AlarmState::alarm);
  CHECK_FALSE(alarm.changed());
  for (int i = 0; i < 5; ++i) alarm.add(std::nullopt);
  CHECK(alarm.state() == AlarmState::insufficient_data);
}

TEST_CASE("windows, cadence and limits") {
  CHECK(minutes_in_window(seconds(300), 1, 5) == std::vector<std::int64_t>{1, 2, 3, 4, 5});
  CHECK(minutes_in_window(seconds(60), 3, 7) == std::vector<std::int64_t>{5, 6, 7});
  CHECK(evaluation_interval(seconds(60), 5) == seconds(300));
  CHECK(evaluation_cadence(seconds(10)) == seconds(10));
  CHECK(evaluation_cadence(seconds(300)) == seconds(60));
  AlarmDefinition d;
  CHECK(alarm_error(d).empty());
  d.period = seconds(45);
  CHECK_FALSE(alarm_error(d).empty());
  d.period = seconds(60);
  d.datapoints_to_alarm = 2;
  CHECK_FALSE(alarm_error(d).empty());
  d.datapoints_to_alarm.reset();
  d.evaluation_periods = 1441;
  CHECK_FALSE(alarm_error(d).empty());
}

TEST_CASE("a percentile needs ten samples on its shorter side") {
  CHECK(least_percentile_samples(990'000) == 1000);  // 10 / (1 - 0.99)
  CHECK(least_percentile_samples(500'000) == 20);
  CHECK(least_percentile_samples(250'000) == 40);  // 10 / 0.25
  CHECK(least_percentile_samples(999'000) == 10'000);
  CHECK(least_percentile_samples(1'000'000) == 0);
}
