// Also tests: karpenter_disruption, karpenter_health
#include "models/eks/controllers/karpenter.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "models/kubernetes/controllers/kube_scheduler.h"
#include "models/kubernetes/controllers/node_lifecycle.h"
#include "models/kubernetes/controllers/replica_set_controller.h"
#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::eks {
namespace {

using namespace plimsoll::testing;

/// What a case changes before the controllers are put together.
struct Setup {
  std::int64_t pods = 0;
  Duration join = seconds(28);
  std::function<void(karpenter::NodePool&)> pool = [](karpenter::NodePool&) {};
  std::function<void(KarpenterConfig&)> config = [](KarpenterConfig&) {};
  PodAnnotations annotations;
  Ppm away = percent(25);  ///< maxUnavailable of the pods' budget
  Duration span = hours(2);
};

/// Types of 2, 4, 8 and 16 cores at 0.05 $ a core and hour, all delays constant: 2 s for the call, 10 s until it runs.
struct Bench {
  explicit Bench(const Setup& setup) : world(small_world(setup.span)) {
    world.host_profiles.assign(2, plain_host());
    web = add_workload(world, "web", 900, 512, setup.pods);
    const karpenter::WellKnownLabels known(world.names);
    karpenter::InstanceTypes types;
    for (const NameId zone : world.zones()) types.zones.push_back(zone);
    std::vector<ResourceVector> real;
    std::int64_t cores = 2;
    for (const char* name : {"a.s", "b.m", "c.l", "d.xl"}) {
      karpenter::InstanceType t;
      t.name = world.names.intern(name);
      t.capacity.set_cpu(cpu_cores(cores));
      t.capacity.set_memory(gibibytes(4 * cores));
      t.capacity[Resource::pods] = 110;
      t.allocatable = t.capacity;
      t.allocatable.set_cpu(t.capacity.cpu() - cpu_millis(100));
      for (std::uint8_t z = 0; z < 3; ++z)
        t.offerings.push_back({z, karpenter::CapacityType::on_demand, Rate{cores * 50'000'000'000}, true});
      const auto in = [&](NameId key, std::vector<NameId> values) {
        t.labels.add(karpenter::KeyRequirement::in(key, std::move(values)), world.names);
      };
      in(known.instance_type, {t.name});
      in(known.arch, {world.names.intern("amd64")});
      in(known.os, {world.names.intern("linux")});
      in(known.zone, types.zones);
      in(known.capacity_type, {known.on_demand});
      real.push_back(t.allocatable);
      types.types.push_back(std::move(t));
      cores *= 2;
    }
    karpenter::NodePool pool;
    pool.name_id = world.names.intern(pool.name);
    // Where a pool allows Spot too, a replacement is asked for as Spot only; these types have none.
    pool.requirements.add(karpenter::KeyRequirement::in(known.capacity_type, {known.on_demand}), world.names);
    karpenter::Budget all;
    all.nodes = 100;
    pool.budgets = {all};
    setup.pool(pool);
    const aws::InstanceDelays delays{Delay::constant(seconds(2)), Delay::constant(seconds(10)),
                                     Delay::constant(setup.join), Delay::constant(seconds(20))};
    auto config = std::make_shared<KarpenterConfig>(
        KarpenterConfig{std::move(types), {pool}, known, {}, {}, {}, delays, std::move(real)});
    config->simulation_per_thousand_nodes = Duration{};
    config->scheduling_try = Duration{};
    setup.config(*config);
    world.attach(std::make_unique<HostAgent>());
    auto replicas = std::make_unique<kubernetes::ReplicaSetController>(kubernetes::ReplicaSetParameters{});
    replicas->manage(web);
    world.attach(std::move(replicas));
    world.attach(std::make_unique<kubernetes::KubeScheduler>(kubernetes::KubeSchedulerParameters{}, world.names));
    kubernetes::DisruptionBudgets budgets;
    budgets.set(web, setup.away);
    AnnotationTable annotations;
    annotations.set(web, setup.annotations);
    kubernetes::Framework framework(karpenter::karpenter_profile(kubernetes::KubernetesVersion::current), world.names);
    world.attach(std::make_unique<Karpenter>(std::move(config), std::move(framework), budgets, annotations));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  void want_at(std::int64_t s, std::int64_t desired) {
    script->at(at_s(s), [desired, id = web](World& w) { w.set_desired(id, desired); });
  }
  std::vector<NodeId> in_state(NodeState state) const {
    std::vector<NodeId> out;
    for (const NodeId id : world.live_nodes()) {
      if (world.node(id).state == state) out.push_back(id);
    }
    return out;
  }
  std::string_view type(NodeId id) const { return world.names.text(world.node(id).instance_type); }

  World world;
  Script* script = nullptr;
  WorkloadId web;
};

void allow_none(karpenter::NodePool& pool) {
  pool.budgets[0].nodes = 0;
  pool.budgets[0].percent = false;
}

Setup with_pods(std::int64_t pods) {
  Setup s;
  s.pods = pods;
  return s;
}

TEST_CASE("a batch of pending pods brings one node of the cheapest type that holds them") {
  Bench b(with_pods(10));  // 9 cores: only d.xl
  b.world.run_until(at_s(120));
  REQUIRE(count_facts(b.world, Fact::node_requested) == 1);
  CHECK(b.type(b.in_state(NodeState::ready).front()) == "d.xl");
  // The batch closes one second after the last pod, 10 s at most.
  const Time asked = first_fact(b.world, Fact::node_requested);
  CHECK(asked >= at_s(1));
  CHECK(asked <= at_s(11));
  CHECK(first_fact(b.world, Fact::node_ready) - asked == seconds(40));
  CHECK(b.world.workload(b.web).serving == 10);
}

TEST_CASE("an empty node goes after a poll and the validation wait") {
  Bench b(with_pods(10));
  b.want_at(600, 0);
  b.world.run_until(at_s(700));
  CHECK(b.world.live_nodes().empty());
  const Time drained = first_fact(b.world, Fact::node_draining);
  // The pods take 5 s to stop; then at most 10 s to the next poll, and 15 s of waiting.
  CHECK(drained >= at_s(615));
  CHECK(drained <= at_s(632));
}

TEST_CASE("consolidateAfter: Never and a budget of no nodes keep everything") {
  Setup never = with_pods(10);
  never.pool = [](karpenter::NodePool& p) { p.consolidate_after.reset(); };
  Setup nothing = with_pods(10);
  nothing.pool = allow_none;
  for (const Setup& setup : {never, nothing}) {
    Bench b(setup);
    b.want_at(600, 0);
    b.world.run_until(at_s(4'000));
    CHECK(count_facts(b.world, Fact::node_draining) == 0);
  }
}

TEST_CASE("the replacement is ready before a node is emptied, and the budget of the pods holds") {
  Bench b(with_pods(10));
  b.want_at(600, 3);  // 2.7 cores: b.m at 0.20 $ instead of d.xl at 0.80 $
  b.world.run_until(at_s(1'200));
  const auto ready = b.in_state(NodeState::ready);
  REQUIRE(ready.size() == 1);
  CHECK(b.type(ready.front()) == "b.m");
  const Time there = b.world.node(ready.front()).ready;
  std::vector<Time> evictions;
  for (const FactRecord& f : b.world.log) {
    if (f.fact == Fact::pod_stopping && f.reason == plimsoll::Reason::node_drain) evictions.push_back(f.at);
  }
  REQUIRE(evictions.size() == 3);
  CHECK(evictions.front() >= there);
  // 25 % of 3 pods is one at a time: the next leaves only when the successor of the one before is ready.
  for (std::size_t i = 1; i < evictions.size(); ++i) {
    CHECK(std::any_of(b.world.log.begin(), b.world.log.end(), [&](const FactRecord& f) {
      return f.fact == Fact::pod_ready && f.at > evictions[i - 1] && f.at <= evictions[i];
    }));
  }
  CHECK(b.world.workload(b.web).serving == 3);
}

TEST_CASE("computing takes time: a decision comes later when a simulation takes long") {
  Time first[2];
  for (const bool slow : {false, true}) {
    Setup setup = with_pods(10);
    if (slow) setup.config = [](KarpenterConfig& c) { c.simulation_per_thousand_nodes = seconds(40'000); };
    Bench b(setup);
    b.want_at(600, 3);
    b.world.run_until(at_s(1'200));
    for (const FactRecord& f : b.world.log) {
      if (f.fact == Fact::node_requested && f.at > at_s(600)) first[slow ? 1 : 0] = f.at;
    }
  }
  // One node: 40 s a simulation, and one simulation finds it.
  CHECK(first[1] - first[0] >= seconds(40));
}

TEST_CASE("provisioning takes time by its tries, a minute at most since 1.4, and the rest waits for the next run") {
  const auto bench = [](Duration each, int minor) {
    Setup setup = with_pods(10);
    setup.config = [each, minor](KarpenterConfig& c) {
      c.scheduling_try = each;
      c.release.minor = minor;
    };
    return setup;
  };
  const auto asked = [](const Setup& setup, std::int64_t until) {
    Bench b(setup);
    b.world.run_until(at_s(until));
    std::vector<Time> out;
    for (const FactRecord& f : b.world.log) {
      if (f.fact == Fact::node_requested) out.push_back(f.at);
    }
    return out;
  };
  const std::vector<Time> at_once = asked(bench({}, 14), 300);
  REQUIRE(at_once.size() == 1);
  // The first pod tries the pool, the others the node planned for it: ten tries.
  const std::vector<Time> later = asked(bench(seconds(2), 14), 300);
  REQUIRE(later.size() == 1);
  CHECK(later[0] - at_once[0] == seconds(20));
  // A third of a minute each: after three pods the minute is over, and their node is launched; the others ask again.
  const std::vector<Time> cut = asked(bench(seconds(20), 14), 1'000);
  REQUIRE(cut.size() > 1);
  CHECK(cut[0] - at_once[0] == seconds(60));
  // Without the limit all ten are planned for, however long it takes.
  const std::vector<Time> old = asked(bench(seconds(20), 3), 1'000);
  REQUIRE(old.size() == 1);
  CHECK(old[0] - at_once[0] == seconds(200));
}

TEST_CASE("a node that has not registered in 15 minutes is given up and its pods are planned again") {
  Setup setup = with_pods(2);
  setup.join = minutes(20);
  Bench b(setup);
  b.world.run_until(at_s(960));
  const Time asked = first_fact(b.world, Fact::node_requested);
  const Time ended = first_fact(b.world, Fact::node_terminating);
  CHECK(ended - asked == minutes(15));
  CHECK(b.world.node(NodeId{0}).end_reason == plimsoll::Reason::launch_failed);
  CHECK(count_facts(b.world, Fact::node_requested) == 2);
}

TEST_CASE("a command whose replacement is lost is taken back") {
  Bench b(with_pods(10));
  b.want_at(600, 3);
  for (int s = 600; s < 700; s += 2) {
    b.script->at(at_s(s), [](World& w) {
      for (const NodeId id : std::vector<NodeId>(w.live_nodes().begin(), w.live_nodes().end())) {
        if (w.node(id).state == NodeState::running) w.terminate_node(id, plimsoll::Reason::launch_failed);
      }
    });
  }
  b.world.run_until(at_s(699));
  // Again and again a replacement starts and is lost; no pod was evicted for it.
  CHECK(count_facts(b.world, Fact::node_requested) >= 2);
  for (const FactRecord& f : b.world.log) CHECK_FALSE((f.reason == plimsoll::Reason::node_drain));
  b.world.run_until(at_s(900));
  CHECK(b.world.workload(b.web).serving == 3);
  CHECK(b.in_state(NodeState::ready).size() == 1);
}

TEST_CASE("do-not-disrupt on the template keeps the nodes that were made by it") {
  for (const bool annotated : {false, true}) {
    Setup setup = with_pods(10);
    setup.pool = [annotated](karpenter::NodePool& p) { p.do_not_disrupt = annotated; };
    Bench b(setup);
    b.want_at(600, 0);
    b.world.run_until(at_s(4'000));
    CHECK(count_facts(b.world, Fact::node_draining) == (annotated ? 0 : 1));
  }
}

/// A node whose startup taint is taken off after some time, and a pod that does not tolerate it.
struct StartupBench : Bench {
  explicit StartupBench(Setup setup) : Bench(with_taint(setup)) {}
  static Setup with_taint(Setup setup) {
    setup.config = [](KarpenterConfig& c) {
      c.pools[0].startup_taints = {{c.known.hostname, NameId{}, TaintEffect::no_schedule}};  // any key will do
    };
    return setup;
  }
  void untaint_at(std::int64_t s) {
    script->at(at_s(s), [](World& w) {
      const NameId key = w.names.intern("kubernetes.io/hostname");
      for (const NodeId id : std::vector<NodeId>(w.live_nodes().begin(), w.live_nodes().end())) w.untaint_node(id, key);
    });
  }
};

TEST_CASE("a startup taint keeps pods away, and no second node is launched for them meanwhile") {
  StartupBench b(with_pods(2));
  b.untaint_at(500);
  b.world.run_until(at_s(499));
  CHECK(count_facts(b.world, Fact::node_ready) == 1);
  CHECK(count_facts(b.world, Fact::node_requested) == 1);
  CHECK(b.world.pending_pods().size() == 2);
  CHECK(count_facts(b.world, Fact::node_draining) == 0);  // empty as it is: not initialized yet
  b.world.run_until(at_s(1'200));
  CHECK(b.world.workload(b.web).serving == 2);  // found by the scheduler's look at old pods
  CHECK(count_facts(b.world, Fact::node_requested) == 1);
}

TEST_CASE("a command waits ten minutes for its replacement; from 1.4 to 1.6 an hour") {
  for (const auto& [minor, gives_up] : {std::pair(3, true), {4, false}, {6, false}, {7, true}, {14, true}}) {
    CAPTURE(minor);
    Setup setup = with_pods(10);
    setup.span = hours(4);
    setup.join = minutes(30);
    setup.config = [m = minor](KarpenterConfig& c) {
      c.release = {1, m};
      c.registration_timeout = hours(3);
    };
    Bench b(setup);
    b.want_at(2'400, 3);  // a smaller node would do; it joins half an hour later
    b.world.run_until(at_s(5'000));
    const Time drained = first_fact(b.world, Fact::node_draining);
    REQUIRE(drained < at_s(2'500));
    Time taken_back = kTimeNever;
    for (const FactRecord& f : b.world.log) {
      if (f.fact == Fact::node_ready && f.node == NodeId{0} && f.at > drained) taken_back = std::min(taken_back, f.at);
    }
    if (gives_up) {
      CHECK(taken_back - drained > minutes(10));
      CHECK(taken_back - drained <= minutes(10) + seconds(30));
    } else {
      CHECK(taken_back == kTimeNever);
      CHECK(b.world.node(NodeId{0}).terminating > drained + minutes(29));
      CHECK(b.world.node(NodeId{0}).terminating < drained + minutes(35));
    }
  }
}

TEST_CASE("a node that is too old goes by force, whatever the budgets of the pool say") {
  Setup setup = with_pods(2);
  setup.pool = [](karpenter::NodePool& p) {
    p.expire_after = minutes(30);
    allow_none(p);
  };
  Bench b(setup);
  b.world.run_until(at_s(2'400));
  CHECK(b.world.node(NodeId{0}).end_reason == plimsoll::Reason::expired);
  CHECK(b.world.node(NodeId{0}).draining - b.world.node(NodeId{0}).requested == minutes(30));
  CHECK(b.world.workload(b.web).serving == 2);
}

TEST_CASE("do-not-disrupt holds an expired node until terminationGracePeriod") {
  for (const bool limited : {false, true}) {
    Setup setup = with_pods(2);
    setup.annotations.do_not_disrupt = true;
    setup.pool = [limited](karpenter::NodePool& p) {
      p.expire_after = minutes(30);
      if (limited) p.termination_grace_period = minutes(10);
    };
    Bench b(setup);
    b.world.run_until(at_s(7'000));
    const Node& n = b.world.node(NodeId{0});
    CHECK(n.draining - n.requested == minutes(30));
    if (limited) {
      // Its pods are deleted 30 s, their grace, before the deadline; they take 5 s.
      CHECK(n.terminating - n.draining >= minutes(9) + seconds(30));
      CHECK(n.terminating - n.draining <= minutes(10));
    } else {
      CHECK(n.state == NodeState::draining);
      CHECK(b.world.workload(b.web).serving == 2);
      CHECK(count_facts(b.world, Fact::node_requested) == 1);  // none for pods that stay
      const auto held = b.world.find_component<Karpenter>()->held_pods(b.world, NodeId{0});
      REQUIRE(held.size() == 2);
      CHECK(held[0].second == "has karpenter.sh/do-not-disrupt");
    }
  }
}

TEST_CASE("nothing is launched for pods that a budget never lets go, until 1.4") {
  for (const int minor : {3, 4}) {
    CAPTURE(minor);
    Setup setup = with_pods(2);
    setup.away = Ppm{};
    setup.pool = [](karpenter::NodePool& p) { p.expire_after = minutes(30); };
    setup.config = [minor](KarpenterConfig& c) { c.release = {1, minor}; };
    Bench b(setup);
    b.world.run_until(at_s(3'000));
    CHECK(b.world.node(NodeId{0}).state == NodeState::draining);
    CHECK(b.world.workload(b.web).serving == 2);
    CHECK(count_facts(b.world, Fact::node_requested) == (minor < 4 ? 2 : 1));
  }
}

TEST_CASE("with a terminationGracePeriod a pod is deleted its own grace before the deadline") {
  for (const int grace : {30, 240}) {
    CAPTURE(grace);
    Setup setup = with_pods(2);
    setup.annotations.do_not_disrupt = true;
    setup.annotations.grace = seconds(grace);
    setup.pool = [](karpenter::NodePool& p) {
      p.expire_after = minutes(30);
      p.termination_grace_period = minutes(10);
    };
    Bench b(setup);
    b.world.run_until(at_s(4'000));
    const Node& n = b.world.node(NodeId{0});
    // 600 s less the grace, a poll of 2 s at the most, 5 s to stop, and a poll again.
    CHECK(n.terminating - n.draining >= seconds(600 - grace + 5));
    CHECK(n.terminating - n.draining <= seconds(600 - grace + 9));
  }
}

TEST_CASE("a node of a type on which its image does not start never joins and is given up") {
  Setup setup = with_pods(2);
  setup.config = [](KarpenterConfig& c) { c.never_joins = {1, 1, 1, 1}; };
  Bench b(setup);
  b.world.run_until(at_s(1'000));
  const Node& n = b.world.node(NodeId{0});
  CHECK(n.ready == kTimeNever);
  CHECK(n.end_reason == plimsoll::Reason::launch_failed);
  CHECK(n.terminating - n.requested == minutes(15));
  CHECK(b.world.workload(b.web).serving == 0);
}

TEST_CASE("limits of a pool bind") {
  Setup setup = with_pods(10);
  setup.pool = [](karpenter::NodePool& p) { p.cpu_limit = cpu_cores(8); };
  Bench b(setup);
  b.world.run_until(at_s(300));
  CHECK(count_facts(b.world, Fact::node_requested) == 1);  // c.l: 7.9 cores hold 8 pods
  CHECK(b.world.pending_pods().size() == 2);
}

/// The pools of the bench after an edit. Labels of the world are not at hand before it is made, so the edit copies what
/// the configuration has by then.
NodePoolEdit edit_at(const KarpenterConfig& config, std::int64_t s,
                     const std::function<void(karpenter::NodePool&)>& change) {
  NodePoolEdit edit{at_s(s), config.pools};
  change(edit.pools.front());
  return edit;
}

TEST_CASE("nodes that an edited NodePool would not make any more are replaced, the new one first") {
  for (const bool edited : {true, false}) {
    CAPTURE(edited);
    Setup setup = with_pods(3);  // 2.7 cores: b.m
    setup.config = [edited](KarpenterConfig& c) {
      c.edits.push_back(edit_at(c, 600, [edited](karpenter::NodePool& p) {
        if (edited) {
          p.expire_after = hours(48);
        } else {
          p.weight = 7;  // acts by itself
        }
      }));
    };
    Bench b(setup);
    b.world.run_until(at_s(599));
    CHECK(count_facts(b.world, Fact::node_requested) == 1);
    b.world.run_until(at_s(1'200));
    CHECK(count_facts(b.world, Fact::node_requested) == (edited ? 2 : 1));
    CHECK(b.world.workload(b.web).serving == 3);
    if (!edited) continue;
    const Node &old = b.world.node(NodeId{0}), &fresh = b.world.node(NodeId{1});
    CHECK(old.end_reason == plimsoll::Reason::drifted);
    CHECK(old.state >= NodeState::terminating);
    CHECK(fresh.requested >= at_s(600));
    CHECK(fresh.requested <= at_s(611));  // the next poll
    CHECK(fresh.ready <= old.terminating);
    // What was made by the edited pool is as it should be.
    b.world.run_until(at_s(7'000));
    CHECK(count_facts(b.world, Fact::node_requested) == 2);
  }
}

TEST_CASE("a type that an edit takes out of a NodePool drifts") {
  Setup setup = with_pods(3);
  setup.config = [](KarpenterConfig& c) {
    const NameId large = c.types.types[2].name;
    c.edits.push_back(edit_at(c, 600, [&](karpenter::NodePool& p) {
      // The texts of the names are read for bounds only, and there is none.
      p.requirements.add(karpenter::KeyRequirement::in(c.known.instance_type, large), Names{});
    }));
  };
  Bench b(setup);
  b.world.run_until(at_s(1'500));
  const auto ready = b.in_state(NodeState::ready);
  REQUIRE(ready.size() == 1);
  CHECK(b.type(ready.front()) == "c.l");
  CHECK(b.world.node(NodeId{0}).end_reason == plimsoll::Reason::drifted);
}

TEST_CASE("a broken instance is found by its status checks, by node repair after half an hour, or not at all") {
  struct Case {
    int minor;
    bool repair;
    Reason reason;
    std::int64_t least, most;
  };
  for (const Case c : {Case{14, false, Reason::node_lost, 700, 730}, Case{11, true, Reason::node_repair, 2'430, 2'500},
                       Case{11, false, Reason::none, 0, 0}}) {
    CAPTURE(c.minor);
    CAPTURE(c.repair);
    Setup setup = with_pods(3);
    setup.pool = allow_none;  // nor does consolidation take it away
    setup.config = [&](KarpenterConfig& config) {
      config.release.minor = c.minor;
      config.node_repair = c.repair;
    };
    Bench b(setup);
    b.world.attach(std::make_unique<kubernetes::NodeLifecycleController>(kubernetes::NodeLifecycleParameters{}));
    // Another node that is well: where none is, the node lifecycle controller evicts nothing.
    b.script->at(at_s(300), [](World& w) { ready_node(w, 100, 64, 1); });
    b.script->at(at_s(600), [](World& w) { w.lose_node(NodeId{0}); });
    b.world.run();
    const Node& n = b.world.node(NodeId{0});
    if (c.reason == Reason::none) {
      CHECK(n.state == NodeState::ready);  // its pods are elsewhere, and it is paid
    } else {
      CHECK(n.end_reason == c.reason);
      CHECK(n.terminating >= at_s(c.least));
      CHECK(n.terminating <= at_s(c.most));
    }
    CHECK(b.world.workload(b.web).serving == 3);
  }
}

TEST_CASE("a broken node is emptied without waiting for pods that nobody on it can end") {
  Setup setup = with_pods(3);
  setup.config = [](KarpenterConfig& config) { config.release.minor = 11; };
  Bench b(setup);
  b.world.attach(std::make_unique<kubernetes::NodeLifecycleController>(kubernetes::NodeLifecycleParameters{}));
  b.script->at(at_s(300), [](World& w) { ready_node(w, 100, 64, 1); });
  b.script->at(at_s(600), [](World& w) { w.lose_node(NodeId{0}); });
  b.world.run_until(at_s(1'500));
  // Unreachable at about 650, pods deleted 300 s later; the node is empty to consolidation, and goes a minute after.
  const Node& n = b.world.node(NodeId{0});
  CHECK(n.end_reason == plimsoll::Reason::consolidation);
  CHECK(n.terminating > at_s(950 + 60));
  CHECK(n.terminating < at_s(1'100));
  CHECK(b.world.workload(b.web).serving == 3);
}

TEST_CASE("node repair stops where more than a fifth of a pool is unhealthy") {
  Setup setup = with_pods(3);
  setup.config = [](KarpenterConfig& config) {
    config.release.minor = 11;
    config.node_repair = true;
    config.pools.front().cpu_limit = cpu_cores(8);
  };
  setup.pool = allow_none;
  Bench b(setup);
  b.world.attach(std::make_unique<kubernetes::NodeLifecycleController>(kubernetes::NodeLifecycleParameters{}));
  // Two nodes of the pool, both broken: a fifth of two, rounded up, is one.
  b.want_at(300, 6);
  b.script->at(at_s(600), [](World& w) {
    for (const NodeId id : std::vector<NodeId>(w.live_nodes().begin(), w.live_nodes().end())) w.lose_node(id);
  });
  b.world.run_until(at_s(590));
  CHECK(b.in_state(NodeState::ready).size() == 2);
  b.world.run_until(at_s(5'000));
  CHECK(b.world.node(NodeId{0}).state == NodeState::ready);
  CHECK(b.world.node(NodeId{1}).state == NodeState::ready);
}

TEST_CASE("a copy of the world runs on to the same end") {
  Bench b(with_pods(10));
  b.want_at(600, 3);
  b.world.run_until(at_s(625));  // a command waits for its validation
  World copy = b.world;
  b.world.run_until(at_s(2'000));
  copy.run_until(at_s(2'000));
  CHECK(copy.hash.value() == b.world.hash.value());
}

TEST_CASE("the limits of a NodePool bind while a pod waits that only they keep from a node") {
  const auto limits = [](Bench& b) {
    b.world.run();
    return b.world.find_component<Karpenter>()->binding_limits(b.world);
  };
  Setup setup;
  setup.pods = 4;  // 900m each, in all 3,600m: a node of four cores has 3,900m
  setup.pool = [](karpenter::NodePool& pool) { pool.cpu_limit = cpu_cores(4); };
  Bench enough(setup);
  CHECK(limits(enough).empty());
  setup.pods = 5;
  Bench short_of_one(setup);
  const auto bound = limits(short_of_one);
  REQUIRE(bound.size() == 1);
  CHECK(bound[0].name == "a limit of NodePool default");
  CHECK(bound[0].share > 0.95);
  // A pod that no type holds waits for another reason.
  setup.pods = 0;
  Bench large(setup);
  const WorkloadId big = add_workload(large.world, "big", 64'000, 512, 0);
  large.script->at(at_s(60), [big](World& w) { w.create_pod(big); });
  CHECK(limits(large).empty());
}

}  // namespace
}  // namespace plimsoll::eks
