#include "sim/policy/metric_expression.h"

#include <doctest/doctest.h>

namespace plimsoll {
namespace {

const std::vector<std::string> kApps = {"web", "web-api", "queue_1"};

/// Measures are 10 x (app + 1) + number of the measure: web.arrived is 10, web-api.backlog 23.
double value(const char* text) {
  const auto e = MetricExpression::parse(text, kApps);
  INFO(text << ": " << e.error);
  REQUIRE(e);
  return e.value->evaluate(
      [](std::size_t app, Measure what) { return 10.0 * static_cast<double>(app + 1) + static_cast<double>(what); });
}

std::string fault(const char* text) {
  const auto e = MetricExpression::parse(text, kApps);
  CHECK_FALSE(e);
  return e.error;
}

TEST_CASE("arithmetic binds as usual") {
  CHECK(value("1 + 2 * 3") == 7);
  CHECK(value("(1 + 2) * 3") == 9);
  CHECK(value("8 / 4 / 2") == 1);
  CHECK(value("5 - 2 - 1") == 2);
  CHECK(value("-2 * -3") == 6);
  CHECK(value("1.5e3") == 1500);
  CHECK(value("max(2, 3 + 1) - min(2, 5)") == 2);
}

TEST_CASE("measures of applications") {
  CHECK(value("web.arrived") == 10);
  CHECK(value("web-api.backlog") == 23);
  CHECK(value("web.backlog-1") == 12);
  CHECK(value("queue_1.desired / max(web.replicas, 1)") == doctest::Approx(39.0 / 17.0));
  const auto e = MetricExpression::parse("web.arrived + queue_1.lost + web.lost", kApps);
  CHECK(e.value->apps() == std::vector<std::size_t>{0, 2});
}

TEST_CASE("nothing divides by zero") { CHECK(value("3 / (1 - 1)") == 0); }

TEST_CASE("faults name their place") {
  CHECK(fault("") == "a number, APP.MEASURE, min(, max( or ( is expected at character 1");
  CHECK(fault("wep.arrived") == "'wep' is no app (did you mean 'web'?) at character 1");
  CHECK(fault("web.arived").starts_with("'arived' is no measure (arrived, served,"));
  CHECK(fault("1 +") == "a number, APP.MEASURE, min(, max( or ( is expected at character 4");
  CHECK(fault("(1 + 2") == "')' is expected at character 7");
  CHECK(fault("1 2") == "an operator is expected at character 3");
  CHECK(fault("web") == "'.' and a measure are expected at character 4");
  CHECK(fault("min(1)") == "',' is expected at character 6");
  CHECK(fault(std::string(200, '(').c_str()).starts_with("the expression is nested too deep"));
  std::string deep = "1";
  for (int i = 0; i < 40; ++i) deep = "1 + (" + deep + ")";
  CHECK(fault(deep.c_str()).starts_with("the expression is nested too deep"));
}

}  // namespace
}  // namespace plimsoll
