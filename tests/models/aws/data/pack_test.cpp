#include "models/aws/data/pack.h"

#include <doctest/doctest.h>

#include "models/aws/data/built_in.h"

using namespace plimsoll::aws::data;

TEST_CASE("decimals are read exactly or refused") {
  std::int64_t v = 0;
  CHECK(parse_fixed("0.0416", 12, v));
  CHECK(v == 41'600'000'000);
  CHECK(parse_fixed("-62", 0, v));
  CHECK(v == -62);
  CHECK(parse_fixed(".5", 1, v));
  CHECK(v == 5);
  CHECK(parse_fixed("1.500", 1, v));
  CHECK(v == 15);
  for (const char* bad : {"", "-", ".", "1.2.3", "1e5", "0.25", "99999999999999999999", "+1", " 1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_fixed(bad, 1, v));
  }
}

TEST_CASE("instants count seconds from 1970") {
  std::int64_t s = 0;
  CHECK(parse_instant("1970-01-01T00:00:00Z", s));
  CHECK(s == 0);
  CHECK(parse_instant("2000-03-01T00:00:01Z", s));
  CHECK(s == 951'868'801);  // 11,017 days: 30 years with 7 leap days, then January, February 2000 (29): 10,957 + 60
  CHECK_FALSE(parse_instant("2021-01-08 21:51:23", s));
  CHECK_FALSE(parse_instant("2021-13-08T21:51:23Z", s));
}

TEST_CASE("unpacking and packing again gives the same words") {
  const std::span<const std::uint64_t> blob(kBuiltInWords, kBuiltInCount);
  const Tables tables = unpack(blob);
  CHECK(tables.on_demand.size() == 13522);
  CHECK(tables.reserved.size() == 1280);
  std::vector<Problem> problems;
  const auto once = pack(tables, problems);
  const auto twice = pack(unpack(once), problems);
  CHECK(problems.empty());
  CHECK(once.size() == blob.size());
  CHECK(once == twice);
}
