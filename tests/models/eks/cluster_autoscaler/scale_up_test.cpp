#include "models/eks/cluster_autoscaler/scale_up.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/models/eks/fixture.h"

namespace plimsoll::eks::ca {

namespace {

struct Case {
  test::Bed bed;
  Options options = options_for_version(35);
  std::vector<NodeGroup> groups;
  std::vector<PendingPod> pending;
  ScaleUpState state;
  Time now = kTimeZero + minutes(10);
  std::int64_t ready = 0;
  std::string error;
  std::unique_ptr<ExpanderChain> expanders = make_expanders("least-waste", {}, error);

  void add_group(std::string name, std::int64_t cpu, std::int64_t memory, std::int64_t target, std::int64_t maximum) {
    NodeGroup g;
    g.id = NodeGroupId{groups.size()};
    g.name = name;
    g.target = target;
    g.maximum = maximum;
    g.node = bed.node("template", test::room(cpu, memory));
    groups.push_back(std::move(g));
  }
  void add_pods(const PodShape& shape, int count, std::size_t workload = 0) {
    const ShapeId id = bed.shapes.intern(shape);
    for (int i = 0; i < count; ++i) pending.push_back({bed.new_pod(), id, WorkloadId{workload}, kTimeZero, Duration{}});
  }
  ScaleUpDecision plan() {
    return plan_scale_up(bed.sim, {groups, pending, now, ready, &options, expanders.get(), nullptr}, state);
  }
};

}  // namespace

TEST_CASE("nothing pending costs nothing and pods that fit are set aside") {
  Case c;
  c.add_group("a", 2000, 8000, 0, 10);
  CHECK(c.plan().outcome == ScaleUpOutcome::nothing_pending);
  c.bed.add_node("n0", test::room(2000, 8000), 0);
  c.add_pods(test::shape_of(900, 100), 2);
  const ScaleUpDecision d = c.plan();
  CHECK(d.outcome == ScaleUpOutcome::all_fit);
  CHECK(d.fitting == 2);
  CHECK(c.bed.snapshot.pods(0).empty());
}

TEST_CASE("pods are set aside round the node list from where the last one was, past nodes that refuse") {
  Case c;
  c.add_group("a", 2000, 8000, 0, 10);
  // Nodes with room for 0, 2, 0, 1, 1, 0 and 2 pods of 900m; row 4 takes none.
  for (const int cpu : {500, 2000, 500, 1000, 1000, 500, 2000}) {
    c.bed.add_node("n" + std::to_string(c.bed.snapshot.rows()), test::room(cpu, 8000), 0);
  }
  c.bed.snapshot.set_unschedulable(4, true);
  c.state.next_row = 5;
  c.add_pods(test::shape_of(900, 100), 7);
  // From row 5: 6 takes one, then round to 1 and 3, again 6 and 1, and none is left for two.
  const ScaleUpDecision d = c.plan();
  CHECK(d.fitting == 5);
  CHECK(d.helped.size() == 2);  // on a new node
  CHECK(c.state.next_row == 2);
  // A second shape has its own refusals: the small pods fit on the rows that refused the large ones.
  Case e;
  e.add_group("a", 2000, 8000, 0, 10);
  for (const int cpu : {500, 1000, 500}) {
    e.bed.add_node("n" + std::to_string(e.bed.snapshot.rows()), test::room(cpu, 8000), 0);
  }
  e.add_pods(test::shape_of(900, 100), 2);
  e.add_pods(test::shape_of(400, 100), 3);
  const ScaleUpDecision both = e.plan();
  CHECK(both.fitting == 3);  // one of 900m on row 1, two of 400m on rows 2 and 0
  CHECK(both.helped.size() == 2);
  CHECK(e.state.next_row == 1);
}

TEST_CASE("on random clusters pods are set aside as by a look at every node") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Stream stream(seed, "set-aside", Purpose::tie_break);
    std::uint64_t item = 0;
    const auto dice = [&](std::size_t sides) { return static_cast<std::size_t>(stream.below(sides, item++)); };
    Case c;
    c.add_group("none", 100, 100, 0, 0);  // helps nobody
    const std::size_t nodes = 1 + dice(200);
    std::vector<std::int64_t> cpu, memory;
    for (std::size_t i = 0; i < nodes; ++i) {
      cpu.push_back(static_cast<std::int64_t>(dice(9)) * 250);
      memory.push_back(static_cast<std::int64_t>(dice(4)) * 500);
      c.bed.add_node("n" + std::to_string(i), test::room(cpu[i], memory[i]), i);
      if (dice(8) != 0) continue;
      c.bed.snapshot.set_unschedulable(static_cast<Row>(i), true);
      cpu[i] = -1;
    }
    struct Wanted {
      std::int64_t cpu, memory;
      std::int32_t priority;
    };
    std::vector<Wanted> wanted;
    for (std::size_t i = 20 + dice(200); i > 0; --i) {
      Wanted w{static_cast<std::int64_t>(dice(7)) * 200, static_cast<std::int64_t>(1 + dice(3)) * 200,
               static_cast<std::int32_t>(dice(2))};
      PodShape shape = test::shape_of(w.cpu, w.memory);
      shape.priority = w.priority;
      c.add_pods(shape, 1);
      wanted.push_back(w);
    }
    c.state.next_row = dice(3 * nodes);
    // Plainly: highest priority first, round the nodes from where the last one was.
    std::size_t next = c.state.next_row, fitting = 0;
    for (const std::int32_t priority : {1, 0}) {
      for (const Wanted& w : wanted) {
        if (w.priority != priority) continue;
        for (std::size_t k = 0; k < nodes; ++k) {
          const std::size_t at = (next % nodes + k) % nodes;
          if (cpu[at] < w.cpu || memory[at] < w.memory) continue;
          cpu[at] -= w.cpu;
          memory[at] -= w.memory;
          ++fitting;
          next = at + 1;
          break;
        }
      }
    }
    const ScaleUpDecision d = c.plan();
    CHECK(d.fitting == fitting);
    CHECK(d.unhelped == wanted.size() - fitting);
    if (fitting > 0) CHECK(c.state.next_row == next % nodes);
  }
}

