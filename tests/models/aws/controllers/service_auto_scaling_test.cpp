#include "models/aws/controllers/service_auto_scaling.h"

#include <doctest/doctest.h>

#include <map>
#include <utility>
#include <vector>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

using Changes = std::vector<std::pair<std::int64_t, std::int64_t>>;  // second, new desired count

/// Four tasks of one vCPU, whose use in each minute is told by `percent` (-1: nothing runs, no datapoint).
Changes scale(const std::vector<std::int64_t>& percent, std::int64_t minimum = 2, std::int64_t maximum = 100) {
  World world = small_world(minutes(static_cast<std::int64_t>(percent.size()) + 2));
  const WorkloadId web = add_workload(world, "web", 1000, 64, 4);
  world.edit_workload(web).minimum = minimum;
  world.edit_workload(web).maximum = maximum;
  world.edit_workload(web).started = 4;
  auto scaling = std::make_unique<ServiceAutoScaling>();
  TargetTrackingParameters
      parameters;  // target 60 %, 3 minutes above, 15 below 54 %, cooldowns 5 min, 1 min to publish
  scaling->track(web, parameters);
  world.attach(std::move(scaling));
  auto script = std::make_unique<Script>();
  for (std::size_t m = 0; m < percent.size(); ++m) {
    const std::int64_t p = percent[m];
    script->at(kTimeZero + minutes(static_cast<std::int64_t>(m)) + seconds(30), [web, p](World& w) {
      if (p < 0) return;
      const __int128 reserved = static_cast<__int128>(4) * kCpuTicksPerVcpu * 60'000'000;
      w.usage[web.index()].cpu_reserved += reserved;
      w.usage[web.index()].cpu_serving += reserved * p / 100;
    });
  }
  world.attach(std::move(script));
  world.run();
  Changes out;
  for (const FactRecord& f : world.log) {
    if (f.fact == Fact::desired_changed) out.emplace_back(to_microseconds(f.at) / 1'000'000, f.value);
  }
  return out;
}

std::vector<std::int64_t> repeat(std::int64_t value, std::size_t n) { return std::vector<std::int64_t>(n, value); }

std::vector<std::int64_t> then(std::vector<std::int64_t> a, const std::vector<std::int64_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST_CASE("the tracked capacity is rounded up") {
  CHECK(tracked_capacity(4, 900, 600) == 6);
  CHECK(tracked_capacity(4, 601, 600) == 5);
  CHECK(tracked_capacity(4, 600, 600) == 4);
  CHECK(tracked_capacity(4, 0, 600) == 0);
  CHECK(tracked_capacity(7, 300, 600) == 4);
}

TEST_CASE("three minutes above the target scale out when the third is published") {
  // Minutes end at 60, 120, 180 s and are published a minute later; ceil(4 x 90 / 60) = 6.
  CHECK(scale(repeat(90, 8)) == Changes{{240, 6}});
  CHECK(scale(then(repeat(90, 2), repeat(55, 8))) == Changes{});
  CHECK(scale(repeat(60, 30)) == Changes{});  // at the target
}

TEST_CASE("a larger need is followed at once, within the cooldown too") {
  CHECK(scale(then(repeat(90, 3), repeat(150, 4))) == Changes{{240, 6}, {300, 10}});
}

TEST_CASE("a missing datapoint ends a run of breaching minutes") {
  CHECK(scale({90, 90, -1, 90, 90, 90, 55}) == Changes{{420, 6}});
}

TEST_CASE("fifteen minutes below nine tenths of the target scale in, then once a cooldown") {
  // Below from the first minute: the fifteenth is published at 960 s. ceil(4 x 30 / 60) = 2, the minimum.
  CHECK(scale(repeat(30, 30)) == Changes{{960, 2}});
  // From 4 to ceil(4 x 45 / 60) = 3 at 960 s, and after the cooldown of 300 s to ceil(3 x 45 / 60) = 3: no change.
  CHECK(scale(repeat(45, 30)) == Changes{{960, 3}});
  // With a minimum of 1 it goes on: 2 at 960 s, 1 at 1260 s.
  CHECK(scale(repeat(30, 30), 1) == Changes{{960, 2}, {1260, 1}});
  // Between 54 % and 60 % nothing happens.
  CHECK(scale(repeat(55, 40)) == Changes{});
}

TEST_CASE("the maximum binds") { CHECK(scale(repeat(300, 8), 2, 7) == Changes{{240, 7}}); }

}  // namespace
}  // namespace plimsoll::aws
