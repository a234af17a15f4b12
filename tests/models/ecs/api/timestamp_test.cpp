#include "models/ecs/api/timestamp.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs::api {
namespace {

TEST_CASE("instants as the AWS command line writes them") {
  // 2026-03-02T06:00:00Z is 1772431200.
  const std::pair<const char*, aws::EpochSeconds> rows[] = {
      {"{'At':'2026-03-02T06:00:00Z'}", 1772431200},
      {"{'At':'2026-03-02T06:00:00.123000+00:00'}", 1772431200},
      {"{'At':'2026-03-02T07:30:00+01:30'}", 1772431200},
      {"{'At':'2026-03-02T01:00:00-0500'}", 1772431200},
      {"{'At':1772431200.5}", 1772431200},
      {"{'At':'2026-03-02'}", 1772409600},
  };
  for (const auto& [text, at] : rows) {
    document::Diagnostics d;
    {
      Object o(json(text), d, "");
      CHECK_MESSAGE(read_timestamp(o, "At") == at, text);
    }
    CHECK(d.empty());
  }
}

TEST_CASE("anything else is an error, and nothing when there is none") {
  document::Diagnostics d;
  {
    Object o(json("{'At':'tomorrow','Then':'2026-03-02T06:00:00+1'}"), d, "");
    CHECK_FALSE(read_timestamp(o, "At"));
    CHECK_FALSE(read_timestamp(o, "Then"));
    CHECK_FALSE(read_timestamp(o, "Never"));
  }
  CHECK(d.error_count() == 2);
}

}  // namespace
}  // namespace plimsoll::ecs::api
