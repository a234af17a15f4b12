#include "models/aws/cloudwatch/metric_math.h"

#include <doctest/doctest.h>

namespace plimsoll::aws {
namespace {

using Series = MetricMath::Series;
const std::vector<std::string> kMathIds{"m1", "m2", "errors"};
constexpr std::optional<double> kNone;

/// m1 is 1, 2, 4 and nothing; m2 is 10, nothing, 0, 30; errors are 0, 1, 2, 3.
Series math(const std::string& text) {
  const std::vector<Series> inputs{{1.0, 2.0, 4.0, kNone}, {10.0, kNone, 0.0, 30.0}, {0.0, 1.0, 2.0, 3.0}};
  const auto parsed = MetricMath::parse(text, kMathIds);
  INFO(text);
  INFO(parsed.error);
  REQUIRE(parsed);
  return parsed.value->evaluate(inputs, seconds(60));
}

std::string math_fault(const std::string& text) {
  const auto parsed = MetricMath::parse(text, kMathIds);
  CHECK_FALSE(parsed);
  return parsed.error;
}

TEST_CASE("arithmetic is done period by period; what is missing in one is missing in the result") {
  CHECK(math("m1 + m2") == Series{11.0, kNone, 4.0, kNone});
  CHECK(math("2 * (m1 - 1) + 3") == Series{3.0, 5.0, 9.0, kNone});
  CHECK(math("-m1 * 2 + errors/2") == Series{-2.0, -3.5, -7.0, kNone});
  CHECK(math("100 * errors / m2") == Series{0.0, kNone, kNone, 10.0});  // 200 / 0 has no value
  CHECK(math("8 - 4 - m1") == Series{3.0, 2.0, 0.0, kNone});
}

TEST_CASE("functions over a list take the series that have a value in a period") {
  CHECK(math("SUM([m1, m2])") == Series{11.0, 2.0, 4.0, 30.0});
  CHECK(math("AVG([m1,m2,errors])") == Series{11.0 / 3, 1.5, 2.0, 16.5});
  CHECK(math("MIN(METRICS())") == Series{0.0, 1.0, 0.0, 3.0});
  CHECK(math("MAX(METRICS(\"m\"))") == Series{10.0, 2.0, 4.0, 30.0});
  CHECK(math("errors / METRIC_COUNT(METRICS())") == Series{0.0, 1.0 / 3, 2.0 / 3, 1.0});
}

TEST_CASE("of one series they are a number over all its periods") {
  CHECK(math("m1 - MIN(m1)") == Series{0.0, 1.0, 3.0, kNone});
  CHECK(math("errors / SUM(errors)") == Series{0.0, 1.0 / 6, 2.0 / 6, 3.0 / 6});
}

TEST_CASE("conditions, comparisons and filled gaps") {
  CHECK(math("IF(m1 > 1, errors, 0)") == Series{0.0, 1.0, 2.0, kNone});
  CHECK(math("IF(errors >= 2, errors)") == Series{kNone, kNone, 2.0, 3.0});
  CHECK(math("IF(errors > 0 AND errors < 3 OR m2 == 10, 1, 0)") == Series{1.0, kNone, 1.0, 0.0});
  CHECK(math("errors != 1") == Series{1.0, 0.0, 1.0, 1.0});
  CHECK(math("FILL(m2, 0)") == Series{10.0, 0.0, 0.0, 30.0});
  CHECK(math("FILL(m2, errors)") == Series{10.0, 1.0, 0.0, 30.0});
  CHECK(math("FILL(m1, REPEAT)") == Series{1.0, 2.0, 4.0, 4.0});
  CHECK(math("FILL(m2, LINEAR)") == Series{10.0, 5.0, 0.0, 30.0});
  CHECK(math("FILL(m1, LINEAR)") == Series{1.0, 2.0, 4.0, kNone});  // nothing follows
}

TEST_CASE("differences and rates reach over a gap") {
  CHECK(math("DIFF(m1)") == Series{kNone, 1.0, 2.0, kNone});
  CHECK(math("RATE(errors) * PERIOD(errors)") == Series{kNone, 1.0, 1.0, 1.0});
  CHECK(math("RATE(m2) * 60") == Series{kNone, kNone, -5.0, 30.0});  // -10 over two minutes
  CHECK(math("ABS(CEIL(errors / 2) - FLOOR(errors / 2))") == Series{0.0, 1.0, 0.0, 1.0});
}

TEST_CASE("what cannot be read is told with its place") {
  CHECK(math_fault("m1 + ") == "a number, a metric's id, a function or ( is expected at character 6");
  CHECK(math_fault("m1 + m3") == "no metric has the id 'm3' (did you mean 'm1'?) at character 6");
  CHECK(math_fault("SUM([m1, m2") == "']' is expected at character 12");
  CHECK(math_fault("(m1") == "')' is expected at character 4");
  CHECK(math_fault("m1 m2") == "an operator is expected at character 4");
  CHECK(math_fault("TOTAL(m1)").find("no function 'TOTAL' (METRICS, FILL, SUM,") == 0);
  CHECK(math_fault("IF(m1)").find("IF takes 2 or 3 operands") == 0);
  CHECK(math_fault("FILL(3, 0)").find("FILL takes a time series at character 1") == 0);
  CHECK(math_fault("RATE(2)").find("RATE takes a time series") == 0);
  CHECK(math_fault("[m1, m2]").find("the expression gives several time series") == 0);
  CHECK(math_fault("[m1, m2] + 1").find("a list of time series goes into") == 0);
  CHECK(math_fault("SUM(m1)").find("the expression gives a number, not a time series") == 0);
  CHECK(math_fault("MAX(METRICS(\"x\"))").find("no metric's id holds 'x'") == 0);
  CHECK(math_fault(std::string(100, '(') + "m1").find("nested too deep") != std::string::npos);
  CHECK(math_fault(std::string(100, '-') + "m1").find("nested too deep") != std::string::npos);
}

TEST_CASE("METRICS() takes metrics, not other expressions, and an expression tells what it reads") {
  const std::vector<std::string> ids{"m1", "m2", "e1"};
  const auto parsed = MetricMath::parse("SUM(METRICS()) / e1", ids, 2);
  REQUIRE(parsed);
  CHECK(parsed.value->reads() == std::vector<std::size_t>{0, 1, 2});
  const auto some = MetricMath::parse("m2 / e1", ids, 2);
  REQUIRE(some);
  CHECK(some.value->reads() == std::vector<std::size_t>{1, 2});
}

}  // namespace
}  // namespace plimsoll::aws
