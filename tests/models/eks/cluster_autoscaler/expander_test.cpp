#include "models/eks/cluster_autoscaler/expander.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::ca {

TEST_CASE("expanders filter one after the other") {
  std::string error;
  const auto chain = make_expanders("priority, least-nodes", {{1, {"a", "b"}}}, error);
  REQUIRE(chain != nullptr);
  std::vector<ExpansionOption> options(3);
  options[0].group_id = "a";
  options[0].nodes = 5;
  options[1].group_id = "b";
  options[1].nodes = 4;
  options[2].group_id = "c";
  options[2].nodes = 1;
  CHECK(chain->choose(options, nullptr, 0) == 1);
}

TEST_CASE("unknown expanders are named with the nearest one, and price and grpc say why not") {
  std::string error;
  CHECK(make_expanders("least-wast", {}, error) == nullptr);
  CHECK(error.find("least-waste") != std::string::npos);
  CHECK(make_expanders("price", {}, error) == nullptr);
  CHECK(error.find("AWS") != std::string::npos);
  CHECK(make_expanders("grpc", {}, error) == nullptr);
  CHECK(expander_names().size() == 5);
}

}  // namespace plimsoll::eks::ca