TEST_CASE("upcoming nodes count as room") {
  Case c;
  c.add_group("a", 2000, 8000, 3, 10);
  c.add_pods(test::shape_of(1500, 100), 4);
  c.groups[0].upcoming = 3;
  const ScaleUpDecision d = c.plan();
  CHECK(d.outcome == ScaleUpOutcome::scale_up);
  CHECK(d.fitting == 3);
  CHECK(d.resized == std::vector<Resize>{{0, 3, 4}});
  CHECK(d.helped.size() == 1);
}

TEST_CASE("the expander chooses among independent options and limits cut the answer") {
  Case c;
  c.add_group("large", 8000, 32000, 0, 10);
  c.add_group("small", 2000, 8000, 0, 10);
  c.add_pods(test::shape_of(1900, 7000), 3);
  ScaleUpDecision d = c.plan();
  CHECK(d.groups[0].nodes == 1);
  CHECK(d.groups[1].nodes == 3);
  CHECK(d.chosen == 1);
  CHECK(d.new_nodes == 3);
  c.options.max_nodes_total = 2;
  c.pending.pop_back();
  d = c.plan();
  CHECK(d.new_nodes == 2);
  c.ready = 2;
  CHECK(c.plan().outcome == ScaleUpOutcome::max_nodes_reached);
}

TEST_CASE("groups at their maximum, unhealthy or backed off offer nothing, and an unchanged refusal is repeated") {
  Case c;
  c.add_group("full", 2000, 8000, 4, 4);
  c.add_group("ill", 2000, 8000, 0, 4);
  c.add_group("late", 2000, 8000, 0, 4);
  c.groups[1].healthy = false;
  c.state.backoff.fail(NodeGroupId{2}, c.now);
  c.add_pods(test::shape_of(1000, 100), 1);
  ScaleUpDecision d = c.plan();
  CHECK(d.outcome == ScaleUpOutcome::no_options);
  CHECK(d.groups[0].skipped == SkipReason::at_maximum);
  CHECK(d.groups[1].skipped == SkipReason::unhealthy);
  CHECK(d.groups[2].skipped == SkipReason::backed_off);
  CHECK_FALSE(d.reused);
  CHECK(c.plan().reused);
  c.now += minutes(6);
  d = c.plan();
  CHECK(d.outcome == ScaleUpOutcome::scale_up);
  CHECK(d.chosen == 2);
}

