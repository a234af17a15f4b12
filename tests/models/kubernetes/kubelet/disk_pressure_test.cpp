// Also tests: node_updates
#include "models/kubernetes/kubelet/disk_pressure.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// A node with a disk of 20 GiB of which the system takes 4 (20 %): 90 % of it less 1 GiB are allocatable. An image of
/// 1,639 MiB takes 4,097 MiB unpacked, one fifth.
struct Bench {
  Bench() : world(small_world(hours(2))) {
    world.host_profiles.assign(2, plain_host());
    for (int i = 0; i < 5; ++i) {
      const WorkloadId id = add_workload(world, "app-" + std::to_string(i), 10, 16);
      world.edit_workload(id).images = {{world.names.intern("image-" + std::to_string(i)), mebibytes(1639)}};
      apps.push_back(id);
    }
    world.attach(std::make_unique<DiskPressure>(DiskPressureParameters{}));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    node = ready_node(world, 4000, 4096);
    world.edit_node(node).allocatable[Resource::ephemeral_storage] = gibibytes(17).raw();
  }
  void run_at(std::int64_t s, std::size_t app) {
    script->at(at_s(s), [this, app](World& w) {
      const PodId pod = w.create_pod(apps[app]);
      CHECK(w.bind_pod(pod, node) == Applied::yes);
      w.pod_pulling(pod);
      w.edit_node(node).image_cache.emplace_back(w.template_of(w.pod(pod)).images[0].first, w.now());
      w.pod_started(pod);
    });
  }
  void end_at(std::int64_t s, std::uint32_t pod) {
    script->at(at_s(s), [pod](World& w) { w.pod_ended(PodId{pod}, plimsoll::Reason::scale_in); });
  }
  bool has(std::size_t app) const {
    for (const auto& [image, since] : world.node(node).image_cache) {
      if (image == world.workload(apps[app]).images[0].first) return true;
    }
    return false;
  }
  bool tainted() const { return !world.node(node).taints.empty(); }

  World world;
  std::vector<WorkloadId> apps;
  NodeId node;
  Script* script = nullptr;
};

TEST_CASE("images in use stay, and below the high threshold all do") {
  Bench b;
  for (std::size_t i = 0; i < 3; ++i) b.run_at(10, i);  // 80 %
  b.end_at(20, 0);
  b.world.run_until(at_s(3600));
  CHECK(b.has(0));
  CHECK_FALSE(b.tainted());
}

TEST_CASE("on a full disk the unused image goes at once, and the taint five minutes later") {
  Bench b;
  for (std::size_t i = 0; i < 3; ++i) b.run_at(10, i);
  b.end_at(20, 0);
  b.run_at(200, 3);  // 100 %: below the 10 % that must be available
  b.world.run_until(at_s(209));
  CHECK(b.has(0));
  b.world.run_until(at_s(211));
  CHECK_FALSE(b.has(0));
  CHECK(b.has(1));
  CHECK(b.tainted());
  CHECK(b.world.node(b.node).pod_count == 3);  // nobody had to go
  b.world.run_until(at_s(505));
  CHECK(b.tainted());
  b.world.run_until(at_s(515));
  CHECK_FALSE(b.tainted());
}

TEST_CASE("where every image is in use, the oldest pod of the lowest priority is evicted") {
  Bench b;
  for (std::size_t i = 0; i < 4; ++i) b.run_at(10, i);
  b.world.run_until(at_s(400));
  CHECK(b.world.pod(PodId{0}).end_reason == plimsoll::Reason::evicted);
  CHECK(b.world.pod(PodId{0}).ended == at_s(20));
  // Its image goes at the first look at which it is two minutes old; until then a pod goes every ten seconds.
  CHECK_FALSE(b.has(0));
}

}  // namespace
}  // namespace plimsoll::kubernetes
