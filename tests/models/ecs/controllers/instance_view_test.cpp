#include "models/ecs/controllers/instance_view.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/core/random.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

template <class T>
std::vector<T> copy(std::span<const T> column) {
  return {column.begin(), column.end()};
}

/// The two views name the same instances and say the same of them.
void check_equal(const InstanceView& kept, const InstanceView& fresh) {
  const InstanceColumns &a = kept.columns(), &b = fresh.columns();
  REQUIRE(a.size() == b.size());
  for (std::uint32_t i = 0; i < a.size(); ++i) CHECK(kept.node(i) == fresh.node(i));
  CHECK(copy(a.free_cpu) == copy(b.free_cpu));
  CHECK(copy(a.free_memory) == copy(b.free_memory));
  CHECK(copy(a.usable) == copy(b.usable));
  CHECK(copy(a.no_candidate) == copy(b.no_candidate));
  CHECK(copy(a.zone) == copy(b.zone));
  CHECK(copy(a.group_tasks) == copy(b.group_tasks));
  CHECK(copy(a.zone_tasks) == copy(b.zone_tasks));
  CHECK(copy(a.block_free_cpu) == copy(b.block_free_cpu));
}

TEST_CASE("a view that follows the journal is the one that is made anew, and its sums are those of its columns") {
  World world = small_world();
  std::vector<WorkloadId> services;
  for (const char* name : {"web", "cart", "orders"}) services.push_back(add_workload(world, name, 400, 256));
  std::vector<NodeId> nodes;
  for (int i = 0; i < 40; ++i) nodes.push_back(ready_node(world, 2000, 4096, i % 3));
  std::vector<PodId> placed;
  InstanceView kept;
  PlacementScratch with, without;
  const StrategyChain chain = {spread_over_zones(), binpack_strategy(BinpackField::cpu)};
  const Stream draw(11, "instance-view", Purpose::tie_break);
  std::size_t left = 0;
  for (std::uint64_t step = 0; step < 3000; ++step) {
    const auto pick = [&](std::size_t count, std::uint32_t sub) {
      return static_cast<std::size_t>(draw.below(count, step, sub));
    };
    const WorkloadId service = services[pick(services.size(), 0)];
    const std::size_t what = pick(100, 1);
    if (what < 55) {
      const PodId pod = world.create_pod(service);
      if (world.bind_pod(pod, nodes[pick(nodes.size(), 2)]) == Applied::yes) {
        placed.push_back(pod);
      } else {
        world.stop_pod(pod, Reason::scale_in);
      }
    } else if (what < 90 && !placed.empty()) {
      const std::size_t at = pick(placed.size(), 2);
      if (what < 70) {
        world.stop_pod(placed[at], Reason::scale_in);  // still holds its place
      } else {
        if (world.pod(placed[at]).state != PodState::ended) world.pod_ended(placed[at], Reason::completed);
        placed.erase(placed.begin() + static_cast<std::ptrdiff_t>(at));
      }
    } else if (what < 94) {
      nodes.push_back(ready_node(world, 2000, 4096, static_cast<int>(pick(3, 2))));
    } else if (what < 96) {
      world.drain_node(nodes[pick(nodes.size(), 2)], Reason::scale_down);
    } else if (what < 97) {
      world.undrain_node(nodes[pick(nodes.size(), 2)]);
    } else if (nodes.size() > 20) {
      const std::size_t at = pick(nodes.size(), 2);
      world.terminate_node(nodes[at], Reason::scale_down);
      nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(at));
      std::erase_if(placed, [&](PodId pod) { return world.pod(pod).state == PodState::ended; });
      ++left;
    }
    if (pick(3, 3) != 0) continue;  // several changes between two looks
    const WorkloadId asked = services[pick(services.size(), 4)];
    kept.refresh(world, asked);
    InstanceView fresh;
    fresh.refresh(world, asked);
    check_equal(kept, fresh);
    // The sums leave the choice as it is without them.
    const InstanceColumns& v = kept.columns();
    for (std::size_t zone = 0; zone < v.zone_count; ++zone) {
      std::uint32_t tasks = 0;
      for (std::size_t i = 0; i < v.size(); ++i) tasks += v.zone[i] == zone ? v.group_tasks[i] : 0;
      CHECK(v.zone_tasks[zone] == tasks);
    }
    InstanceColumns plain = v;
    plain.block_free_cpu = {};
    plain.zone_tasks = {};
    TaskNeed need;
    need.cpu = cpu_millis(400);
    need.memory = mebibytes(256);
    const auto best = find_best(v, need, chain, with);
    const auto same = find_best(plain, need, chain, without);
    CHECK(copy<std::uint32_t>(best) == copy<std::uint32_t>(same));
    const auto stop = choose_scale_in(v, need, chain, {}, with);
    const auto same_stop = choose_scale_in(plain, need, chain, {}, without);
    CHECK(copy<std::uint32_t>(stop) == copy<std::uint32_t>(same_stop));
  }
  CHECK(left > 20);
  CHECK(placed.size() > 20);
}

}  // namespace
}  // namespace plimsoll::ecs
