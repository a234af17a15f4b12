#include <doctest/doctest.h>

#include "models/eks/cluster_autoscaler/expander.h"

namespace plimsoll::eks::ca {

namespace {
std::vector<std::size_t> best(const PriorityConfig& config) {
  std::vector<ExpansionOption> options(3);
  options[0].group_id = "spot-m5";
  options[1].group_id = "od-m5";
  options[2].group_id = "gpu";
  return make_priority_expander(config)->best(options);
}
}  // namespace

TEST_CASE("the highest priority with a match wins; expressions are not anchored") {
  CHECK(best({{10, {"m5"}}, {50, {"^spot-"}}}) == std::vector<std::size_t>{0});
  CHECK(best({{10, {"m5$"}}}) == std::vector<std::size_t>{0, 1});
  CHECK(best({{10, {"^none"}}}) == std::vector<std::size_t>{0, 1, 2});
  CHECK(best({{10, {"("}}}) == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("(?i) at the front is Go's way to say that case does not matter") {
  CHECK(best({{10, {"(?i)SPOT"}}}) == std::vector<std::size_t>{0});
  CHECK(best({{10, {"SPOT"}}}) == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("what is wrong with an expression is told") {
  for (const std::string_view right : {"", ".*", "^spot-[a-z]+$", "(?i)gpu", "a{2,3}"})
    CHECK(pattern_fault(right) == "");
  CHECK(pattern_fault("(").find("'(' is not a regular expression: parentheses do not match") == 0);
  CHECK(pattern_fault("[a").find("brackets") != std::string::npos);
  CHECK(pattern_fault("*spot").find("nothing stands before") != std::string::npos);
  CHECK(pattern_fault("a{100000000}") != "");
  CHECK(pattern_fault(std::string(100'000, '(')).find("more than 500 characters") != std::string::npos);
}

}  // namespace plimsoll::eks::ca
