#include "models/kubernetes/kubelet/node_images.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "models/kubernetes/kubelet/disk_pressure.h"
#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// A host that pulls 100 MB/s, one image after another.
struct ImagesBench {
  explicit ImagesBench(NodeImagesParameters parameters = {}) : world(small_world(hours(1))) {
    world.host_profiles.assign(2, plain_host());
    for (int i = 0; i < 4; ++i) {
      const WorkloadId id = add_workload(world, "app-" + std::to_string(i), 10, 16);
      world.edit_workload(id).images = {
          {world.names.intern("image-" + std::to_string(i)), Bytes{(i + 1) * 100'000'000}}};
      apps.push_back(id);
    }
    world.attach(std::make_unique<HostAgent>());
    world.attach(std::make_unique<NodeImages>(parameters));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    node = ready_node(world, 4000, 4096);
  }
  void run_at(std::int64_t s, std::size_t app) {
    script->at(at_s(s), [this, app](World& w) { CHECK(w.bind_pod(w.create_pod(apps[app]), node) == Applied::yes); });
  }
  const std::vector<ImageOnNode>& told() const { return world.placement.node(world.node(node).row).images; }

  World world;
  std::vector<WorkloadId> apps;
  NodeId node;
  Script* script = nullptr;
};

TEST_CASE("an image is told under its full name, with its size, at most 40 s after it came, and not before it did") {
  ImagesBench b;
  b.run_at(100, 1);  // 2 s sandbox, 0.5 s and 2 s of pull: there at 104.5
  b.world.run_until(at_ms(104'499));
  CHECK(b.told().empty());
  b.world.run_until(at_ms(144'500));
  REQUIRE(b.told().size() == 1);
  CHECK(b.world.names.text(b.told()[0].name) == "image-1:latest");
  CHECK(b.told()[0].size == 200'000'000);
  CHECK(b.world.placement.rows_with_image(b.told()[0].name) == 1);
}

TEST_CASE("images still on their way are told later") {
  ImagesBench b;
  b.run_at(100, 0);
  b.run_at(101, 3);
  b.script->at(at_s(103),
               [](World& w) { w.edit_node(NodeId{0}).image_cache.emplace_back(w.names.intern("no pod's"), at_s(0)); });
  b.world.run_until(at_s(200));
  REQUIRE(b.told().size() == 2);
  CHECK(b.told()[0].size == 400'000'000);  // the larger first, an image that no pod has brought not at all
}

TEST_CASE("the largest are told, as many as the kubelet may") {
  NodeImagesParameters parameters;
  parameters.most = 2;
  ImagesBench b(parameters);
  for (std::size_t i = 0; i < 4; ++i) b.run_at(100, i);
  b.world.run_until(at_s(300));
  REQUIRE(b.told().size() == 2);
  CHECK(b.told()[0].size == 400'000'000);
  CHECK(b.told()[1].size == 300'000'000);
}

TEST_CASE("an image that was removed is no longer told once the kubelet has looked") {
  ImagesBench b;
  b.run_at(10, 0);
  b.script->at(at_s(200), [](World& w) {
    w.edit_node(NodeId{0}).image_cache.clear();
    w.wake(w.find_component<NodeImages>()->handler, w.now(), Phase::controllers, NodeImages::changed(NodeId{0}));
  });
  b.world.run_until(at_s(199));
  CHECK(b.told().size() == 1);
  b.world.run_until(at_s(240));
  CHECK(b.told().empty());
}

TEST_CASE("a layer that images share counts to each image, and is none itself") {
  ImagesBench b;
  const NameId layer = b.world.names.intern("layer base");
  for (std::size_t i = 0; i < 2; ++i) b.world.edit_workload(b.apps[i]).images.emplace_back(layer, Bytes{50'000'000});
  b.run_at(10, 0);
  b.run_at(10, 1);
  b.world.run_until(at_s(100));
  REQUIRE(b.told().size() == 2);
  CHECK(b.told()[0].size == 250'000'000);
  CHECK(b.told()[1].size == 150'000'000);
}

TEST_CASE("a copy of the world tells the same") {
  ImagesBench b;
  b.run_at(10, 0);
  b.world.run_until(at_s(30));
  World copy = b.world;
  copy.run_until(at_s(100));
  b.world.run_until(at_s(100));
  CHECK(b.told().size() == 1);
  CHECK(copy.placement.node(0).images == b.told());
}

}  // namespace
}  // namespace plimsoll::kubernetes
