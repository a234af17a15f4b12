#include "models/kubernetes/scheduler/row_classes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "sim/core/random.h"

namespace plimsoll::kubernetes {
namespace {

RowClass key_of(std::int64_t a, std::int64_t b = 0) {
  RowClass key;
  key.add(a);
  key.add(b);
  return key;
}

TEST_CASE("classes, their best values and the k-th holder agree with a scan") {
  const Stream stream(3, "row_classes", Purpose::tie_break);
  std::uint64_t item = 0;
  const auto below = [&](std::uint64_t n) { return static_cast<std::size_t>(stream.below(n, item++)); };
  constexpr std::size_t kPositions = 150;
  RowClasses classes;
  classes.reset(20);
  struct Entry {
    std::int64_t key = 0;
    std::int32_t value = 0;
  };
  std::vector<std::optional<Entry>> entries(kPositions);
  for (int step = 0; step < 4000; ++step) {
    // More positions become known as time goes on.
    const std::size_t at = below(step < 1000 ? 20 : kPositions);
    if (at >= classes.positions()) classes.grow(at + 1);
    if (below(4) == 0) {
      entries[at].reset();
      classes.remove(at);
    } else {
      entries[at] = Entry{static_cast<std::int64_t>(below(5)), static_cast<std::int32_t>(below(6))};
      REQUIRE(classes.put(at, key_of(entries[at]->key), entries[at]->value));
    }
    // Members by class, values falling, positions rising.
    std::map<std::int64_t, std::map<std::int32_t, std::vector<std::size_t>, std::greater<>>> expected;
    for (std::size_t i = 0; i < kPositions; ++i) {
      if (entries[i]) expected[entries[i]->key][entries[i]->value].push_back(i);
    }
    REQUIRE(classes.active().size() == expected.size());
    std::vector<std::uint32_t> tops;
    std::vector<std::size_t> together;
    for (const std::uint32_t id : classes.active()) {
      const auto buckets = classes.buckets(id);
      const std::int64_t key = entries[classes.first(buckets[0])]->key;
      const auto& wanted = expected.at(key);
      REQUIRE(buckets.size() == wanted.size());
      std::size_t i = 0, count = 0;
      for (const auto& [value, positions] : wanted) {
        REQUIRE(classes.value(buckets[i]) == value);
        REQUIRE(classes.holders(buckets[i]) == positions.size());
        REQUIRE(classes.first(buckets[i]) == positions.front());
        count += positions.size();
        ++i;
      }
      REQUIRE(classes.count(id) == count);
      tops.push_back(buckets[0]);
      together.insert(together.end(), wanted.begin()->second.begin(), wanted.begin()->second.end());
    }
    if (together.empty()) continue;
    std::sort(together.begin(), together.end());
    const std::size_t k = below(together.size());
    REQUIRE(classes.kth(tops, k) == together[k]);
  }
}

TEST_CASE("too many classes are refused, and too long a key says so") {
  RowClasses classes;
  classes.reset(RowClasses::kMost + 1);
  for (std::size_t i = 0; i < RowClasses::kMost; ++i) REQUIRE(classes.put(i, key_of(static_cast<std::int64_t>(i)), 1));
  CHECK_FALSE(classes.put(RowClasses::kMost, key_of(-7), 1));
  RowClass key;
  for (std::size_t i = 0; i < RowClass::kWidth; ++i) key.add(1);
  CHECK_FALSE(key.overflow());
  key.add(1);
  CHECK(key.overflow());
}

}  // namespace
}  // namespace plimsoll::kubernetes
