// Also tests: pod_directory, cluster_autoscaler_removal
#include "models/eks/controllers/cluster_autoscaler.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "models/aws/controllers/auto_scaling_group.h"
#include "models/eks/controllers/pod_directory.h"
#include "models/kubernetes/controllers/kube_scheduler.h"
#include "models/kubernetes/controllers/replica_set_controller.h"
#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::eks {
namespace {

using namespace plimsoll::testing;

/// One Deployment of 900m pods on a node group of two-core nodes (two pods a node), whose nodes are ready 40 s after
/// the call.
struct Bench {
  Bench(std::int64_t pods, std::int64_t minimum, std::int64_t maximum,
        const ca::Options& options = ca::options_for_version(ca::kDefaultMinor))
      : world(small_world(hours(1))) {
    world.host_profiles.assign(2, plain_host());
    web = add_workload(world, "web", 900, 512, pods);
    NodeGroup g;
    g.name = world.names.intern("group");
    g.minimum = g.desired = minimum;
    g.maximum = maximum;
    group = world.add_group(g);
    const NodeSpec spec = node_spec(world, 2000, 8192);
    auto asg = std::make_unique<aws::AutoScalingGroups>();
    aws::AutoScalingGroupConfig config;
    config.group = group;
    config.node = spec;
    for (int z = 0; z < 3; ++z) config.zones.emplace_back(z);
    config.delays = {Delay::constant(seconds(2)), Delay::constant(seconds(10)), Delay::constant(seconds(28)),
                     Delay::constant(seconds(20))};
    asg->add(std::move(config));
    world.attach(std::move(asg));
    world.attach(std::make_unique<HostAgent>());
    auto replicas = std::make_unique<kubernetes::ReplicaSetController>(kubernetes::ReplicaSetParameters{});
    replicas->manage(web);
    world.attach(std::move(replicas));
    auto scheduler = std::make_unique<kubernetes::KubeScheduler>(kubernetes::KubeSchedulerParameters{}, world.names);
    const kubernetes::Framework framework = scheduler->framework();
    world.attach(std::move(scheduler));
    kubernetes::DisruptionBudgets budgets;
    budgets.set(web, percent(25));
    std::string fault;
    std::shared_ptr<const ca::ExpanderChain> expanders = ca::make_expanders(options.expander, {}, fault);
    REQUIRE(fault.empty());
    auto autoscaler = std::make_unique<ClusterAutoscaler>(options, expanders, framework, budgets);
    AutoscaledGroup managed;
    managed.id = group;
    managed.template_node.name = world.names.intern("template");
    managed.template_node.capacity = spec.capacity;
    managed.template_node.allocatable = spec.allocatable;
    autoscaler->manage(std::move(managed));
    world.attach(std::move(autoscaler));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  void want_at(std::int64_t s, std::int64_t desired) {
    script->at(at_s(s), [desired, id = web](World& w) { w.set_desired(id, desired); });
  }
  std::int64_t ready_nodes() const {
    std::int64_t n = 0;
    for (const NodeId id : world.live_nodes()) n += world.node(id).state == NodeState::ready ? 1 : 0;
    return n;
  }

  World world;
  Script* script = nullptr;
  NodeGroupId group;
  WorkloadId web;
};

TEST_CASE("pending pods bring the nodes that hold them within a scan and a boot") {
  Bench b(6, 1, 10);  // two a node: three nodes
  b.world.run_until(at_s(120));
  CHECK(b.world.group(b.group).desired == 3);
  CHECK(b.ready_nodes() == 3);
  CHECK(b.world.pending_pods().empty());
  // Scan interval 10 s, 2 s for the group, 38 s of boot, and the scheduler.
  Time last = kTimeZero;
  for (const Pod& p : b.world.pods()) last = std::max(last, p.bound);
  CHECK(last <= at_s(62));
}

TEST_CASE("the group's maximum leaves the rest pending") {
  Bench b(12, 1, 4);
  b.world.run_until(at_s(300));
  CHECK(b.world.group(b.group).desired == 4);
  CHECK(b.world.pending_pods().size() == 4);
}

TEST_CASE("unneeded nodes go after ten minutes, down to the minimum, and their pods find a place") {
  Bench b(6, 1, 10);
  b.want_at(600, 2);
  b.world.run_until(at_s(1'190));
  CHECK(b.world.group(b.group).desired == 3);  // not unneeded for ten minutes yet
  b.world.run_until(at_s(3'000));
  CHECK(b.world.group(b.group).desired == 1);
  CHECK(b.ready_nodes() == 1);
  CHECK(b.world.workload(b.web).serving == 2);
  CHECK(b.world.pending_pods().empty());
  Time first = kTimeNever;
  for (const FactRecord& f : b.world.log) {
    if (f.fact == Fact::node_draining) first = std::min(first, f.at);
  }
  CHECK(first >= at_s(1'200));
  CHECK(first <= at_s(1'260));
}

TEST_CASE("emptied nodes of a group wait for one another as long as the batcher collects them") {
  for (const std::int64_t interval : {0, 60}) {
    CAPTURE(interval);
    ca::Options options = ca::options_for_version(ca::kDefaultMinor);
    options.node_deletion_batcher_interval = seconds(interval);
    Bench b(6, 1, 10, options);
    b.want_at(600, 0);
    b.world.run_until(at_s(3'000));
    CHECK(b.world.group(b.group).desired == 1);
    std::vector<Time> tainted, ended;
    for (const FactRecord& f : b.world.log) {
      if (f.fact == Fact::node_draining) tainted.push_back(f.at);
      if (f.fact == Fact::node_terminating) ended.push_back(f.at);
    }
    REQUIRE(tainted.size() == 2);
    REQUIRE(ended.size() == 2);
    // node-delete-delay-after-taint 5 s; two empty nodes go in one loop.
    CHECK(ended[0] - tainted[0] == seconds(5 + interval));
    CHECK(ended[1] == ended[0]);
  }
}

TEST_CASE("a loop takes a second even where the next is wanted at once") {
  ca::Options options = ca::options_for_version(32);
  options.scan_interval = Duration{};
  Bench b(6, 1, 10, options);
  b.world.run_until(at_s(120));
  CHECK(b.world.group(b.group).desired == 3);
  CHECK(b.ready_nodes() == 3);
}

TEST_CASE("a drain gives a pod no longer than max-graceful-termination-sec") {
  for (const std::int64_t limit : {20, 600}) {
    CAPTURE(limit);
    ca::Options options = ca::options_for_version(ca::kDefaultMinor);
    options.max_graceful_termination = seconds(limit);
    // Two nodes with a pod each, of which one may go after five minutes.
    Bench b(2, 2, 10, options);
    for (HostProfile& host : b.world.host_profiles) host.stop_plain = host.stop_balanced = seconds(90);
    b.script->at(at_s(300), [g = b.group](World& w) { w.set_group_sizes(g, 1, std::nullopt, std::nullopt); });
    b.world.run_until(at_s(2'000));
    std::map<std::uint32_t, Time> evicted;
    std::size_t ended = 0;
    for (const FactRecord& f : b.world.log) {
      if (f.fact == Fact::pod_stopping && f.reason == Reason::node_drain) evicted[f.pod.value()] = f.at;
      if (f.fact != Fact::pod_ended || !evicted.contains(f.pod.value())) continue;
      CHECK(f.at - evicted[f.pod.value()] == seconds(std::min<std::int64_t>(limit, 90)));
      ++ended;
    }
    CHECK(ended == 1);
    CHECK(b.world.group(b.group).desired == 1);
  }
}

TEST_CASE("a node that is needed stays") {
  Bench b(6, 1, 10);
  b.world.run();
  CHECK(count_facts(b.world, Fact::node_draining) == 0);
  CHECK(b.world.group(b.group).desired == 3);
}

TEST_CASE("what the autoscalers ask of a pod comes from the world") {
  Bench b(1, 1, 1);
  const WorkloadId agent = add_workload(b.world, "agent", 10, 16);
  b.world.edit_workload(agent).daemon = true;
  const NodeId node = ready_node(b.world, 2000, 8192);
  const PodId pod = b.world.create_pod(b.web), daemon = b.world.create_pod(agent);
  const AnnotationTable none;
  const WorldPods pods(b.world, none);
  const PodFacts &of_daemon = pods.facts(daemon), &of_pod = pods.facts(pod);  // both stay
  CHECK(of_daemon.controller == ControllerKind::daemon_set);
  CHECK(of_pod.controller == ControllerKind::replica_set);
  CHECK(of_pod.controller_replicas == 1);
  CHECK(of_pod.phase == PodPhase::pending);
  REQUIRE(b.world.bind_pod(pod, node) == Applied::yes);
  CHECK(pods.facts(pod).phase == PodPhase::pending);
  b.world.pod_started(pod);
  CHECK(pods.facts(pod).phase == PodPhase::running);
  b.world.stop_pod(pod, plimsoll::Reason::scale_in);
  CHECK(pods.facts(pod).deleted_at == kTimeZero);
}

TEST_CASE("a group's maximum binds while pods wait that one more node would take, and not before") {
  const auto limits = [](Bench& b) {
    b.world.run();
    return b.world.find_component<ClusterAutoscaler>()->binding_limits(b.world);
  };
  Bench full(4, 1, 2);  // two nodes hold all four
  CHECK(limits(full).empty());
  Bench short_of_one(5, 1, 2);
  const auto bound = limits(short_of_one);
  REQUIRE(bound.size() == 1);
  CHECK(bound[0].name == "the maximum of node group group");
  CHECK(bound[0].share > 0.95);  // but for the first scans
  CHECK(bound[0].share < 1);
  Bench half(5, 1, 2);
  half.script->at(at_s(1800), [id = half.web](World& w) { w.set_bounds(id, 4, 4); });
  const auto while_it_lasted = limits(half);
  REQUIRE(while_it_lasted.size() == 1);
  CHECK(while_it_lasted[0].share > 0.45);
  CHECK(while_it_lasted[0].share < 0.51);
}

/// Whoever is told of each loop makes the autoscaler run each of them.
class EveryLoop : public ComponentOf<EveryLoop> {
 public:
  void handle(World&, const Event&) override {}
  void on_detail(World&, const Detail& detail) override {
    if (dynamic_cast<const ScaleDownDetail*>(&detail) != nullptr) ++loops;
  }
  std::size_t loops = 0;
};

TEST_CASE("loops that would find nothing are passed over, and all goes as if they ran") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    const Stream stream(seed, "idle loops", Purpose::tie_break);
    const auto make = [&] {
      auto bench = std::make_unique<Bench>(4, 1, 6);
      for (std::uint64_t i = 0; i < 5; ++i) {
        bench->want_at(static_cast<std::int64_t>(stream.below(3'000, 2 * i)),
                       static_cast<std::int64_t>(stream.below(14, 2 * i + 1)));
      }
      return bench;
    };
    const auto some = make(), all = make();
    auto listener = std::make_unique<EveryLoop>();
    const EveryLoop& heard = *listener;
    all->world.explain_to(all->world.attach(std::move(listener)));
    some->world.run();
    all->world.run();
    CHECK(some->world.hash.value() == all->world.hash.value());
    CHECK(heard.loops > 250);
  }
}

TEST_CASE("budgets of workloads to which nothing happened stand as they were seen") {
  World world = small_world();
  kubernetes::DisruptionBudgets budgets;
  std::vector<WorkloadId> workloads;
  for (int i = 0; i < 6; ++i) {
    workloads.push_back(add_workload(world, "app-" + std::to_string(i), 100, 64, 4));
    if (i % 3 != 2) budgets.set(workloads.back(), percent(10 + 15 * i));
  }
  kubernetes::DisruptionBudgetSpec pair;
  pair.min_available = kubernetes::IntOrPercent{3, false};
  LabelSelector everything;
  everything.present = true;
  budgets.cover("pair", pair, world.names.intern("default"), everything, workloads[2]);
  budgets.cover("pair", pair, world.names.intern("default"), everything, workloads[5]);
  const Stream stream(9, "budgets", Purpose::tie_break);
  std::vector<std::uint8_t> changed;
  std::vector<DisruptionBudget> view;
  CHECK(refresh_budgets(world, budgets, changed, view));
  CHECK(view.size() == 5);
  changed.assign(workloads.size(), 0);
  for (std::uint64_t step = 0; step < 200; ++step) {
    const std::size_t which = stream.below(workloads.size(), 3 * step);
    Workload& w = world.edit_workload(workloads[which]);
    w.desired = static_cast<std::int64_t>(stream.below(20, 3 * step + 1));
    w.ready = static_cast<std::int64_t>(stream.below(20, 3 * step + 2));
    changed[which] = 1;
    if (step % 3 == 0) continue;
    CHECK_FALSE(refresh_budgets(world, budgets, changed, view));
    const std::vector<DisruptionBudget> anew = view_budgets(world, budgets);
    REQUIRE(view.size() == anew.size());
    for (std::size_t i = 0; i < view.size(); ++i) {
      CHECK(view[i].disruptions_allowed == anew[i].disruptions_allowed);
      CHECK(view[i].selector == anew[i].selector);
    }
  }
  PodShape other = world.shapes[world.workload(workloads[0]).shape];
  other.labels.set(world.names.intern("app"), world.names.intern("another"));
  world.edit_workload(workloads[0]).shape = world.shapes.intern(std::move(other));
  changed[0] = 1;
  CHECK(refresh_budgets(world, budgets, changed, view));
}

}  // namespace
}  // namespace plimsoll::eks
