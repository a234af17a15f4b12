#include "sim/core/sliding_vector.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/core/random.h"

using namespace plimsoll;

TEST_CASE("a sliding vector holds what a vector holds, whatever comes and goes, and its copy too") {
  const Stream stream(5, "tests/sliding_vector", Purpose::work);
  SlidingVector<int> sliding;
  std::vector<int> plain;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const bool grows = stream.below(1'000, i / 500, 1) < 500;  // for some 500 steps on end
    const std::uint64_t kind = stream.below(10, i, 2);
    if (plain.empty() || kind < (grows ? 6 : 3)) {
      sliding.push_back(static_cast<int>(i));
      plain.push_back(static_cast<int>(i));
    } else if (kind < (grows ? 7 : 4)) {
      const auto at = static_cast<std::ptrdiff_t>(stream.below(plain.size() + 1, i, 3));
      sliding.insert(sliding.begin() + at, -static_cast<int>(i));
      plain.insert(plain.begin() + at, -static_cast<int>(i));
    } else {
      // One in four anywhere, the others at the front.
      const auto at = static_cast<std::ptrdiff_t>(kind == 9 ? stream.below(plain.size(), i, 4) : 0);
      sliding.erase(sliding.begin() + at);
      plain.erase(plain.begin() + at);
    }
    REQUIRE(sliding.size() == plain.size());
    REQUIRE(sliding.empty() == plain.empty());
    if (i % 16 == 0) REQUIRE(std::ranges::equal(sliding.view(), plain));
    if (i % 1'024 == 0) {
      const SlidingVector<int> copy = sliding;
      REQUIRE(std::ranges::equal(copy.view(), plain));
    }
  }
  sliding.clear();
  CHECK(sliding.empty());
}
