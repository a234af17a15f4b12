#include <doctest/doctest.h>

#include "models/eks/cluster_autoscaler/expander.h"

namespace plimsoll::eks::ca {

TEST_CASE("random keeps all options and the draw picks among them evenly") {
  std::string error;
  const auto chain = make_expanders("random", {}, error);
  const std::vector<ExpansionOption> options(3);
  CHECK(chain->expanders().front()->best(options) == std::vector<std::size_t>{0, 1, 2});
  const Stream tie(1, std::uint64_t{2}, Purpose::tie_break);
  std::vector<int> seen(3, 0);
  for (std::uint64_t i = 0; i < 3000; ++i) ++seen[chain->choose(options, &tie, i)];
  for (const int n : seen) CHECK((n > 900 && n < 1100));
  CHECK(chain->choose(options, nullptr, 0) == 0);
}

}  // namespace plimsoll::eks::ca
