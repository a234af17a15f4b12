#include "models/ecs/cas_needed_instances.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::ecs;

namespace {
const InstanceRoom kLarge{cpu_ecs_units(2048), mebibytes(7814), 2, 0};
UnplacedGroup group(std::int64_t cpu, std::int64_t mib, std::int64_t tasks) {
  UnplacedGroup g;
  g.cpu = cpu_ecs_units(cpu);
  g.memory = mebibytes(mib);
  g.tasks = tasks;
  return g;
}
NeededInstances needed(std::vector<InstanceRoom> types, std::vector<UnplacedGroup> groups, std::int64_t n,
                       std::int64_t min_step = 1, std::int64_t max_step = 10'000) {
  return cas_needed_instances(types, groups, n, n, min_step, max_step);
}
}  // namespace

TEST_CASE("seven tasks of which four fit an instance need two more") {
  const auto m = needed({kLarge}, {group(420, 1680, 7)}, 2);  // min(2048/420, 7814/1680) = 4; ceil(7/4) = 2
  CHECK(m.additional == 2);
  CHECK(m.needed == 4);
}

TEST_CASE("the scarcest resource counts, network interfaces too") {
  UnplacedGroup g = group(128, 128, 7);
  g.enis = 1;
  CHECK(needed({kLarge}, {g}, 0).additional == 4);  // two interfaces an instance
}

TEST_CASE("distinctInstance and static ports hold one task an instance") {
  UnplacedGroup g = group(128, 128, 5);
  g.distinct_instance = true;
  CHECK(needed({kLarge}, {g}, 0).additional == 5);
  g.distinct_instance = false;
  g.static_ports = true;
  CHECK(needed({kLarge}, {g}, 0).additional == 5);
}

TEST_CASE("the largest group decides") {
  CHECK(needed({kLarge}, {group(1024, 1024, 9), group(512, 3000, 6)}, 2).additional == 5);  // max(5, 3)
}

TEST_CASE("the step sizes bound what is added") {
  CHECK(needed({kLarge}, {group(1024, 1024, 1)}, 3, 4).additional == 4);
  CHECK(needed({kLarge}, {group(1024, 1024, 90)}, 3, 1, 10).additional == 10);
}

TEST_CASE("a group that the smallest type cannot hold is left out") {
  const InstanceRoom small{cpu_ecs_units(1024), mebibytes(3700), 1, 0};
  const auto m = needed({small, kLarge}, {group(1500, 1024, 4)}, 3);
  CHECK(m.additional == 0);
  CHECK(m.excluded_tasks == 4);
  CHECK(m.needed == 3);
  // 512 units fit both; the bound uses the larger: ceil(9 / 4) = 3.
  CHECK(needed({small, kLarge}, {group(512, 512, 9)}, 0).additional == 3);
}

TEST_CASE("with nothing waiting the busy instances are what is needed") {
  CHECK(cas_needed_instances(std::vector<InstanceRoom>{kLarge}, {}, 5, 3, 1, 10'000).needed == 3);
}

TEST_CASE("groups of several zones once asked for the minimum step only") {
  const std::vector<UnplacedGroup> g{group(1024, 1024, 90)};
  CHECK(cas_needed_instances(std::vector<InstanceRoom>{kLarge}, g, 5, 5, 2, 10'000, false).needed == 7);
}

TEST_CASE("groups of different needs: the largest counts, or all of them") {
  const std::vector<UnplacedGroup> g{group(1024, 1024, 10), group(1024, 512, 7)};
  const std::vector<InstanceRoom> types{kLarge};
  const auto most = cas_needed_instances(types, g, 0, 0, 1, 10'000);
  const auto all = cas_needed_instances(types, g, 0, 0, 1, 10'000, true, true);
  const auto first = cas_needed_instances(types, {g.data(), 1}, 0, 0, 1, 10'000);
  const auto second = cas_needed_instances(types, {g.data() + 1, 1}, 0, 0, 1, 10'000);
  CHECK(most.additional == std::max(first.additional, second.additional));
  CHECK(all.additional == first.additional + second.additional);
}
