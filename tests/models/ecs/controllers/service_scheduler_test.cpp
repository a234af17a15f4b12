#include "models/ecs/controllers/service_scheduler.h"

#include <doctest/doctest.h>

#include <functional>

#include "tests/models/ecs/controllers/service_bench.h"

namespace plimsoll::ecs {
namespace {

TEST_CASE("missing tasks start two seconds after the change") {
  ServiceBench b(3);
  b.want_at(100, 5);
  b.world.run_until(at_s(50));
  CHECK(b.alive() == 3);
  CHECK(b.world.pod(PodId{2}).created == at_s(2));
  b.world.run_until(at_s(200));
  CHECK(b.alive() == 5);
  CHECK(b.world.pod(PodId{4}).created == at_s(102));
}

TEST_CASE("a service launches no more than its quota a minute") {
  ServiceBench b(5, true, 2);
  b.world.run_until(at_s(600));
  CHECK(count_facts(b.world, Fact::pod_created, at_s(59)) == 2);
  CHECK(count_facts(b.world, Fact::pod_created, at_s(119)) == 4);
  CHECK(b.alive() == 5);
  // It binds from the first look, at 2 s, until the last task starts, two minutes later.
  b.world.run();
  const auto limits = b.service_scheduler->binding_limits(b.world);
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].name == "the quota of 2 launches a minute of web");
  CHECK(limits[0].share == doctest::Approx(120 / to_seconds(b.world.end - b.world.window_start)));
  ServiceBench enough(5, true, 5);
  enough.world.run();
  CHECK(enough.service_scheduler->binding_limits(enough.world).empty());
}

TEST_CASE("scale-in gives up what waits first, the newest of it") {
  ServiceBench b(2);
  const NodeId node = ready_node(b.world, 8000, 8192);
  b.serve_at(10, {node});
  b.want_at(20, 4);
  b.want_at(30, 3);
  b.world.run_until(at_s(100));
  CHECK(b.world.pod(PodId{3}).state == PodState::ended);
  CHECK(b.world.pod(PodId{2}).state == PodState::pending);
  CHECK(b.world.workload(b.web).serving == 2);
}

TEST_CASE("on Fargate scale-in takes the zone with most tasks") {
  ServiceBench b(4);
  const NodeId a = ready_node(b.world, 8000, 8192, 0), c = ready_node(b.world, 8000, 8192, 2);
  b.serve_at(10, {a, c, c, c});  // one in zone a, three in zone c
  b.want_at(20, 2);
  b.world.run_until(at_s(100));
  CHECK(b.world.pod(PodId{0}).state == PodState::serving);
  CHECK(b.alive() == 2);
  CHECK(b.world.workload(b.web).stopping == 2);
}

TEST_CASE("on instances scale-in keeps zones and instances even") {
  ServiceBench b(4, false);
  const NodeId a = ready_node(b.world, 8000, 8192, 0), c = ready_node(b.world, 8000, 8192, 1);
  b.serve_at(10, {a, c, c, c});
  b.want_at(20, 2);
  b.world.run_until(at_s(100));
  CHECK(b.world.pod(PodId{0}).state == PodState::serving);
  CHECK(b.alive() == 2);
}

TEST_CASE("a task that ends is replaced") {
  ServiceBench b(2);
  const NodeId node = ready_node(b.world, 8000, 8192);
  b.serve_at(10, {node});
  b.script->at(at_s(50), [](World& w) { w.pod_ended(PodId{0}, Reason::node_lost); });
  b.world.run_until(at_s(100));
  CHECK(b.world.pod(PodId{2}).created == at_s(52));
  CHECK(b.alive() == 2);
}

TEST_CASE("tasks of a draining instance are replaced before they stop when all must stay healthy") {
  ServiceBench b(2, false, 500, 100, 200);
  const NodeId old = ready_node(b.world, 8000, 8192, 0), fresh = ready_node(b.world, 8000, 8192, 1);
  b.serve_at(10, {old});
  b.script->at(at_s(20), [old](World& w) { w.drain_node(old, Reason::scale_down); });
  b.serve_at(40, {fresh});
  b.world.run_until(at_s(30));
  CHECK(b.alive() == 4);  // two more by second 22, none stopped
  CHECK(b.world.workload(b.web).serving == 2);
  b.world.run_until(at_s(60));
  CHECK(b.world.workload(b.web).serving == 2);
  CHECK(b.world.pod(PodId{0}).state == PodState::stopping);
  CHECK(b.world.pod(PodId{0}).end_reason == Reason::node_drain);
  CHECK(b.world.pod(PodId{1}).state == PodState::stopping);
}