TEST_CASE("fresh pods wait one loop, expendable pods and daemons are no reason to grow") {
  Case c;
  c.add_group("a", 2000, 8000, 0, 10);
  c.add_pods(test::shape_of(1000, 100), 1);
  c.pending[0].created = c.now - seconds(1);
  CHECK(c.plan().outcome == ScaleUpOutcome::waiting_for_pods);
  c.pending.clear();
  PodShape low = test::shape_of(1000, 100);
  low.priority = -11;
  c.add_pods(low, 1);
  PodShape daemon = test::shape_of(1000, 100);
  daemon.is_daemon = true;
  c.add_pods(daemon, 1);
  CHECK(c.plan().outcome == ScaleUpOutcome::nothing_pending);
}

TEST_CASE("similar groups share a scale-up when balancing is on") {
  Case c;
  c.options.balance_similar_node_groups = true;
  c.add_group("a", 2000, 8000, 1, 10);
  c.add_group("b", 2000, 8000, 0, 10);
  c.add_group("other", 4000, 8000, 0, 10);
  c.add_group("full", 2000, 8000, 3, 3);  // alike, but it cannot grow
  c.add_pods(test::shape_of(1900, 7000), 3);
  const ScaleUpDecision d = c.plan();
  REQUIRE(d.outcome == ScaleUpOutcome::scale_up);
  // Each way, whatever the order in which their options are made.
  CHECK(d.groups[0].similar == std::vector<std::size_t>{1});
  CHECK(d.groups[1].similar == std::vector<std::size_t>{0});
  CHECK(d.groups[2].similar.empty());
  std::int64_t a = 1, b = 0;
  for (const Resize& r : d.resized) (r.index == 0 ? a : b) = r.wanted;
  CHECK(a == 2);
  CHECK(b == 2);
}

TEST_CASE("with a scheduler bypassed, fresh pods are not waited for") {
  Case c;
  c.options.bypassed_scheduler_names = {"default-scheduler"};
  c.add_group("a", 2000, 8000, 0, 10);
  c.add_pods(test::shape_of(1000, 100), 1);
  c.pending[0].created = c.now - seconds(1);
  CHECK(c.plan().outcome == ScaleUpOutcome::scale_up);
}

TEST_CASE("gpu-total counts the GPUs of nodes that carry the accelerator's label") {
  Case c;
  const NameId label = c.bed.name("k8s.amazonaws.com/accelerator");
  const auto add = [&](std::string name, std::string_view accelerator) {
    c.add_group(std::move(name), 8000, 32000, 0, 10);
    c.groups.back().node.allocatable[Resource::gpus] = 4;
    if (!accelerator.empty()) c.groups.back().node.labels.set(label, c.bed.name(accelerator));
  };
  add("t4", "nvidia-tesla-t4");
  SnapshotNode running = c.groups[0].node;
  running.id = NodeId{0};
  running.name = c.bed.name("n0");
  running.unschedulable = true;
  c.bed.snapshot.add_node(running);
  PodShape pod = test::shape_of(1000, 100);
  pod.requests[Resource::gpus] = 4;
  c.add_pods(pod, 5);
  c.options.gpu_total = {"nvidia-tesla-t4:0:14"};
  CHECK(c.plan().new_nodes == 2);  // 4 of 14 are there: room for 10, two nodes of four
  c.options.gpu_total = {"nvidia-tesla-t4:0:7"};
  c.state.seen_is_valid = false;
  CHECK(c.plan().groups[0].skipped == SkipReason::resource_limit);
  // Another type, and nodes that nobody labelled, are not counted.
  c.options.gpu_total = {"nvidia-tesla-a100:0:0"};
  c.state.seen_is_valid = false;
  CHECK(c.plan().new_nodes == 5);
  c.groups.clear();
  add("plain", "");
  c.options.gpu_total = {"nvidia-tesla-t4:0:4"};
  c.state.seen_is_valid = false;
  CHECK(c.plan().new_nodes == 5);
}

