#include "sim/results/differing_sizes.h"

#include <doctest/doctest.h>

using namespace plimsoll::results;

TEST_CASE("the rows behind the head are taken out, the other remarks stay") {
  std::vector<std::string> remarks = {"policies of plugin x (hash 1) are loaded", std::string(kDifferingSizes),
                                      "ui: 1000m/2Gi, 250m/1536Mi", "a: b: 1/1Gi, 2/2Gi",
                                      "apps.c: no file gives its size on ECS; 1/1Gi of f.yaml, g.yaml is used"};
  const std::vector<DifferingSize> sizes = take_differing_sizes(remarks);
  REQUIRE(sizes.size() == 2);
  CHECK(sizes[0].app == "ui");
  CHECK(sizes[0].ecs == "1000m/2Gi");
  CHECK(sizes[0].kubernetes == "250m/1536Mi");
  CHECK(sizes[1].app == "a: b");
  CHECK(remarks.size() == 2);
  CHECK(take_differing_sizes(remarks).empty());
  CHECK(remarks.size() == 2);
}