TEST_CASE("with fewer that must stay, some stop at once") {
  ServiceBench b(4, false, 500, 50, 100);
  const NodeId old = ready_node(b.world, 8000, 8192, 0);
  ready_node(b.world, 8000, 8192, 1);
  b.serve_at(10, {old});
  b.script->at(at_s(20), [old](World& w) { w.drain_node(old, Reason::scale_down); });
  b.world.run_until(at_s(23));
  // All together may not pass 4, so none starts first; two of four may go.
  CHECK(b.world.workload(b.web).serving == 2);
  CHECK(b.world.workload(b.web).stopping == 2);
}

TEST_CASE("a scale-in that falls into a drain is made good when the drain is over") {
  ServiceBench b(3, false, 500, 0, 200);
  const NodeId old = ready_node(b.world, 8000, 8192, 0), fresh = ready_node(b.world, 8000, 8192, 1);
  b.serve_at(10, {old, fresh, fresh});
  b.script->at(at_s(20), [old](World& w) { w.drain_node(old, Reason::scale_down); });
  b.want_at(21, 1);
  b.end_stopping_at(60);
  b.end_stopping_at(120);
  b.world.run_until(at_s(600));
  CHECK(b.alive() == 1);
  CHECK(b.world.workload(b.web).pods.size() - b.world.workload(b.web).stopping == 1);
}

TEST_CASE("a rolling update keeps within its percentages and completes") {
  for (const auto& [minimum, maximum] : {std::pair(100, 200), std::pair(100, 125), std::pair(50, 100)}) {
    CAPTURE(minimum);
    CAPTURE(maximum);
    RolloutBench r(minimum, maximum);
    r.serve_and_end(400);
    for (std::int64_t s = 100; s < 400; ++s) {
      r.b.world.run_until(at_s(s));
      const Workload& w = r.b.world.workload(r.b.web);
      CHECK(static_cast<std::int64_t>(w.pods.size()) <= 4 * maximum / 100);
      CHECK(static_cast<std::int64_t>(w.serving) * 100 >= 4 * minimum);
    }
    CHECK(r.of_revision(2) == 4);
    CHECK(r.of_revision(1) == 0);
    CHECK(r.b.world.workload(r.b.web).rollout == plimsoll::Rollout::none);
    CHECK(count_facts(r.b.world, Fact::rollout_completed) == 1);
  }
}

TEST_CASE("with 100 and 100 percent nothing can be replaced") {
  RolloutBench r(100, 100);
  r.serve_and_end(1000);
  r.b.world.run_until(at_s(1000));
  CHECK(r.of_revision(1) == 4);
  CHECK(r.b.world.workload(r.b.web).rolling_out());
}

TEST_CASE("three tasks that fail their checks trip the breaker of a small service, which goes back") {
  RolloutBench r(100, 200);
  r.b.script->at(at_s(105), [&r](World& w) {
    for (const PodId pod : std::vector<PodId>(w.pending_pods().begin(), w.pending_pods().end())) {
      REQUIRE(w.bind_pod(pod, r.node) == Applied::yes);
      w.pod_started(pod);
    }
  });
  r.b.script->at(at_s(110), [&r](World& w) {
    std::int64_t ended = 0;
    for (const PodId pod : std::vector<PodId>(w.workload(r.b.web).pods)) {
      if (w.pod(pod).revision != 2 || ended == 3) continue;
      w.pod_failed(pod, Reason::container_exit, 1);
      w.pod_ended(pod, Reason::container_exit);
      ++ended;
    }
  });
  r.serve_and_end(400);
  r.b.world.run_until(at_s(400));
  // Threshold: half of four is two, at least three.
  CHECK(count_facts(r.b.world, Fact::rollout_failed) == 1);
  CHECK(r.b.world.workload(r.b.web).revision == 1);
  CHECK(r.of_revision(1) == 4);
  CHECK(r.of_revision(2) == 0);
  CHECK(r.b.world.workload(r.b.web).rollout == plimsoll::Rollout::none);
}

