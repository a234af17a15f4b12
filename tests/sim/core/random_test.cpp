#include "sim/core/random.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <cstdlib>

namespace plimsoll {

TEST_CASE("Philox gives the known answers of its authors") {
  using Block = std::array<std::uint32_t, 4>;
  // Salmon, Moraes, Dror, Shaw, SC 2011: known-answer vectors of philox4x32 with 10 rounds.
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a draw depends on seed, path, purpose, item and sub-draw, and on nothing else") {
  const Stream stream(1, "workload/cart#17", Purpose::work);
  CHECK(stream.bits(5, 0) == Stream(1, "workload/cart#17", Purpose::work).bits(5, 0));
  CHECK(stream.bits(5, 0) != stream.bits(5, 1));
  CHECK(stream.bits(5, 0) != stream.bits(6, 0));
  CHECK(stream.bits(5, 0) != Stream(2, "workload/cart#17", Purpose::work).bits(5, 0));
  CHECK(stream.bits(5, 0) != Stream(1, "workload/cart#18", Purpose::work).bits(5, 0));
  CHECK(stream.bits(5, 0) != Stream(1, "workload/cart#17", Purpose::boot_delay).bits(5, 0));
}

TEST_CASE("uniform draws fill [0, 1) and whole-number draws stay below their bound evenly") {
  const Stream stream(7, "test", Purpose::tie_break);
  std::array<int, 10> tenths{};
  std::array<int, 7> sevenths{};
  constexpr int kDraws = 70'000;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double u = stream.uniform(i);
    REQUIRE(u >= 0.0);
    REQUIRE(u < 1.0);
    ++tenths[static_cast<std::size_t>(u * 10)];
    ++sevenths[stream.below(7, i, 1)];
  }
  // Binomial deviations: sqrt(70000 * 0.1 * 0.9) = 79, sqrt(70000 * 6/49) = 93; five of them.
  for (const int n : tenths) CHECK(std::abs(n - 7'000) < 400);
  for (const int n : sevenths) CHECK(std::abs(n - 10'000) < 470);
  CHECK(stream.below(1, 3) == 0);
}

}  // namespace plimsoll
