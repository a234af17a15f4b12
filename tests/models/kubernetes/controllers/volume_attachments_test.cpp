#include "models/kubernetes/controllers/volume_attachments.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// Two nodes, and an application whose pods share one claim. Attaching takes ten seconds, detaching four.
struct Shelf {
  Shelf() : world(small_world()) {
    world.host_profiles[0] = plain_host();
    auto owned = std::make_unique<billing::Bill>(world.window_start, world.end);
    billing::LineItem item;
    item.item = "ebs/claims";
    item.rate = Rate{1'000'000'000'000};
    const LineItemId line = owned->line(item);
    bill = world.attach(std::move(owned));
    web = add_workload(world, "web", 100, 64);
    PodShape shape = world.shapes[world.workload(web).shape];
    shape.volumes.emplace_back();
    shape.volumes.back().claim = world.names.intern("default/data");
    world.edit_workload(web).shape = world.shapes.intern(shape);
    auto volumes = std::make_unique<VolumeClaims>(bill);
    volumes->share({world.names.intern("default/data"), 10, line, {}});
    const HandlerId claims = world.attach(std::move(volumes));
    const HandlerId agent = world.attach(std::make_unique<HostAgent>());
    VolumeAttachmentParameters times;
    times.attach = Delay::constant(seconds(10));
    times.detach = Delay::constant(seconds(4));
    auto shelf = std::make_unique<VolumeAttachments>(claims, times);
    shelf->tell(agent);
    attachments = world.attach(std::move(shelf));
    dynamic_cast<HostAgent&>(world.component(agent)).mount_through(attachments);
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    for (int i = 0; i < 2; ++i) nodes.push_back(ready_node(world, 1000, 1024));
    script->at(at_s(10), [this](World& w) { CHECK(w.bind_pod(w.create_pod(web), nodes[0]) == Applied::yes); });
  }
  std::string why(PodId pod) {
    return dynamic_cast<VolumeAttachments&>(world.component(attachments)).why_pending(world, pod);
  }
  World world;
  HandlerId bill, attachments;
  WorkloadId web;
  std::vector<NodeId> nodes;
  Script* script = nullptr;
};

TEST_CASE("images are pulled once the volume is attached, and its GiB are paid from the binding on") {
  Shelf b;
  b.world.run_until(at_s(60));
  // 10 s + sandbox 2 s + attachment 10 s.
  CHECK(b.world.pod(PodId{0}).pulling == at_s(22));
  CHECK(dynamic_cast<billing::Bill&>(b.world.component(b.bill)).lines()[0].open_quantity == 10);
}

TEST_CASE("a second pod on the same node shares the attachment, one on another node waits") {
  Shelf b;
  b.script->at(at_s(100), [&b](World& w) {
    CHECK(w.bind_pod(w.create_pod(b.web), b.nodes[0]) == Applied::yes);
    CHECK(w.bind_pod(w.create_pod(b.web), b.nodes[1]) == Applied::yes);
  });
  b.script->at(at_s(300), [](World& w) {
    w.stop_pod(PodId{0}, plimsoll::Reason::rollout);
    w.stop_pod(PodId{1}, plimsoll::Reason::rollout);
  });
  b.world.run_until(at_s(200));
  CHECK(b.world.pod(PodId{1}).pulling == at_s(102));  // no attachment of its own
  CHECK(b.world.pod(PodId{2}).pulling == kTimeNever);
  CHECK(count_facts(b.world, Fact::volume_in_use) == 1);
  CHECK(b.why(PodId{2}) == "Multi-Attach error for volume \"data\" Volume is already used by pod(s) web-0, web-1");
  CHECK(b.why(PodId{1}).empty());
  b.world.run_until(at_s(400));
  // 5 s until they have stopped, 4 to detach, 10 to attach.
  CHECK(b.world.pod(PodId{2}).pulling == at_s(319));
  CHECK(b.why(PodId{2}).empty());
}

TEST_CASE("a volume of a node that died is taken from it after six minutes") {
  Shelf b;
  b.script->at(at_s(100), [&b](World& w) {
    w.lose_node(b.nodes[0]);
    w.terminate_node(b.nodes[0], plimsoll::Reason::node_lost);
    CHECK(w.bind_pod(w.create_pod(b.web), b.nodes[1]) == Applied::yes);
  });
  b.world.run_until(at_s(600));
  CHECK(b.world.pod(PodId{1}).pulling == at_s(100 + 360 + 10));
}

TEST_CASE("a copy of the world runs on to the same facts") {
  Shelf b;
  b.script->at(at_s(100), [&b](World& w) { CHECK(w.bind_pod(w.create_pod(b.web), b.nodes[1]) == Applied::yes); });
  b.world.run_until(at_s(105));
  World copy = b.world;
  b.world.run_until(at_s(500));
  copy.run_until(at_s(500));
  CHECK(copy.log.size() == b.world.log.size());
}

}  // namespace
}  // namespace plimsoll::kubernetes
