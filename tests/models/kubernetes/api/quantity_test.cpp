#include "models/kubernetes/api/quantity.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes::api {
namespace {

TEST_CASE("quantities are exact and round up") {
  CHECK(parse_cpu_quantity("250m").value == cpu_millis(250));
  CHECK(parse_cpu_quantity("0.5").value == cpu_millis(500));
  CHECK(parse_cpu_quantity("100u").value == cpu_millis(1));
  CHECK(parse_bytes_quantity("1.5Gi").value == mebibytes(1536));
  CHECK(parse_bytes_quantity("128974848").value == Bytes{128'974'848});
  CHECK(parse_bytes_quantity("129e6").value == Bytes{129'000'000});
  CHECK(parse_bytes_quantity("128974848000m").value == Bytes{128'974'848});
  CHECK(parse_bytes_quantity("129M").value == Bytes{129'000'000});
  CHECK(parse_bytes_quantity("123.5").value == Bytes{124});
  CHECK(parse_bytes_quantity("1E").value == Bytes{1'000'000'000'000'000'000});
  CHECK(parse_quantity("-1.5", 0).value == -2);
  CHECK(parse_quantity("10", 3).value == 10'000);
}

TEST_CASE("what is not a quantity is refused with the text") {
  for (const char* bad : {"", "abc", "1.2.3", "500MB", "1 Gi", "Mi", "1e", "0x10", "9999999999E", "1e40", "--1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_bytes_quantity(bad));
    CHECK_FALSE(parse_bytes_quantity(bad).error.empty());
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