TEST_CASE("three attempts to place tasks that find no room trip the breaker") {
  for (const int attempts : {2, 3}) {
    RolloutBench r(100, 200);
    for (int i = 0; i < attempts; ++i)
      r.b.script->at(at_s(110 + 15 * i), [&r](World& w) {
        w.record({.at = w.now(),
                  .fact = Fact::launch_refused,
                  .reason = Reason::unschedulable,
                  .workload = r.b.web,
                  .value = 4});
      });
    r.b.world.run_until(at_s(400));
    CAPTURE(attempts);
    CHECK(count_facts(r.b.world, Fact::rollout_failed) == (attempts == 3 ? 1 : 0));
    CHECK(r.b.world.workload(r.b.web).revision == (attempts == 3 ? 1 : 2));
  }
}

TEST_CASE("tasks that never run slow the service down") {
  ServiceBench b(1);
  const NodeId node = ready_node(b.world, 8000, 8192);
  for (std::int64_t s = 1; s < 1800; ++s) {
    b.script->at(at_s(s), [node](World& w) {
      for (const PodId pod : std::vector<PodId>(w.pending_pods().begin(), w.pending_pods().end())) {
        w.bind_pod(pod, node);
        w.pod_ended(pod, Reason::image_pull);
      }
    });
  }
  b.world.run_until(at_s(1800));
  // 1, 2, 4, ... s between the attempts: about ten in half an hour, where there would be hundreds.
  CHECK(b.world.pods().size() >= 8);
  CHECK(b.world.pods().size() <= 14);
}

TEST_CASE("zones are evened out: more first, then fewer") {
  ServiceBench b(4, true, 500, 100, 200, [](DeploymentConfiguration& c) { c.zone_rebalancing = true; });
  const NodeId a = ready_node(b.world, 8000, 8192, 0), c = ready_node(b.world, 8000, 8192, 1),
               e = ready_node(b.world, 8000, 8192, 2);
  b.serve_at(10, {a, a, a, c});  // three, one, none; wanted: two, one, one
  b.script->at(at_s(20), [&b](World& w) { w.set_bounds(b.web, 4, 4); });
  b.serve_at(40, {e});
  b.world.run_until(at_s(30));
  CHECK(b.alive() == 5);
  b.world.run_until(at_s(100));
  CHECK(b.alive() == 4);
  CHECK(b.world.pods()[4].state == PodState::serving);
  CHECK(b.world.workload(b.web).stopping == 1);
  std::int64_t in_a = 0;
  for (const PodId pod : b.world.workload(b.web).pods) {
    in_a += b.world.pod(pod).state != PodState::stopping && b.world.pod(pod).node == a ? 1 : 0;
  }
  CHECK(in_a == 2);
}

TEST_CASE("a task that waits too long for capacity is given up and tried again") {
  ServiceBench b(1, false);
  b.world.run_until(at_s(3600 - 1));
  CHECK(b.world.pod(PodId{0}).end_reason == Reason::start_timeout);
  CHECK(b.world.pod(PodId{0}).ended == b.world.pod(PodId{0}).created + minutes(30));
  CHECK(b.alive() == 1);
}

TEST_CASE("protected tasks are spared by a scale-in until their protection ends") {
  ServiceBench b(4);
  b.service_scheduler->protect(b.web, {percent(100), minutes(10)});
  const NodeId node = ready_node(b.world, 8000, 16384);
  b.serve_at(10, {node});
  b.want_at(100, 1);
  b.world.run_until(at_s(600));
  CHECK(b.alive() == 4);
  b.world.run_until(at_s(620));  // in traffic at 10 s, protected for ten minutes
  CHECK(b.alive() == 1);
}

TEST_CASE("a share of the tasks protects itself, the others go") {
  ServiceBench b(100, true, 500);
  b.service_scheduler->protect(b.web, {percent(30), hours(2)});
  const NodeId node = ready_node(b.world, 100'000, 200'000);
  b.serve_at(10, {node});
  b.want_at(100, 0);
  b.world.run_until(at_s(1000));
  // Binomial of 100 and 0.3: mean 30, four standard deviations 18.3.
  CHECK(b.alive() > 11);
  CHECK(b.alive() < 49);
  const std::int64_t left = b.alive();
  b.world.run_until(at_s(3000));
  CHECK(b.alive() == left);
}

