#include <doctest/doctest.h>

#include "models/eks/cluster_autoscaler/expander.h"

namespace plimsoll::eks::ca {

TEST_CASE("most-pods keeps the options that place most pods") {
  std::vector<ExpansionOption> options(3);
  options[0].pods = 4;
  options[1].pods = 7;
  options[2].pods = 7;
  CHECK(make_most_pods_expander()->best(options) == std::vector<std::size_t>{1, 2});
}

}  // namespace plimsoll::eks::ca
