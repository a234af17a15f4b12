#include <doctest/doctest.h>

#include "models/eks/cluster_autoscaler/expander.h"
#include "tests/models/eks/fixture.h"

namespace plimsoll::eks::ca {

TEST_CASE("least-waste adds the idle shares of CPU and memory over capacity") {
  std::vector<ExpansionOption> options(2);
  for (ExpansionOption& o : options) o.requested = test::room(3000, 6144);
  options[0].nodes = 2;
  options[0].node_capacity = test::room(2000, 8192);  // idle 1/4 + 5/8
  options[1].nodes = 1;
  options[1].node_capacity = test::room(4000, 8192);  // idle 1/4 + 1/4
  const auto expander = make_least_waste_expander();
  CHECK(expander->score(options[0]) == doctest::Approx(0.875));
  CHECK(expander->score(options[1]) == doctest::Approx(0.5));
  CHECK(expander->best(options) == std::vector<std::size_t>{1});
  options[0] = options[1];
  CHECK(expander->best(options).size() == 2);
}

}  // namespace plimsoll::eks::ca