TEST_CASE("a protected task on a draining instance is replaced all the same") {
  ServiceBench b(1);
  b.service_scheduler->protect(b.web, {percent(100), hours(2)});
  const NodeId first = ready_node(b.world, 4000, 8192), second = ready_node(b.world, 4000, 8192, 1);
  b.serve_at(10, {first});
  b.script->at(at_s(100), [first](World& w) { w.drain_node(first, Reason::scale_down); });
  b.serve_at(120, {second});
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).stopping != kTimeNever);
  CHECK(b.world.pod(PodId{0}).end_reason == Reason::node_drain);
}

/// A service through whatever can happen to it, drawn from `seed`.
std::uint64_t hash_of_random_life(std::uint64_t seed, bool recount) {
  ServiceBench b(
      6, false, 500, 50, 200,
      [](DeploymentConfiguration& c) {
        c.zone_rebalancing = true;
        c.breaker.enable = c.breaker.rollback = false;
      },
      recount);
  std::vector<NodeId> nodes;
  for (int i = 0; i < 6; ++i) nodes.push_back(ready_node(b.world, 8000, 8192, i % 3));
  const Stream draw(seed, "life", Purpose::tie_break);
  for (std::int64_t s = 3; s < 3000; s += 7) {
    b.script->at(at_s(s), [&draw, s, nodes, web = b.web](World& w) {
      const auto item = static_cast<std::uint64_t>(s);
      const auto pick = [&](std::size_t count, std::uint32_t sub) {
        return static_cast<std::size_t>(draw.below(count, item, sub));
      };
      const std::vector<PodId> pods = w.workload(web).pods;
      const std::size_t what = pick(20, 0);
      if (what < 4) w.set_desired(web, 3 + static_cast<std::int64_t>(pick(12, 1)));
      if (what == 4) w.drain_node(nodes[pick(nodes.size(), 1)], Reason::scale_down);
      if (what == 5 || what == 6) {
        for (const NodeId node : nodes) w.undrain_node(node);
      }
      if (what == 7 && pick(3, 2) == 0) w.deploy(web, w.workload(web));
      for (std::size_t i = 0; i < pods.size(); ++i) {
        const Pod& p = w.pod(pods[i]);
        const std::size_t chance = pick(10, 10 + static_cast<std::uint32_t>(i));
        if (p.state == PodState::pending && chance < 7) {
          static_cast<void>(w.bind_pod(p.id, nodes[pick(nodes.size(), 100 + static_cast<std::uint32_t>(i))]));
        } else if (p.state == PodState::preparing && chance < 8) {
          w.pod_started(p.id);
        } else if (p.state == PodState::starting && chance < 8) {
          w.pod_ready(p.id);
        } else if (p.state == PodState::ready && chance < 8) {
          w.pod_serving(p.id);
        } else if (p.state == PodState::stopping && chance < 5) {
          w.pod_ended(p.id, Reason::none);
        } else if (p.state == PodState::serving && what == 8 && chance == 0) {
          w.pod_unhealthy(p.id);
        } else if (p.state == PodState::serving && what == 9 && chance == 0) {
          w.pod_ended(p.id, Reason::container_exit);
        }
      }
    });
  }
  b.world.run_until(at_s(3200));
  CHECK(count_facts(b.world, Fact::pod_stopping) > 20);
  return b.world.hash.value();
}

TEST_CASE("the counts that the workload keeps lead to the decisions of sorting every task") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CHECK(hash_of_random_life(seed, false) == hash_of_random_life(seed, true));
  }
}

