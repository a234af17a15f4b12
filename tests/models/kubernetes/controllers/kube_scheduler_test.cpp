#include "models/kubernetes/controllers/kube_scheduler.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// Watch 20 ms, a cycle 3 ms.
struct Bench {
  explicit Bench(KubeSchedulerParameters parameters = {}) : world(small_world()) {
    web = add_workload(world, "web", 500, 512);
    auto s = std::make_unique<KubeScheduler>(parameters, world.names);
    scheduler = s.get();
    world.attach(std::move(s));
    auto acts = std::make_unique<Script>();
    script = acts.get();
    world.attach(std::move(acts));
  }
  void create_at(std::int64_t s, int count, WorkloadId id) {
    script->at(at_s(s), [id, count](World& w) {
      for (int i = 0; i < count; ++i) w.create_pod(id);
    });
  }
  Time bound(std::uint32_t pod) const { return world.pod(PodId{pod}).bound; }

  World world;
  KubeScheduler* scheduler = nullptr;
  Script* script = nullptr;
  WorkloadId web;
};

TEST_CASE("pods are placed one a cycle, in the order of creation") {
  Bench b;
  ready_node(b.world, 4000, 8192);
  b.create_at(1, 3, b.web);
  b.world.run_until(at_s(10));
  CHECK(b.bound(0) == at_ms(1'020));
  CHECK(b.bound(1) == at_ms(1'023));
  CHECK(b.bound(2) == at_ms(1'026));
}

TEST_CASE("the client's rate limit holds bindings back") {
  KubeSchedulerParameters parameters;
  parameters.qps = 10;
  parameters.burst = 2;
  Bench b(parameters);
  ready_node(b.world, 4000, 8192);
  b.create_at(0, 4, b.web);
  b.world.run_until(at_s(10));
  CHECK(b.bound(1) == at_ms(23));
  // The third call goes out when its token has come: the scheduler is free again then.
  CHECK(b.bound(3) - b.bound(2) > milliseconds(70));
}

TEST_CASE("a higher priority goes first") {
  Bench b;
  ready_node(b.world, 500, 8192);  // room for one
  const WorkloadId urgent = add_workload(b.world, "urgent", 500, 512);
  PodShape shape = b.world.shapes[b.world.workload(urgent).shape];
  shape.priority = 1000;
  b.world.edit_workload(urgent).shape = b.world.shapes.intern(shape);
  b.create_at(1, 1, b.web);
  b.create_at(1, 1, urgent);
  b.world.run_until(at_s(5));
  CHECK(b.world.pod(PodId{0}).state == PodState::pending);
  CHECK(b.bound(1) != kTimeNever);
}

TEST_CASE("a pod that fits nowhere comes back when a node joins") {
  Bench b;
  ready_node(b.world, 100, 8192);
  b.create_at(1, 1, b.web);
  b.script->at(at_s(30), [](World& w) { ready_node(w, 4000, 8192); });
  b.world.run_until(at_s(60));
  CHECK(b.bound(0) == at_ms(30'020));
}

TEST_CASE("a node too small for it even when empty brings it back in the older releases only") {
  for (const auto version : {KubernetesVersion::v1_20, KubernetesVersion::current}) {
    KubeSchedulerParameters parameters;
    parameters.version = version;
    Bench b(parameters);
    ready_node(b.world, 100, 8192);
    b.create_at(1, 1, b.web);
    b.script->at(at_s(30), [](World& w) { ready_node(w, 200, 8192); });
    b.world.run_until(at_ms(30'010));
    CHECK(b.scheduler->queue().unschedulable() == 1);
    b.world.run_until(at_ms(30'021));
    // Popped and failed again in 1.20, so the second backoff of 2 s runs from there: the next event finds it in it.
    CHECK(b.scheduler->queue().unschedulable() == 1);
    const Time again = b.scheduler->queue().next_unschedulable_flush();
    CHECK((version == KubernetesVersion::v1_20 ? again > at_s(90) : again < at_s(332)));
  }
}

TEST_CASE("without any node the newest release retries after its backoffs") {
  Bench b;
  b.create_at(1, 1, b.web);
  b.script->at(at_s(14), [](World& w) { ready_node(w, 4000, 8192); });
  b.world.run_until(at_s(60));
  // Tries at 1.02 s, then in the second after 2, 4, 8 s (backoffs 1, 2, 4 s cut to whole seconds), then from 16 s on.
  CHECK(b.bound(0) >= at_s(15));
  CHECK(b.bound(0) < at_s(18));
}

TEST_CASE("room made by a pod that leaves: after the backoff in 1.20, at once by an idle scheduler from 1.33 on") {
  for (const int minor : {20, 32, 33}) {
    CAPTURE(minor);
    KubeSchedulerParameters parameters;
    parameters.version = minor == 20 ? KubernetesVersion::v1_20 : KubernetesVersion::current;
    parameters.gates = minor;
    Bench b(parameters);
    const NodeId node = ready_node(b.world, 500, 8192);
    b.create_at(0, 1, b.web);
    b.create_at(1, 1, b.web);
    b.script->at(at_ms(1'500), [](World& w) { w.pod_ended(PodId{0}, plimsoll::Reason::scale_in); });
    b.world.run_until(at_s(60));
    CHECK(b.world.pod(PodId{1}).node == node);
    if (minor == 33) {
      CHECK(b.bound(1) == at_ms(1'520));
    } else {
      // Tried in vain at 1.020 s; the backoff of 1 s ends at 2.020 s, the queue is flushed once a second.
      CHECK(b.bound(1) >= at_ms(2'020));
      CHECK(b.bound(1) < at_ms(3'020));
    }
  }
}

TEST_CASE("a burst of ten thousand pods takes the time of the client's limit") {
  World world = small_world();
  auto owned = std::make_unique<KubeScheduler>(KubeSchedulerParameters{}, world.names);
  world.attach(std::move(owned));
  const WorkloadId tiny = add_workload(world, "tiny", 1, 1);
  for (int i = 0; i < 100; ++i) ready_node(world, 4000, 65536);
  auto acts = std::make_unique<Script>();
  acts->at(at_s(1), [tiny](World& w) {
    for (int i = 0; i < 10'000; ++i) w.create_pod(tiny);
  });
  world.attach(std::move(acts));
  world.run_until(at_s(300));
  CHECK(world.pod(PodId{0}).bound == at_ms(1'020));
  CHECK(world.pod(PodId{1}).bound == at_ms(1'023));
  // 100 tokens at once and 50 a second from 1.020 s on; a binding waits for the call before it: the last one for the
  // 9,999th, 9,899 tokens beyond the burst, 197.98 s.
  CHECK(world.pod(PodId{9'999}).bound == at_ms(199'000));
}

TEST_CASE("what fits nowhere is tried again after a minute or five without any event") {
  for (const auto version : {KubernetesVersion::v1_20, KubernetesVersion::current}) {
    KubeSchedulerParameters parameters;
    parameters.version = version;
    Bench b(parameters);
    ready_node(b.world, 500, 8192);
    b.create_at(0, 1, b.web);
    b.create_at(1, 1, b.web);
    // Room is made without a fact that the queue listens to.
    b.script->at(at_s(30), [](World& w) {
      Node& n = w.edit_node(NodeId{0});
      w.placement.remove_pod(n.row, PodId{0}, w.shapes[w.pod(PodId{0}).shape]);
      w.edit_pod(PodId{0}).in_snapshot = false;
    });
    b.world.run_until(at_s(600));
    const std::int64_t limit = version == KubernetesVersion::v1_20 ? 60 : 300;
    CHECK(b.bound(1) > at_s(1 + limit));
    CHECK(b.bound(1) < at_s(1 + limit + 31));
  }
}

TEST_CASE("workloads that are scheduled elsewhere are left alone") {
  Bench b;
  ready_node(b.world, 4000, 8192);
  const WorkloadId other = add_workload(b.world, "other", 100, 64);
  b.scheduler->leave_out(other);
  b.create_at(1, 1, other);
  b.world.run_until(at_s(60));
  CHECK(b.world.pod(PodId{0}).state == PodState::pending);
}

TEST_CASE("a draining node takes none until it is uncordoned") {
  Bench b;
  const NodeId node = ready_node(b.world, 4000, 8192);
  b.world.drain_node(node, plimsoll::Reason::scale_down);
  b.create_at(1, 1, b.web);
  b.script->at(at_s(20), [node](World& w) { w.undrain_node(node); });
  b.world.run_until(at_s(60));
  CHECK(b.bound(0) == at_ms(20'020));
}

TEST_CASE("a taint that is taken off lets pods that it kept off try again") {
  Bench b;
  const NodeId node = ready_node(b.world, 1000, 8192);
  Taint taint;
  taint.key = b.world.names.intern("node.kubernetes.io/disk-pressure");
  b.world.taint_node(node, taint);
  b.create_at(1, 1, b.web);
  const HandlerId scheduler = b.scheduler->handler;
  b.script->at(at_s(20), [node, scheduler, key = taint.key](World& w) {
    w.untaint_node(node, key);
    w.wake(scheduler, w.now(), Phase::scheduler, KubeScheduler::node_updated(node));
  });
  b.world.run_until(at_s(60));
  CHECK(b.bound(0) == at_ms(20'020));
}

WorkloadId add_priority(Bench& b, const char* name, std::int64_t millis, std::int32_t priority) {
  const WorkloadId id = add_workload(b.world, name, millis, 64);
  PodShape shape = b.world.shapes[b.world.workload(id).shape];
  shape.priority = priority;
  b.world.edit_workload(id).shape = b.world.shapes.intern(shape);
  return id;
}

TEST_CASE("a pod of higher priority preempts, is nominated, and binds when its victim is gone") {
  Bench b;
  const NodeId node = ready_node(b.world, 1000, 8192);
  const WorkloadId low = add_priority(b, "low", 800, 0), urgent = add_priority(b, "urgent", 500, 1000);
  b.create_at(1, 1, low);
  b.create_at(10, 1, urgent);
  b.script->at(at_s(12), [](World& w) { w.pod_ended(PodId{0}, plimsoll::Reason::none); });
  b.world.run_until(at_s(11));
  CHECK(b.world.pod(PodId{0}).state == PodState::stopping);
  CHECK(b.world.pod(PodId{0}).end_reason == plimsoll::Reason::preempted);
  CHECK(b.scheduler->nominated_node(PodId{1}) == node);
  b.world.run_until(at_s(20));
  CHECK(b.bound(1) == at_ms(12'020));
  CHECK(b.scheduler->nominated_node(PodId{1}).is_none());
}

TEST_CASE("the room of a nominated pod is not given to a pod of lower priority") {
  Bench b;
  ready_node(b.world, 1000, 8192);
  const WorkloadId low = add_priority(b, "low", 800, 0), urgent = add_priority(b, "urgent", 500, 1000);
  const WorkloadId late = add_priority(b, "late", 600, 0);
  b.create_at(1, 1, low);
  b.create_at(10, 1, urgent);
  // Seen at 12.010 s, between the end of the victim and the news of it.
  b.script->at(at_ms(11'990), [late](World& w) { w.create_pod(late); });
  b.script->at(at_s(12), [](World& w) { w.pod_ended(PodId{0}, plimsoll::Reason::none); });
  b.world.run_until(at_s(30));
  CHECK(b.bound(1) == at_ms(12'020));
  CHECK(b.world.pod(PodId{2}).state == PodState::pending);
}

TEST_CASE("a pod that never preempts waits, and so does one of equal priority") {
  Bench b;
  ready_node(b.world, 1000, 8192);
  const WorkloadId low = add_priority(b, "low", 800, 5), equal = add_priority(b, "equal", 500, 5);
  const WorkloadId polite = add_priority(b, "polite", 500, 10);
  PodShape shape = b.world.shapes[b.world.workload(polite).shape];
  shape.preempts = false;
  b.world.edit_workload(polite).shape = b.world.shapes.intern(shape);
  b.create_at(1, 1, low);
  b.create_at(5, 1, equal);
  b.create_at(5, 1, polite);
  b.world.run_until(at_s(30));
  CHECK(b.world.pod(PodId{0}).state == PodState::preparing);
  CHECK(b.scheduler->nominated_node(PodId{2}).is_none());
}

TEST_CASE("preemption spares the workload whose budget is used up") {
  Bench b;
  ready_node(b.world, 1000, 8192);
  const NodeId second = ready_node(b.world, 1000, 8192);
  const WorkloadId guarded = add_priority(b, "guarded", 800, 0), loose = add_priority(b, "loose", 800, 1);
  const WorkloadId urgent = add_priority(b, "urgent", 500, 1000);
  DisruptionBudgets budgets;
  budgets.set(guarded, Ppm{0});
  b.scheduler->set_budgets(budgets);
  b.create_at(1, 1, guarded);
  b.create_at(2, 1, loose);
  b.create_at(10, 1, urgent);
  b.world.run_until(at_s(11));
  // The guarded pod has the lower priority, but its loss would break the budget.
  CHECK(b.world.pod(PodId{0}).state == PodState::preparing);
  CHECK(b.world.pod(PodId{1}).end_reason == plimsoll::Reason::preempted);
  CHECK(b.world.pod(PodId{1}).node == second);
}

TEST_CASE("gates keep a pod out until the last is removed; unknown schedulers are waited for") {
  Bench b;
  ready_node(b.world, 1000, 8192);
  const WorkloadId gated = add_priority(b, "gated", 100, 0), strange = add_priority(b, "strange", 100, 0);
  PodShape shape = b.world.shapes[b.world.workload(gated).shape];
  const ShapeId open = b.world.shapes.intern(shape);
  shape.scheduling_gates = 1;
  b.world.edit_workload(gated).shape = b.world.shapes.intern(shape);
  PodShape other = b.world.shapes[b.world.workload(strange).shape];
  other.scheduler_name = b.world.names.intern("my-scheduler");
  b.world.edit_workload(strange).shape = b.world.shapes.intern(other);
  b.create_at(1, 1, gated);
  b.create_at(1, 1, strange);
  KubeScheduler* scheduler = b.scheduler;
  b.script->at(at_s(20), [scheduler, open](World& w) {
    w.edit_pod(PodId{0}).shape = open;
    scheduler->pod_updated(w, PodId{0});
  });
  b.world.run_until(at_s(60));
  CHECK(b.bound(0) == at_ms(20'020));
  CHECK(b.world.pod(PodId{1}).state == PodState::pending);
}

TEST_CASE("a claim that waits for its first consumer ties the pods that share it to one zone") {
  Bench b;
  for (int zone = 0; zone < 3; ++zone) {
    const NodeId id = b.world.request_node(node_spec(b.world, 1000, 8192, zone));
    b.world.edit_node(id).labels.set(b.world.names.intern("topology.kubernetes.io/zone"),
                                     b.world.zones()[static_cast<std::size_t>(zone)]);
    b.world.node_running(id);
    b.world.node_ready(id);
  }
  const WorkloadId shared = add_priority(b, "shared", 100, 0);
  PodShape shape = b.world.shapes[b.world.workload(shared).shape];
  PodVolume volume;
  volume.claim = b.world.names.intern("default/data");
  shape.volumes = {volume};
  b.world.edit_workload(shared).shape = b.world.shapes.intern(shape);
  b.create_at(1, 4, shared);
  b.create_at(5, 4, shared);
  b.world.run_until(at_s(10));
  for (std::uint32_t i = 1; i < 8; ++i) CHECK(b.world.pod(PodId{i}).node == b.world.pod(PodId{0}).node);
}

TEST_CASE("several profiles: each pod is placed by the one that it names") {
  KubeSchedulerParameters parameters;
  parameters.tie = Tie::first;
  ProfileSpec packing;
  packing.scheduler_name = "packing";
  packing.strategy = PluginId::most_allocated;
  packing.scores = {{PluginId::node_resources_fit, 1}};
  parameters.configuration.profiles = {ProfileSpec{}, packing};
  Bench b(parameters);
  ready_node(b.world, 1000, 8192);
  const NodeId large = ready_node(b.world, 4000, 8192);
  const WorkloadId spread = add_priority(b, "spread", 100, 0), packed = add_priority(b, "packed", 100, 0);
  PodShape shape = b.world.shapes[b.world.workload(packed).shape];
  shape.scheduler_name = b.world.names.intern("packing");
  b.world.edit_workload(packed).shape = b.world.shapes.intern(shape);
  b.create_at(1, 1, spread);
  b.create_at(2, 1, packed);
  b.world.run_until(at_s(10));
  CHECK(b.world.pod(PodId{0}).node == large);
  CHECK(b.world.pod(PodId{1}).node != large);
}

TEST_CASE("a copy of the world schedules on to the same hash, preemption included") {
  Bench b;
  ready_node(b.world, 1000, 8192);
  const WorkloadId low = add_priority(b, "low", 300, 0), urgent = add_priority(b, "urgent", 500, 1000);
  b.create_at(1, 5, low);
  b.create_at(10, 2, urgent);
  b.script->at(at_s(12), [](World& w) {
    for (const Pod& p : w.pods()) {
      if (p.state == PodState::stopping) w.pod_ended(p.id, plimsoll::Reason::none);
    }
  });
  b.world.run_until(at_s(11));
  World copy = b.world;
  copy.run_until(at_s(400));
  b.world.run_until(at_s(400));
  CHECK(copy.hash.value() == b.world.hash.value());
  CHECK(b.bound(5) != kTimeNever);
}

TEST_CASE("a pod that fails again for the same reasons costs its client nothing") {
  KubeSchedulerParameters parameters;
  parameters.qps = 1;
  parameters.burst = 1;
  Bench b(parameters);
  const NodeId node = ready_node(b.world, 400, 8192);
  b.create_at(1, 10, b.web);  // 500m each
  b.world.run_until(at_s(100));
  // Ten patches, one a second after the first; the last holds nobody up any more.
  const Duration first = b.scheduler->held_by_rate();
  CHECK(first > seconds(7));
  CHECK(first <= seconds(9));
  b.world.run_until(at_s(700));  // two flushes of what waits for five minutes
  CHECK(b.scheduler->held_by_rate() == first);
  // Another node changes what the condition says.
  ready_node(b.world, 400, 8192);
  b.world.run_until(at_s(1'200));
  CHECK(b.scheduler->held_by_rate() > first + seconds(5));
  static_cast<void>(node);
}

}  // namespace
}  // namespace plimsoll::kubernetes
