#include "models/aws/billing/scad.h"

#include <doctest/doctest.h>

using namespace plimsoll::aws::charges;

TEST_CASE("the worked example of the guide: shares sum to the instance exactly") {
  const std::vector<ScadPod> pods = {{"1", Ratio{1}, Ratio{1, 10}, Ratio{4}, Ratio{3}},
                                     {"2", Ratio{1}, Ratio{19, 10}, Ratio{4}, Ratio{6}},
                                     {"3", Ratio{1}, Ratio{1, 2}, Ratio{2}, Ratio{2}},
                                     {"4", Ratio{1}, Ratio{1, 2}, Ratio{2}, Ratio{2}}};
  const ScadSplit s = split_cost_allocation(Ratio{1}, Ratio{4}, Ratio{16}, pods);
  CHECK(s.usd_per_vcpu_hour == Ratio{9, 52});  // 1 / (9 x 4 + 16) x 9
  CHECK(s.unused_vcpu == Ratio{0});
  CHECK(s.unused_gb == Ratio{2});
  CHECK(s.sum() == Ratio{1});
  CHECK(s.pods[1].vcpu_split_ratio == Ratio{19, 49});
  CHECK(s.pods[1].total_usd().to_double() == doctest::Approx(0.400314).epsilon(1e-6));
}

TEST_CASE("with room left the shares still sum to the instance") {
  for (std::int64_t n = 1; n < 20; ++n) {
    std::vector<ScadPod> pods;
    for (std::int64_t i = 0; i < n; ++i)
      pods.push_back({"p", Ratio{100 + 13 * i, 1000}, Ratio{i, 7}, Ratio{1 + i, 3}, {}});
    CHECK(split_cost_allocation(Ratio{34, 100}, Ratio{8}, Ratio{16}, pods).sum() == Ratio{34, 100});
  }
}

TEST_CASE("an instance without pods gives nothing away") {
  const ScadSplit s = split_cost_allocation(Ratio{1}, Ratio{4}, Ratio{16}, {});
  CHECK(s.sum() == Ratio{0});
  CHECK(s.unused_vcpu == Ratio{4});
}
