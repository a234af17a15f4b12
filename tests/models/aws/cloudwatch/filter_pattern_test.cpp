#include "models/aws/cloudwatch/filter_pattern.h"

#include <doctest/doctest.h>

using namespace plimsoll::aws;

namespace {

bool matches(const char* pattern, const char* line) {
  const auto parsed = FilterPattern::parse(pattern);
  REQUIRE_MESSAGE(parsed.pattern, parsed.error);
  return parsed.pattern->matches(line);
}

}  // namespace

// SOURCE of the cases: CloudWatch Logs user guide, "Filter pattern syntax", examples of terms and of JSON.
TEST_CASE("terms of plain text") {
  CHECK(matches("ERROR", "[ERROR 400] BAD REQUEST"));
  CHECK_FALSE(matches("ERROR", "[error 400] BAD REQUEST"));
  CHECK(matches("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS"));
  CHECK_FALSE(matches("ERROR ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST"));
  CHECK(matches("?ERROR ?ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST"));
  CHECK_FALSE(matches("?ERROR ?ARGUMENTS", "[INFO 200] OK"));
  CHECK(matches("\"INTERNAL SERVER ERROR\"", "[ERROR 500] INTERNAL SERVER ERROR"));
  CHECK(matches("ERROR -ARGUMENTS", "[ERROR 400] BAD REQUEST"));
  CHECK_FALSE(matches("ERROR -ARGUMENTS", "[ERROR 420] INVALID ARGUMENTS"));
  // Optional terms beside others do nothing.
  CHECK(matches("?ERROR REQUEST", "[INFO 200] REQUEST FAILED"));
  CHECK(matches("", "anything"));
}

TEST_CASE("terms of JSON") {
  const char* line = R"({"level": "error", "latency": 1200, "user": {"id": "u-7", "admin": true},
                            "codes": [502, 7], "gone": null})";
  CHECK(matches("{ $.level = \"error\" }", line));
  CHECK(matches("{ $.level = err* }", line));
  CHECK_FALSE(matches("{ $.level != \"error\" }", line));
  CHECK(matches("{ $.latency > 1000 }", line));
  CHECK_FALSE(matches("{ $.latency <= 1000 }", line));
  CHECK(matches("{ $.latency >= 1.2e3 && $.codes[0] = 502 }", line));
  CHECK(matches("{ $.latency < 1 || ($.user.admin IS TRUE && $.user.id = \"u-*\") }", line));
  CHECK(matches("{ $.gone IS NULL }", line));
  CHECK(matches("{ $.absent NOT EXISTS }", line));
  CHECK_FALSE(matches("{ $.codes[9] = 1 }", line));
  // && binds before ||: true || (true && false).
  CHECK(matches("{ $.latency = 1200 || $.latency = 1200 && $.latency = 1 }", line));
  CHECK_FALSE(matches("{ $.level = \"error\" }", "level error"));
  CHECK(FilterPattern::number_at("$.latency", line) == 1200.0);
  CHECK(FilterPattern::number_at("$.codes[1]", line) == 7.0);
  CHECK_FALSE(FilterPattern::number_at("$.level", line));
}

TEST_CASE("what is no pattern is told with its place") {
  struct Row {
    const char* text;
    const char* said;
    std::size_t position;
  };
  for (const Row& r : {Row{"ERROR[1]", "needs quotes", 5}, Row{"\"open", "quote at the end", 5},
                       Row{"{ $.a = 1", "a } at the end is missing", 9}, Row{"{ a = 1 }", "a selector", 2},
                       Row{"{ $.a ~ 1 }", "NOT EXISTS is missing", 6},
                       Row{"{ $.a > \"x\" }", "compared by = or !=", 11}, Row{"{ $.a > x }", "no number", 9},
                       Row{"{ ($.a = 1 }", "a ) after", 11}, Row{"[ip, user]", "space-delimited", 0},
                       Row{"%ERR.*%", "regular expressions", 0}, Row{"ERROR -", "a term is missing", 7}}) {
    CAPTURE(r.text);
    const auto parsed = FilterPattern::parse(r.text);
    CHECK_FALSE(parsed.pattern);
    CHECK_MESSAGE(parsed.error.find(r.said) != std::string::npos, parsed.error);
    CHECK(parsed.position == r.position);
  }
}
