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

}  // namespace plimsoll::eks::ca