TEST_CASE("a salvo goes on with the pods that the first option does not help") {
  const auto cluster = [](bool salvo) {
    Case c;
    c.options = options_for_version(37);
    c.options.salvo_scale_up = salvo;
    // Each group takes one sort of pod, one a node; the first wastes less: 0.05 + 0.125 against 0.33 + 0.17.
    c.add_group("cpu", 2000, 8000, 0, 10);
    c.add_group("memory", 1500, 24000, 0, 10);
    c.add_pods(test::shape_of(1900, 7000), 4, 0);
    c.add_pods(test::shape_of(1000, 20000), 2, 1);
    return c;
  };
  Case once = cluster(false);
  const ScaleUpDecision single = once.plan();
  CHECK(single.outcome == ScaleUpOutcome::scale_up);
  CHECK(single.further.empty());
  CHECK(single.chosen == 0);
  CHECK(single.unhelped == 2);
  Case c = cluster(true);
  const std::uint64_t before = c.bed.sim.cluster_version();
  const ScaleUpDecision d = c.plan();
  CHECK(d.resized == single.resized);
  REQUIRE(d.further.size() == 1);
  CHECK(d.further.back().unhelped == 0);
  std::vector<std::int64_t> wanted(2, 0);
  std::vector<PodId> helped = d.helped;
  for (const Resize& r : d.resized) wanted[r.index] = r.wanted;
  for (const ScaleUpDecision& more : d.further) {
    for (const Resize& r : more.resized) {
      CHECK(r.current == wanted[r.index]);
      wanted[r.index] = r.wanted;
    }
    helped.insert(helped.end(), more.helped.begin(), more.helped.end());
  }
  // Each pod once.
  std::sort(helped.begin(), helped.end());
  CHECK(std::unique(helped.begin(), helped.end()) == helped.end());
  CHECK(helped.size() == 6);
  CHECK(c.bed.snapshot.live_rows() == 0);
  CHECK(c.bed.sim.cluster_version() == before);
}

TEST_CASE("packing stops at its budgets: of a group, of the whole, of a salvo") {
  const auto cluster = [] {
    Case c;
    c.options = options_for_version(37);
    for (const char* name : {"a", "b", "c"}) c.add_group(name, 2000, 8000, 0, 100);
    c.add_pods(test::shape_of(1500, 100), 20);
    return c;
  };
  const auto plan = [](Case& c, Duration check) {
    ScaleUpInput input{c.groups, c.pending, c.now, c.ready, &c.options, c.expanders.get(), nullptr};
    input.check_cost = check;
    return plan_scale_up(c.bed.sim, input, c.state);
  };
  // A look at each template, and 39 tries of each packing: 19 on the last node, 20 on the next.
  Case free = cluster();
  CHECK(plan(free, milliseconds(1)).spent == milliseconds(3 * (1 + 39)));
  CHECK(plan(free, milliseconds(1)).new_nodes == 20);
  Case of_group = cluster();
  of_group.options.max_nodegroup_binpacking_duration = milliseconds(8);
  CHECK(plan(of_group, milliseconds(1)).new_nodes == 5);
  Case of_all = cluster();
  of_all.options.max_binpacking_time = milliseconds(50);
  const ScaleUpDecision cut = plan(of_all, milliseconds(1));
  CHECK(cut.groups[0].skipped == SkipReason::none);
  CHECK(cut.groups[1].skipped == SkipReason::none);  // begun at 3 + 39 ms
  CHECK(cut.groups[2].skipped == SkipReason::out_of_time);
  CHECK(cut.outcome == ScaleUpOutcome::scale_up);
  // Releases before 1.35 do not heed the flag, those before 1.30 have no such limit.
  Case old = cluster();
  old.options = options_for_version(34);
  old.options.max_binpacking_time = milliseconds(50);
  CHECK(plan(old, milliseconds(1)).groups[2].skipped == SkipReason::none);
  Case limited = cluster();
  limited.options = options_for_version(34);
  limited.options.max_nodegroup_binpacking_duration = {};
  CHECK(plan(limited, seconds(4)).groups[2].skipped == SkipReason::out_of_time);  // 3 * 4 + 2 * 156 s: 5 m
  Case older = cluster();
  older.options = options_for_version(29);
  older.options.max_nodegroup_binpacking_duration = {};
  CHECK(plan(older, seconds(4)).groups[2].skipped == SkipReason::none);
}

}  // namespace plimsoll::eks::ca
