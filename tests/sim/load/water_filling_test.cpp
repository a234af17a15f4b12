#include "sim/load/water_filling.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "sim/core/random.h"

using namespace plimsoll;
using namespace plimsoll::load;

namespace {

std::vector<std::int64_t> shared(std::int64_t capacity, const std::vector<CpuClaim>& claims) {
  std::vector<Cpu> grants(claims.size());
  share_cpu(Cpu{capacity}, claims, grants);
  std::vector<std::int64_t> out;
  for (const Cpu grant : grants) out.push_back(grant.raw());
  return out;
}

}  // namespace

TEST_CASE("slack goes to whoever wants it, and a busy node shares by weight") {
  using V = std::vector<std::int64_t>;
  CHECK(shared(1'000, {{Cpu{300}, 1}, {Cpu{400}, 1}}) == V{300, 400});  // all fits
  CHECK(shared(1'000, {{Cpu{900}, 1}, {Cpu{900}, 3}}) == V{250, 750});  // by weight
  CHECK(shared(1'000, {{Cpu{100}, 1}, {Cpu{900}, 1}, {Cpu{900}, 2}}) == V{100, 300, 600});
  CHECK(shared(1'000, {{Cpu{500}, 2}, {Cpu{500}, 1}, {Cpu{500}, 4}}) == V{333, 167, 500});  // 4/7 of 1000 covers 500
  CHECK(shared(10, {{Cpu{9}, 1}, {Cpu{9}, 1}, {Cpu{9}, 1}}) == V{3, 3, 4});                 // whole ticks
  CHECK(shared(0, {{Cpu{9}, 1}, {Cpu{0}, 1}}) == V{0, 0});
}

TEST_CASE("the result is the weighted max-min share on random nodes") {
  const Stream stream(5, "water", Purpose::tie_break);
  std::uint64_t item = 0;
  for (int round = 0; round < 300; ++round) {
    const std::size_t count = 1 + stream.below(40, ++item);
    std::vector<CpuClaim> claims;
    std::int64_t demand = 0;
    for (std::size_t i = 0; i < count; ++i) {
      claims.push_back({Cpu{static_cast<std::int64_t>(stream.below(3'000'000, ++item))},
                        2 + static_cast<std::int64_t>(stream.below(4'000, ++item))});
      demand += claims.back().demand.raw();
    }
    const auto capacity = static_cast<std::int64_t>(stream.below(40'000'000, ++item));
    const auto grants = shared(capacity, claims);
    std::int64_t sum = 0;
    double level = 1e300;  // lowest share per weight among those that are cut
    for (std::size_t i = 0; i < count; ++i) {
      sum += grants[i];
      CHECK(grants[i] <= claims[i].demand.raw());
      if (grants[i] < claims[i].demand.raw()) {
        level = std::min(level, static_cast<double>(grants[i] + 1) / static_cast<double>(claims[i].weight));
      }
    }
    CHECK(sum == std::min(capacity, demand));
    for (std::size_t i = 0; i < count; ++i) {
      // nobody is above the level by more than the odd ticks
      const double share = static_cast<double>(grants[i]) / static_cast<double>(claims[i].weight);
      if (level < 1e300) CHECK(share <= level * 1.0001 + 1);
    }
  }
}

TEST_CASE("Kubernetes requests become cgroup shares") {
  CHECK(cpu_shares(cpu_millis(0)) == 2);
  CHECK(cpu_shares(cpu_millis(1)) == 2);
  CHECK(cpu_shares(cpu_millis(250)) == 256);
  CHECK(cpu_shares(cpu_millis(1'000)) == 1'024);
  CHECK(cpu_shares(cpu_cores(512)) == 262'144);
}
