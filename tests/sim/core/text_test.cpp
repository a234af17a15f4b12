#include "sim/core/text.h"

#include <doctest/doctest.h>

#include <array>
#include <string_view>

namespace plimsoll {

TEST_CASE("edit distance counts inserts, deletes, replacements and swaps, without case") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("replcias", "replicas") == 1);
  CHECK(edit_distance("CPU", "cpu") == 0);
}

TEST_CASE("the nearest name is offered only when it is close") {
  constexpr std::array<std::string_view, 4> kNames{"replicas", "requests", "resources", "cpu"};
  CHECK(nearest("replcias", kNames) == "replicas");
  CHECK(nearest("resource", kNames) == "resources");
  CHECK(nearest("cpus", kNames) == "cpu");
  CHECK(nearest("Replicas", kNames) == "replicas");
  CHECK(nearest("zone", kNames).empty());
  CHECK(nearest("x", kNames).empty());
  CHECK(nearest("replicas", {}).empty());
}

TEST_CASE("counts are read with groups and suffixes, and anything else is refused in a sentence") {
  const auto value = [](std::string_view text) { return parse_count(text).value.value_or(-1); };
  CHECK(value("0") == 0);
  CHECK(value("1500") == 1'500);
  CHECK(value("1,500") == 1'500);
  CHECK(value("1_500_000") == 1'500'000);
  CHECK(value("3k") == 3'000);
  CHECK(value("1.5k") == 1'500);
  CHECK(value("2 M") == 2'000'000);
  CHECK(value("0.000001G") == 1'000);
  CHECK(value("9223372036854775807") == 9'223'372'036'854'775'807);
  CHECK(value("2.0") == 2);
  for (const char* bad : {"", "abc", "1.5", "1,50", "1,,500", ",500", "12,3456", "-3", "1e3", "9223372036854775808",
                          "10000000000G", "1.", ".5k", "3 q", "k"}) {
    CAPTURE(bad);
    const Parsed<std::int64_t> parsed = parse_count(bad);
    CHECK_FALSE(parsed);
    CHECK(parsed.error.find(bad) != std::string::npos);
  }
}

TEST_CASE("trim and lower case") {
  CHECK(trim("  a b\t\n") == "a b");
  CHECK(trim(" ").empty());
  CHECK(to_lower("Ab-C") == "ab-c");
}

}  // namespace plimsoll