TEST_CASE("a scale-in keeps the values of any attribute even that the service spreads over") {
  // Racks: a has 2 + 2 + 1 tasks on three instances in three zones, b 1. Over instances or zones alone another could
  // be chosen; four stops leave one on each rack.
  ServiceBench b(6, false);
  const NameId rack = b.world.names.intern("rack");
  b.service_scheduler->manage(b.web, false, {spread_over_attribute(rack)});
  b.service_scheduler->spread_over(b.web, {rack});
  std::vector<NodeId> nodes;
  for (int i = 0; i < 4; ++i) {
    NodeSpec spec = node_spec(b.world, 8'000, 8'192, i % 3);
    spec.labels.set(rack, b.world.names.intern(i < 3 ? "a" : "b"));
    nodes.push_back(b.world.request_node(spec));
    b.world.node_running(nodes.back());
    b.world.node_ready(nodes.back());
  }
  b.serve_at(10, {nodes[0], nodes[1], nodes[2], nodes[3], nodes[0], nodes[1]});
  const auto on_rack_b = [&] {
    std::int64_t n = 0;
    for (const PodId pod : b.world.workload(b.web).pods)
      n += b.world.pod(pod).node == nodes[3] && b.world.pod(pod).state != PodState::stopping ? 1 : 0;
    return n;
  };
  b.want_at(100, 2);
  b.world.run_until(at_s(110));
  CHECK(b.alive() == 2);
  CHECK(on_rack_b() == 1);
}

TEST_CASE("without balancer and container checks a new task counts as healthy 40 seconds after RUNNING") {
  for (const bool unchecked : {true, false}) {
    RolloutBench r(100, 200, [&](DeploymentConfiguration& c) {
      if (unchecked) c.healthy_after = kHealthyAfterRunning;
    });
    r.serve_and_end(300);
    // New tasks are created at 102 s and run at 105 s: the old ones may go at 107 s, or at 145 s.
    r.b.world.run_until(at_s(144));
    CHECK(r.of_revision(1) == (unchecked ? 4 : 0));
    CHECK(r.of_revision(2) == 4);
    CHECK((r.b.world.workload(r.b.web).rollout == Rollout::progressing) == unchecked);
    r.b.world.run_until(at_s(150));
    CHECK(r.of_revision(1) == 0);
    CHECK(r.b.world.workload(r.b.web).rollout == Rollout::none);
  }
}

TEST_CASE("a large scale-in leaves zones even: what it stops no longer counts") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    ServiceBench b(12, false);
    b.world.seed = seed;
    std::vector<NodeId> nodes;
    for (int zone = 0; zone < 3; ++zone) nodes.push_back(ready_node(b.world, 8'000, 16'384, zone));
    b.serve_at(10, {nodes[0], nodes[1], nodes[2]});
    b.want_at(100, 6);
    b.world.run_until(at_s(110));
    CHECK(b.alive() == 6);
    for (const NodeId node : nodes) {
      std::int64_t left = 0;
      for (const PodId pod : b.world.workload(b.web).pods)
        left += b.world.pod(pod).node == node && b.world.pod(pod).state != PodState::stopping ? 1 : 0;
      CHECK(left == 2);
    }
  }
}

/// The tasks in traffic of a service are all found unhealthy at `s`.
void fail_checks_at(ServiceBench& b, std::int64_t s) {
  b.script->at(at_s(s), [&b](World& w) {
    for (const PodId pod : std::vector<PodId>(w.workload(b.web).pods)) {
      if (w.pod(pod).state == PodState::serving) w.pod_unhealthy(pod);
    }
  });
}

TEST_CASE("an unhealthy task is replaced when its grace period ends, not before") {
  for (const std::int64_t grace : {0, 300}) {
    ServiceBench b(2, true, 500, 100, 200,
                   [grace](DeploymentConfiguration& c) { c.health_check_grace = seconds(grace); });
    const NodeId node = ready_node(b.world, 16'000, 16'384);
    b.serve_at(10, {node});
    fail_checks_at(b, 100);
    b.serve_at(330, {node});
    b.world.run_until(at_s(309));
    CHECK(b.world.workload(b.web).pods.size() == (grace == 0 ? 4 : 2));
    b.world.run_until(at_s(320));
    REQUIRE(b.world.workload(b.web).pods.size() == 4);
    // Seen at 102 s without, at 310 s with the period from the start of the tasks at 10 s.
    CHECK(b.world.pod(PodId{2}).created == at_s(grace == 0 ? 102 : 310));
    b.world.run_until(at_s(400));
    CHECK(b.world.pod(PodId{0}).end_reason == Reason::unhealthy);
  }
}

