#include "models/aws/billing/opencost.h"

#include <doctest/doctest.h>

using namespace plimsoll::aws::charges;

TEST_CASE("the specification's node of 35 splits into 15, 15 and 5") {
  const OpenCostPrices p = opencost_prices(Ratio{35}, Ratio{1}, Ratio{1}, Ratio{1}, {Ratio{30}, Ratio{10}, Ratio{30}});
  CHECK(p.gpu == Ratio{15});
  CHECK(p.cpu == Ratio{15});
  CHECK(p.ram_gb == Ratio{5});
}

TEST_CASE("resource prices give the node's price back, and pods plus idle its cost") {
  const OpenCostPrices p = opencost_prices(Ratio{192, 1000}, Ratio{4}, Ratio{16}, Ratio{0}, {});
  CHECK(p.cpu * Ratio{4} + p.ram_gb * Ratio{16} == Ratio{192, 1000});
  const std::vector<OpenCostPod> pods = {{"web", Ratio{1}, Ratio{4, 10}, Ratio{2}, Ratio{3, 2}},
                                         {"job", Ratio{1, 2}, Ratio{9, 10}, Ratio{4}, Ratio{3}}};
  for (const bool share : {false, true}) {
    const OpenCostSplit s =
        opencost_allocation(Ratio{192, 1000}, Ratio{4}, Ratio{16}, Ratio{0}, Ratio{1}, {}, pods, share);
    Ratio sum = share ? Ratio{0} : s.idle_usd;
    for (const OpenCostShare& w : s.pods) sum += w.cpu_usd + w.ram_usd;
    CHECK(sum == Ratio{192, 1000});
    CHECK_FALSE(s.over_allocated);
    CHECK(s.pods[1].cpu_efficiency == Ratio{9, 5});
  }
}

TEST_CASE("use above the node is flagged and idle stays at zero") {
  const std::vector<OpenCostPod> pods = {{"hog", Ratio{4}, Ratio{6}, Ratio{}, Ratio{1}}};
  const OpenCostSplit s = opencost_allocation(Ratio{1}, Ratio{4}, Ratio{16}, Ratio{0}, Ratio{1}, {}, pods, false);
  CHECK(s.over_allocated);
  CHECK(s.idle_cpu_usd == Ratio{0});
  CHECK(s.pods[0].ram_efficiency == Ratio{1});  // use without a request
}
