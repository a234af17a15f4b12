#include "models/kubernetes/kubelet/memory_pressure.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// A node of 1,000 MiB with pods of 300 MiB that request 200 MiB.
struct Bench {
  explicit Bench(std::int64_t used_mib = 300) : world(small_world(minutes(30))) {
    world.host_profiles.assign(2, plain_host());
    web = add_workload(world, "web", 100, 200);
    world.edit_workload(web).memory_used = mebibytes(used_mib);
    world.attach(std::make_unique<MemoryPressure>(MemoryPressureParameters{}));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    node = ready_node(world, 4000, 1000);
  }
  void run_at(std::int64_t s, int pods) {
    script->at(at_s(s), [this, pods](World& w) {
      for (int i = 0; i < pods; ++i) {
        const PodId pod = w.create_pod(web);
        CHECK(w.bind_pod(pod, node) == Applied::yes);
        w.pod_started(pod);
      }
    });
  }
  bool tainted() const { return !world.node(node).taints.empty(); }

  World world;
  WorkloadId web;
  NodeId node;
  Script* script = nullptr;
};

TEST_CASE("a node below its threshold loses one pod every ten seconds until it has room") {
  Bench b;
  b.run_at(15, 5);  // 1,500 MiB on 1,000 MiB: two pods too many
  b.world.run_until(at_s(19));
  CHECK(b.world.node(b.node).pod_count == 5);
  b.world.run_until(at_s(20));
  CHECK(b.world.node(b.node).pod_count == 4);
  CHECK(b.tainted());
  b.world.run_until(at_s(30));
  CHECK(b.world.node(b.node).pod_count == 3);
  b.world.run_until(at_s(120));
  CHECK(b.world.node(b.node).pod_count == 3);  // 900 MiB
  CHECK(b.world.pod(PodId{0}).ended == at_s(20));
  CHECK(b.world.pod(PodId{0}).end_reason == plimsoll::Reason::evicted);
  CHECK(count_facts(b.world, Fact::pod_failed) == 0);
}

TEST_CASE("the taint stays five minutes after the last sign of pressure") {
  Bench b;
  b.run_at(15, 4);  // 1,200 MiB: seen at 20 s, over at 30 s
  b.world.run_until(at_s(310));
  CHECK(b.tainted());
  b.world.run_until(at_s(320));
  CHECK(!b.tainted());
  CHECK(b.world.node(b.node).pod_count == 3);
}

TEST_CASE("pods that stay within their requests are never evicted") {
  Bench b(200);
  b.run_at(15, 5);  // 1,000 MiB of 1,000 MiB
  b.world.run_until(at_s(600));
  CHECK(b.world.node(b.node).pod_count == 5);
  CHECK(!b.tainted());
  CHECK(!MemoryPressure::can_exceed(b.world.workload(b.web)));
  CHECK(MemoryPressure::can_exceed(Bench().world.workload(b.web)));
}

}  // namespace
}  // namespace plimsoll::kubernetes