TEST_CASE("a task that ends in its grace period is replaced at once") {
  ServiceBench b(1, true, 500, 100, 200, [](DeploymentConfiguration& c) { c.health_check_grace = seconds(300); });
  const NodeId node = ready_node(b.world, 16'000, 16'384);
  b.serve_at(10, {node});
  fail_checks_at(b, 100);
  b.script->at(at_s(150), [](World& w) { w.pod_ended(PodId{0}, Reason::container_exit); });
  b.world.run_until(at_s(600));
  CHECK(b.world.pod(PodId{1}).created == at_s(152));
  CHECK(b.world.pods().size() == 2);
}

TEST_CASE("in the grace period of its tasks a deployment does not fail; when it ends the failed checks count") {
  RolloutBench r(100, 200, [](DeploymentConfiguration& c) { c.health_check_grace = seconds(200); });
  r.serve_and_end(400);
  r.b.script->at(at_s(106), [&r](World& w) {
    for (const PodId pod : std::vector<PodId>(w.workload(r.b.web).pods)) {
      if (w.pod(pod).revision == 2 && w.pod(pod).state == PodState::serving) w.pod_unhealthy(pod);
    }
  });
  r.b.world.run_until(at_s(304));
  CHECK(count_facts(r.b.world, Fact::rollout_failed) == 0);
  CHECK(r.of_revision(2) == 4);
  r.b.world.run_until(at_s(310));  // four failures at 305 s, three are enough
  CHECK(count_facts(r.b.world, Fact::rollout_failed) == 1);
  CHECK(r.b.world.workload(r.b.web).revision == 1);
}

TEST_CASE("without any check only tasks that never run trip the breaker") {
  // The same deployment as above whose tasks exit after RUNNING: nothing checks them.
  for (const bool has_checks : {true, false}) {
    RolloutBench r(100, 200, [has_checks](DeploymentConfiguration& c) { c.has_checks = has_checks; });
    for (std::int64_t s = 105; s < 300; s += 5) {
      r.b.script->at(at_s(s), [&r](World& w) {
        for (const PodId pod : std::vector<PodId>(w.pending_pods().begin(), w.pending_pods().end())) {
          REQUIRE(w.bind_pod(pod, r.node) == Applied::yes);
          w.pod_started(pod);
          w.pod_failed(pod, Reason::container_exit, 1);
          w.pod_ended(pod, Reason::container_exit);
        }
      });
    }
    r.b.world.run_until(at_s(300));
    CHECK(count_facts(r.b.world, Fact::rollout_failed) == (has_checks ? 1 : 0));
  }
}

TEST_CASE("a task that starts for longer than its balancer's checks and the grace period allow is replaced") {
  // Two checks 30 s apart, the first within 30 s of RUNNING, and ten more until its own check could know.
  for (const std::int64_t grace : {0, 300}) {
    ServiceBench b(20, true, 500, 100, 200, [grace](DeploymentConfiguration& c) {
      c.target_checks.emplace();
      c.health_check_grace = seconds(grace);
    });
    const NodeId node = ready_node(b.world, 64'000, 65'536);
    b.script->at(at_s(10), [&b, node](World& w) {
      const std::vector<PodId> waiting(w.pending_pods().begin(), w.pending_pods().end());
      for (const PodId pod : waiting) {
        CHECK(w.bind_pod(pod, node) == Applied::yes);
        w.pod_started(pod);
        if (pod.value() >= 10) w.pod_ready(pod);  // these answer at once
      }
    });
    b.world.run_until(at_s(400));
    std::int64_t unhealthy = 0;
    for (const FactRecord& f : b.world.log) {
      if (f.fact != Fact::pod_unhealthy) continue;
      ++unhealthy;
      CHECK(f.pod.value() < 10);
      CHECK(f.at >= at_s(grace == 0 ? 50 : 320));
      CHECK(f.at <= at_s(grace == 0 ? 80 : 320));
    }
    CHECK(unhealthy == 10);
  }
  ServiceBench unbalanced(1);
  const NodeId node = ready_node(unbalanced.world, 4'000, 4'096);
  unbalanced.script->at(at_s(10), [node](World& w) {
    CHECK(w.bind_pod(PodId{0}, node) == Applied::yes);
    w.pod_started(PodId{0});
  });
  unbalanced.world.run_until(at_s(3000));
  CHECK(count_facts(unbalanced.world, Fact::pod_unhealthy) == 0);
}

}  // namespace
}  // namespace plimsoll::ecs
