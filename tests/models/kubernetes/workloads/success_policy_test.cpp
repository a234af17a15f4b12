#include "models/kubernetes/workloads/success_policy.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

TEST_CASE("indexes are growing numbers and ranges below completions") {
  CHECK(*parse_indexes("0,2-4,7", 8) == IndexRanges{{0, 0}, {2, 4}, {7, 7}});
  CHECK(*parse_indexes("3", 4) == IndexRanges{{3, 3}});
  for (const char* fault : {"", "a", "1,", "2,1", "3-2", "2-2", "0-8", "8", "-1", "1-", "0,0", "0-3,3"})
    CHECK_FALSE(parse_indexes(fault, 8).has_value());
}

TEST_CASE("a rule is met by its indexes, by a number of them, or by a number of all") {
  const std::vector<bool> done = {true, false, true, true, false};  // 0, 2, 3
  const auto met = [&](std::optional<IndexRanges> indexes, std::optional<std::int64_t> count) {
    const SuccessRule rule{std::move(indexes), count};
    return meets_success_policy({&rule, 1}, done);
  };
  CHECK(met(IndexRanges{{0, 0}}, std::nullopt));
  CHECK(met(IndexRanges{{2, 3}}, std::nullopt));
  CHECK_FALSE(met(IndexRanges{{0, 1}}, std::nullopt));
  CHECK(met(IndexRanges{{0, 1}, {4, 4}}, 1));
  CHECK_FALSE(met(IndexRanges{{0, 1}, {4, 4}}, 2));
  CHECK(met(std::nullopt, 3));
  CHECK_FALSE(met(std::nullopt, 4));
  CHECK_FALSE(meets_success_policy({}, done));
}

}  // namespace
}  // namespace plimsoll::kubernetes
