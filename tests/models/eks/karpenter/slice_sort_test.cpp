#include "models/eks/karpenter/slice_sort.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "sim/core/random.h"

namespace plimsoll::eks::karpenter {
namespace {

using Keyed = std::pair<int, int>;  // key, and where it stood

std::vector<Keyed> numbered(const std::vector<int>& keys) {
  std::vector<Keyed> out;
  for (std::size_t i = 0; i < keys.size(); ++i) out.emplace_back(keys[i], static_cast<int>(i));
  return out;
}

std::vector<Keyed> sorted(std::vector<Keyed> items) {
  slice_sort(items, [](const Keyed& a, const Keyed& b) { return a.first < b.first; });
  return items;
}

TEST_CASE("up to twelve elements keep the order of equals") {
  for (std::size_t n = 0; n <= 12; ++n) {
    std::vector<int> keys;
    for (std::size_t i = 0; i < n; ++i) keys.push_back(static_cast<int>((i * 7) % 3));
    auto expected = numbered(keys);
    std::stable_sort(expected.begin(), expected.end(), [](auto& a, auto& b) { return a.first < b.first; });
    CHECK(sorted(numbered(keys)) == expected);
  }
}

TEST_CASE("every input comes out in order, with every element, and sorted input stays as it is") {
  const Stream draws(1, "slice-sort", Purpose::tie_break);
  std::uint64_t item = 0;
  for (const std::size_t n : {13u, 20u, 49u, 50u, 51u, 200u, 1000u}) {
    for (const std::uint64_t distinct : {1ull, 2ull, 5ull, 1'000'000ull}) {
      for (int shape = 0; shape < 4; ++shape) {
        std::vector<int> keys;
        for (std::size_t i = 0; i < n; ++i) keys.push_back(static_cast<int>(draws.below(distinct, item++)));
        if (shape == 1) std::sort(keys.begin(), keys.end());
        if (shape == 2) std::sort(keys.rbegin(), keys.rend());
        if (shape == 3) std::rotate(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(n / 3), keys.end());
        const auto in = numbered(keys);
        const auto out = sorted(in);
        CHECK(std::is_sorted(out.begin(), out.end(), [](auto& a, auto& b) { return a.first < b.first; }));
        CHECK(std::is_permutation(out.begin(), out.end(), in.begin()));
        if (shape == 1) CHECK(out == in);
        CHECK(sorted(out) == out);
      }
    }
  }
}

TEST_CASE("thirteen elements of which the first has grown: equals change places as in Go") {
  // Keys 1 0 0 ... 0. Pivots from a quarter, the half and three quarters are equal and look sorted, but the range does
  // not and is shorter than fifty. The pivot, element 6, changes places with element 0, which is 1. No element is less
  // than it from the left; from the right all but the one at 6 stay: 12 to 1 are not less. So the partition moves
  // nothing, the pivot stays first, and the twelve behind it, a 1 at 6 among them, are sorted by insertion.
  std::vector<int> keys(13, 0);
  keys[0] = 1;
  const auto out = sorted(numbered(keys));
  std::vector<int> places;
  for (const auto& [key, place] : out) places.push_back(place);
  CHECK(places == std::vector<int>{6, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 0});
}

}  // namespace
}  // namespace plimsoll::eks::karpenter
