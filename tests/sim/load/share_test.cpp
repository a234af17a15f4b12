#include "sim/load/share.h"

#include <doctest/doctest.h>

#include "sim/core/random.h"

namespace plimsoll::load {

TEST_CASE("shares of amounts beyond 64 bits are exact, by doubles and by 128 bits") {
  // 2^62 * 3 / 4 has a product of 64 bits and more.
  CHECK(wide_share(std::int64_t{1} << 62, 3, 4) == (std::int64_t{3} << 60));  // too large for doubles
  CHECK(wide_share(1'000'000'000'000, 1'000'000'000'000, 1'000'000'000'000'000'000) == 1'000'000);
  CHECK(wide_share(1'000'000'000'000, 1'000'000'000'000, 999'999'999'999'999'999) ==
        1'000'000);  // 1,000,000.000000000001
  CHECK(wide_share(1'000'000'000'000, 999'999'999'999, 1'000'000'000'000'000'000) == 999'999);  // 999,999.999999
  CHECK(share(-7, 1, 2) == -3);  // towards zero, as division does
  const Stream stream(11, "share", Purpose::arrivals);
  std::uint64_t item = 0;
  const auto number = [&](int bits) {
    const std::uint64_t width = 1 + stream.below(static_cast<std::uint64_t>(bits), item++);
    return static_cast<std::int64_t>(stream.below(std::uint64_t{1} << width, item++));
  };
  for (int i = 0; i < 200'000; ++i) {
    const std::int64_t a = number(62), divisor = number(62) + 1;
    // Often right at a whole answer, and one below it.
    std::int64_t b = number(62);
    if (i % 3 == 0) b = divisor - (i % 2);
    const __int128 expected = static_cast<__int128>(a) * b / divisor;
    if (expected > INT64_MAX) continue;
    REQUIRE(wide_share(a, b, divisor) == static_cast<std::int64_t>(expected));
    REQUIRE(share(a, b, divisor) == static_cast<std::int64_t>(expected));
    const bool exact = expected * divisor == static_cast<__int128>(a) * b;
    if (expected < INT64_MAX) REQUIRE(wide_share_up(a, b, divisor) == static_cast<std::int64_t>(expected) + !exact);
    const Divisor whole(divisor / 4 + 1);  // at most 2^60
    const __int128 down = static_cast<__int128>(a) * b / (divisor / 4 + 1);
    if (down < INT64_MAX) {
      REQUIRE(whole.down(a, b) == static_cast<std::int64_t>(down));
      const bool even = down * (divisor / 4 + 1) == static_cast<__int128>(a) * b;
      REQUIRE(whole.up(a, b) == static_cast<std::int64_t>(down) + !even);
    }
    const __int128 parts = static_cast<__int128>(a) * b / 1'000'000;
    if (parts <= INT64_MAX) REQUIRE(millionths_of(a, b) == static_cast<std::int64_t>(parts));
  }
}

}  // namespace plimsoll::load
