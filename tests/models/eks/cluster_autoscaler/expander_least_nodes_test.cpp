#include <doctest/doctest.h>

#include "models/eks/cluster_autoscaler/expander.h"

namespace plimsoll::eks::ca {

TEST_CASE("least-nodes keeps the options with fewest new nodes") {
  std::vector<ExpansionOption> options(3);
  options[0].nodes = 2;
  options[1].nodes = 1;
  options[2].nodes = 1;
  CHECK(make_least_nodes_expander()->best(options) == std::vector<std::size_t>{1, 2});
}

}  // namespace plimsoll::eks::ca
