#include "sim/scenario/size_text.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::scenario;

TEST_CASE("CPU and memory in one text") {
  const SizeText s = parse_size(" 0.5 / 2 GiB");
  CHECK(s.fault == "");
  CHECK(s.cpu == cpu_millis(500));
  CHECK(s.memory == gibibytes(2));
  CHECK(parse_size("1/512Mi").cpu == cpu_cores(1));
  CHECK(parse_size("1024 units/1Gi").cpu == cpu_cores(1));
}

TEST_CASE("memory without its unit is no size, and the likely one is named") {
  struct Row {
    const char* text;
    const char* hint;
  };
  for (const Row& r : {Row{"500m/1", "500m/1Gi"}, Row{"2/16", "2/16Gi"}, Row{"250m/512", "250m/512Mi"},
                       Row{"1/0.5", "1/0.5Gi"}, Row{"1/536870912", "1/536870912B"}}) {
    CAPTURE(r.text);
    const SizeText s = parse_size(r.text);
    CHECK(s.fault.find("memory needs its unit") != std::string::npos);
    CHECK(s.hint == "did you mean '" + std::string(r.hint) + "'?");
    // What is proposed is taken.
    CHECK(parse_size(r.hint).fault == "");
  }
}

TEST_CASE("other texts are no sizes") {
  for (const char* text : {"500m", "", "/", "500m/", "/1Gi", "500x/1Gi", "500m/1Gx", "0/1Gi", "500m/0", "-1/1Gi"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_size(text).fault.empty());
  }
}
