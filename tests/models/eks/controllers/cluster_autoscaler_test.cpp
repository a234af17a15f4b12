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

/// What a case changes about its group.
struct BenchExtras {
  AutoscalerComputeTime compute{milliseconds(20), Duration{}};
  std::string taint{};  ///< of its nodes
  Cpu imagined{};       ///< that the provider takes a node to have beyond what it has
  Cpu daemon{};         ///< of a DaemonSet that runs nowhere yet
  std::optional<ca::NodeGroupSpec> bounds{};
};

/// One Deployment of 900m pods on a node group of two-core nodes (two pods a node), whose nodes are ready 40 s after
/// the call.
struct Bench {
  Bench(std::int64_t pods, std::int64_t minimum, std::int64_t maximum,
        const ca::Options& options = ca::options_for_version(ca::kDefaultMinor), const BenchExtras& extras = {})
      : world(small_world(hours(1))) {
    world.host_profiles.assign(2, plain_host());
    web = add_workload(world, "web", 900, 512, pods);
    NodeGroup g;
    g.name = world.names.intern("group");
    g.minimum = g.desired = minimum;
    g.maximum = maximum;
    group = world.add_group(g);
    NodeSpec spec = node_spec(world, 2000, 8192);
    if (!extras.taint.empty()) spec.taints = {{world.names.intern(extras.taint), NameId{}, TaintEffect::no_schedule}};
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
    auto autoscaler = std::make_unique<ClusterAutoscaler>(options, expanders, framework, budgets, extras.compute);
    AutoscaledGroup managed;
    managed.id = group;
    managed.template_node.name = world.names.intern("template");
    managed.template_node.capacity = spec.capacity;
    managed.template_node.allocatable = spec.allocatable;
    managed.template_node.allocatable.set_cpu(spec.allocatable.cpu() + extras.imagined);
    managed.template_node.taints = spec.taints;
    managed.bounds = extras.bounds;
    if (extras.daemon > Cpu{}) {
      const WorkloadId agent = add_workload(world, "agent", extras.daemon.raw() / cpu_millis(1).raw(), 16, 0);
      PodShape shape = world.shapes[world.workload(agent).shape];
      shape.is_daemon = true;
      managed.daemons = {world.shapes.intern(std::move(shape))};
    }
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

Time first_growth(const Bench& b) {
  for (const FactRecord& f : b.world.log) {
    if (f.fact == Fact::group_resized && f.value > 1) return f.at;
  }
  return kTimeNever;
}

TEST_CASE("packing takes time before the group grows, and its limit cuts what one loop adds") {
  BenchExtras slow;
  slow.compute.packing_check = milliseconds(100);
  // Two of the six pods fit the node that is on its way. One look at the template; then one try for the first pod on a
  // new node, one for the second, two for the third (the full node, the next), one for the fourth: six.
  Bench at_once(6, 1, 10), later(6, 1, 10, ca::options_for_version(ca::kDefaultMinor), slow);
  at_once.world.run_until(at_s(120));
  later.world.run_until(at_s(120));
  CHECK(later.world.group(later.group).desired == at_once.world.group(at_once.group).desired);
  CHECK(first_growth(later) - first_growth(at_once) == milliseconds(600));
  // With a tenth of a second for a group no second node is tried: it comes with a later loop.
  ca::Options cut = ca::options_for_version(ca::kDefaultMinor);
  cut.max_nodegroup_binpacking_duration = milliseconds(100);
  Bench stepwise(20, 1, 20, cut, slow), whole(20, 1, 20, ca::options_for_version(ca::kDefaultMinor), slow);
  const auto steps = [](Bench& b) {
    b.world.run_until(at_s(300));
    return std::count_if(b.world.log.begin(), b.world.log.end(),
                         [](const FactRecord& f) { return f.fact == Fact::group_resized; });
  };
  CHECK(steps(stepwise) > steps(whole) + 2);
  CHECK(stepwise.world.group(stepwise.group).desired == 10);
  CHECK(whole.world.group(whole.group).desired == 10);
}

TEST_CASE("a node with a startup taint is on its way, and its successors are expected without it") {
  BenchExtras tainted;
  tainted.taint = "example.com/agent-not-ready";
  for (const bool told : {true, false}) {
    CAPTURE(told);
    ca::Options options = ca::options_for_version(ca::kDefaultMinor);
    if (told) options.startup_taint = {tainted.taint};
    Bench b(4, 0, 10, options, tainted);
    b.world.run_until(at_s(300));
    // Two nodes for four pods. Nobody takes the taint off: untold, the group is of no use for these pods.
    CHECK(b.world.group(b.group).desired == (told ? 2 : 0));
    if (!told) continue;
    // Off it comes, and the pods find their places.
    for (const NodeId id : b.world.live_nodes()) b.world.untaint_node(id, b.world.names.find(tainted.taint));
    b.world.run_until(at_s(800));  // the scheduler looks again after five minutes
    CHECK(b.world.pending_pods().empty());
    CHECK(b.world.group(b.group).desired == 2);
  }
  // After max-node-startup-time it is unready, and the group grows beside it.
  ca::Options options = ca::options_for_version(ca::kDefaultMinor);
  options.startup_taint = {tainted.taint};
  options.max_node_startup_time = minutes(5);
  Bench b(4, 0, 10, options, tainted);
  b.world.run_until(at_s(600));
  CHECK(b.world.group(b.group).desired > 2);
}

TEST_CASE("a status taint is not expected on the next node") {
  BenchExtras tainted;
  tainted.taint = "example.com/hot";
  ca::Options options = ca::options_for_version(ca::kDefaultMinor);
  options.status_taint = {tainted.taint};
  Bench b(4, 0, 2, options, tainted);
  b.world.run_until(at_s(300));
  CHECK(b.world.group(b.group).desired == 2);
  CHECK(b.ready_nodes() == 2);
}

TEST_CASE("the next node is taken for one that has been ready for a minute, and for the last one when all are gone") {
  BenchExtras generous;
  generous.imagined = cpu_millis(800);  // a third pod, as the provider sees it
  Bench b(3, 0, 10, ca::options_for_version(ca::kDefaultMinor), generous);
  b.want_at(600, 0);
  b.want_at(2'400, 3);
  b.world.run_until(at_s(120));
  // One node was asked for; one pod found no place on it, and within the minute the provider's word still counts: the
  // third pod seems to fit a node to come just the same.
  CHECK(b.world.group(b.group).desired == 2);
  b.world.run_until(at_s(2'390));
  CHECK(b.world.group(b.group).desired == 0);
  b.world.run_until(at_s(2'430));
  CHECK(b.world.group(b.group).desired == 2);  // at once: it knows what its nodes hold
  // Unless it has forgotten.
  ca::Options forgetful = ca::options_for_version(ca::kDefaultMinor);
  forgetful.node_info_cache_expire_time = minutes(5);
  Bench other(3, 0, 10, forgetful, generous);
  other.want_at(600, 0);
  other.want_at(2'400, 3);
  other.world.run_until(at_s(2'430));
  CHECK(other.world.group(other.group).desired == 1);
}

TEST_CASE("a DaemonSet that runs on no node of the group counts on the next with force-ds") {
  for (const bool forced : {false, true}) {
    CAPTURE(forced);
    ca::Options options = ca::options_for_version(ca::kDefaultMinor);
    options.force_ds = forced;
    BenchExtras extras;
    extras.daemon = cpu_millis(300);  // beside it a node holds one pod
    Bench b(1, 1, 10, options, extras);
    b.want_at(300, 5);
    b.world.run_until(at_s(330));
    // Four more, of which one fits the node that is there: three, two a node or one.
    CHECK(b.world.group(b.group).desired == (forced ? 4 : 3));
  }
}

TEST_CASE("the bounds of --nodes hold instead of the group's own") {
  BenchExtras extras;
  extras.bounds = ca::NodeGroupSpec{1, 3, "group"};
  Bench b(12, 1, 10, ca::options_for_version(ca::kDefaultMinor), extras);
  b.world.run_until(at_s(300));
  CHECK(b.world.group(b.group).desired == 3);
}

TEST_CASE("pods leave a drained node by priority, each group with its own time") {
  ca::Options options = ca::options_for_version(ca::kDefaultMinor);
  options.drain_priority_config = "0:20,1000:600";
  // Two nodes with a pod each; a third pod of another priority stands beside one of them.
  Bench b(2, 2, 10, options);
  for (HostProfile& host : b.world.host_profiles) host.stop_plain = host.stop_balanced = seconds(90);
  b.script->at(at_s(60), [](World& w) {
    const WorkloadId vital = add_workload(w, "vital", 100, 64, 0);
    PodShape shape = w.shapes[w.workload(vital).shape];
    shape.priority = 5'000;
    w.edit_workload(vital).shape = w.shapes.intern(std::move(shape));
    for (const NodeId id : w.live_nodes()) {
      const PodId pod = w.create_pod(vital);
      REQUIRE(w.bind_pod(pod, id) == Applied::yes);
    }
  });
  b.script->at(at_s(300), [g = b.group](World& w) { w.set_group_sizes(g, 1, std::nullopt, std::nullopt); });
  b.world.run_until(at_s(2'000));
  std::vector<std::pair<Time, WorkloadId>> evicted;
  std::vector<Time> ended;
  for (const FactRecord& f : b.world.log) {
    if (f.fact == Fact::pod_stopping && f.reason == Reason::node_drain) evicted.emplace_back(f.at, f.workload);
    if (f.fact == Fact::pod_ended && !evicted.empty() && f.workload == evicted.front().second) ended.push_back(f.at);
  }
  REQUIRE(evicted.size() == 2);
  CHECK(evicted[0].second == b.web);  // priority 0 first
  CHECK(evicted[1].second != b.web);
  REQUIRE_FALSE(ended.empty());
  CHECK(ended.front() - evicted[0].first == seconds(20));  // not the 90 s that it would like
  CHECK(evicted[1].first >= ended.front());
  CHECK(evicted[1].first <= ended.front() + seconds(5));
}

TEST_CASE("the dynamic delay after the taint is a matter of the API's latency") {
  ca::Options options = ca::options_for_version(ca::kDefaultMinor);
  options.dynamic_node_delete_delay_after_taint_enabled = true;
  Bench b(6, 1, 10, options);
  b.want_at(600, 0);
  b.world.run_until(at_s(3'000));
  CHECK(first_fact(b.world, Fact::node_terminating) - first_fact(b.world, Fact::node_draining) == milliseconds(300));
}

TEST_CASE("with allowed schedulers named, pods of others add no nodes") {
  for (const std::string name : {"default-scheduler", "another"}) {
    CAPTURE(name);
    ca::Options options = ca::options_for_version(ca::kDefaultMinor);
    options.allowed_scheduler_names = {name};
    Bench b(6, 1, 10, options);
    b.world.run_until(at_s(120));
    CHECK(b.world.group(b.group).desired == (name == "another" ? 1 : 3));
  }
}

TEST_CASE("nodes are added at once for pods that are still to be created, when asked for") {
  std::int64_t most_at_once[2] = {0, 0};
  for (const bool proactive : {false, true}) {
    ca::Options options = ca::options_for_version(ca::kDefaultMinor);
    options.enable_proactive_scaleup = proactive;
    options.max_nodes_per_scaleup = 1'000;
    Bench b(2, 1, 400, options);
    // 600 pods are created at 20 a second.
    b.want_at(300, 600);
    b.world.run_until(at_s(600));
    std::int64_t before = 1;
    for (const FactRecord& f : b.world.log) {
      if (f.fact != Fact::group_resized) continue;
      most_at_once[proactive ? 1 : 0] = std::max(most_at_once[proactive ? 1 : 0], f.value - before);
      before = f.value;
    }
    CHECK(b.world.group(b.group).desired == 300);
  }
  CHECK(most_at_once[0] < 200);
  CHECK(most_at_once[1] >= 290);
}

}  // namespace
}  // namespace plimsoll::eks
