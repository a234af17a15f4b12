#include "models/aws/application_auto_scaling/predictive.h"

#include <doctest/doctest.h>

namespace plimsoll::aws {
namespace {

TEST_CASE("a day of history is needed") {
  CHECK_FALSE(forecast_load(std::vector<std::int64_t>(23, 5)).has_value());
  const auto f = forecast_load(std::vector<std::int64_t>(24, 5));
  REQUIRE(f.has_value());
  CHECK(*f == std::vector<std::int64_t>(48, 5));
}

TEST_CASE("below a week the same hours of the days before are averaged") {
  // Two days: hour h has load h, then h + 10.
  std::vector<std::int64_t> hours;
  for (std::int64_t h = 0; h < 48; ++h) hours.push_back(h % 24 + (h < 24 ? 0 : 10));
  const auto f = *forecast_load(hours);
  REQUIRE(f.size() == 48);
  CHECK(f[0] == 5);    // (0 + 10) / 2
  CHECK(f[7] == 12);   // (7 + 17) / 2
  CHECK(f[31] == 12);  // the day after
}

TEST_CASE("from a week on the same hour of the week counts") {
  std::vector<std::int64_t> hours;
  for (std::int64_t h = 0; h < 7 * 24; ++h) hours.push_back(h / 24 == 0 ? 100 : 1);  // one busy day
  const auto f = *forecast_load(hours);
  CHECK(f[0] == 100);
  CHECK(f[23] == 100);
  CHECK(f[24] == 1);
}

TEST_CASE("nothing older than fourteen days counts") {
  std::vector<std::int64_t> hours(7 * 24, 1000);
  hours.insert(hours.end(), 14 * 24, 2);
  CHECK((*forecast_load(hours))[0] == 2);
}

TEST_CASE("capacity is rounded up") {
  CHECK(forecast_capacity(601, 60) == 11);
  CHECK(forecast_capacity(600, 60) == 10);
  CHECK(forecast_capacity(0, 60) == 0);
}

TEST_CASE("the maximum holds unless the policy may lift it") {
  PredictivePolicy p;
  CHECK(effective_maximum(p, 50, 40) == 40);
  p.increase_maximum = true;
  p.maximum_buffer = 10;
  CHECK(effective_maximum(p, 50, 40) == 55);  // the API reference's example
  CHECK(effective_maximum(p, 20, 40) == 40);
  p.maximum_buffer = 0;
  CHECK(effective_maximum(p, 50, 40) == 50);
}

TEST_CASE("a forecast is made with the first day and again every six hours") {
  HourlyForecast f;
  for (std::int64_t h = 0; h < 23; ++h) f.add_hour(h);
  CHECK_FALSE(f.ahead(0).has_value());
  f.add_hour(23);
  CHECK(f.ahead(0) == 0);  // hour 24 is like hour 0
  CHECK(f.ahead(7) == 7);
  CHECK_FALSE(f.ahead(48).has_value());
  // Five hours later the old forecast still counts, as if nothing else had been seen; the sixth makes a new one.
  for (int h = 0; h < 5; ++h) f.add_hour(100);
  CHECK(f.ahead(0) == 5);
  CHECK(f.ahead(19) == 0);
  f.add_hour(100);
  CHECK(f.ahead(0) == 6);
  CHECK(f.ahead(18) == 50);  // hour 48: (0 + 100) / 2
}

}  // namespace
}  // namespace plimsoll::aws
