#include "sim/cluster/timeline.h"

#include <doctest/doctest.h>

#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll {
namespace {

using namespace testing;

/// Two nodes in zone a, one in zone b, each with one pod of web.
struct Bench {
  explicit Bench(std::vector<TimelineEvent> events) : world(small_world(hours(2), 2)) {
    world.host_profiles.assign(2, plain_host());
    world.attach(std::make_unique<HostAgent>());
    world.attach(std::make_unique<Timeline>(std::move(events)));
    web = add_workload(world, "web", 500, 512, 3);
    for (const int zone : {0, 0, 1}) {
      nodes.push_back(ready_node(world, 4000, 8192, zone));
      world.bind_pod(world.create_pod(web), nodes.back());
    }
  }
  World world;
  WorkloadId web;
  std::vector<NodeId> nodes;
};

TEST_CASE("scale moves the bounds, and desired into them") {
  Bench b({{minutes(10), ScaleEvent{"web", 5, std::nullopt}}, {minutes(20), ScaleEvent{"web", std::nullopt, 2}}});
  b.world.run_until(at_s(900));
  CHECK(b.world.workload(b.web).minimum == 5);
  CHECK(b.world.workload(b.web).maximum == 1000);
  CHECK(b.world.workload(b.web).desired == 5);
  b.world.run_until(at_s(1500));
  CHECK(b.world.workload(b.web).minimum == 2);  // a maximum below the minimum takes it along
  CHECK(b.world.workload(b.web).desired == 2);
}

TEST_CASE("a lost node keeps its state and its pods, and nothing moves on it any more") {
  Bench b({{minutes(10), NodeFailure{"i-00001", 1}}});
  b.world.run_until(at_s(601));
  CHECK(b.world.node(b.nodes[1]).is_lost());
  CHECK(!b.world.node(b.nodes[0]).is_lost());
  CHECK(b.world.node(b.nodes[1]).state == NodeState::ready);
  CHECK(b.world.pod(PodId{1}).state == PodState::serving);  // as far as the control plane knows
  CHECK(count_facts(b.world, Fact::node_lost) == 1);
  // Asked to stop, its pod cannot confirm; it ends with its node.
  CHECK(b.world.stop_pod(PodId{1}, Reason::node_lost) == Applied::yes);
  b.world.run_until(at_s(3600));
  CHECK(b.world.pod(PodId{1}).state == PodState::stopping);
  b.world.terminate_node(b.nodes[1], Reason::node_lost);
  CHECK(b.world.pod(PodId{1}).state == PodState::ended);
  CHECK_FALSE(b.world.lose_node(b.nodes[1]));
}

TEST_CASE("any node is one with application pods, and several are different ones") {
  Bench b({{minutes(10), NodeFailure{"", 5}}});
  ready_node(b.world, 4000, 8192, 1);  // empty
  b.world.run_until(at_s(601));
  CHECK(count_facts(b.world, Fact::node_lost) == 3);
  CHECK(!b.world.nodes().back().is_lost());
}

TEST_CASE("a zone is lost with all that runs in it, and comes back empty") {
  Bench b({{minutes(10), ZoneFailure{"zone-a", minutes(30)}}, {minutes(20), ZoneFailure{"zone-a", minutes(5)}}});
  b.world.run_until(at_s(601));
  CHECK(!b.world.zone_available(ZoneId{0}));
  CHECK(b.world.zone_available(ZoneId{1}));
  CHECK(b.world.node(b.nodes[0]).is_lost());
  CHECK(b.world.node(b.nodes[1]).is_lost());
  CHECK(!b.world.node(b.nodes[2]).is_lost());
  b.world.run_until(at_s(1800));
  CHECK(!b.world.zone_available(ZoneId{0}));  // the second outage is over, the first is not
  b.world.run_until(at_s(2401));
  CHECK(b.world.zone_available(ZoneId{0}));
  CHECK(b.world.node(b.nodes[0]).is_lost());
  CHECK(count_facts(b.world, Fact::zone_restored) == 1);
}

TEST_CASE("what a column does not have is passed over") {
  Bench b({{minutes(1), ScaleEvent{"api", 1, 1}},
           {minutes(1), NodeFailure{"i-00077", 1}},
           {hours(3), ZoneFailure{"zone-a", {}}}});
  b.world.run();
  CHECK(count_facts(b.world, Fact::node_lost) == 0);
  CHECK(count_facts(b.world, Fact::zone_lost) == 0);
  CHECK(count_facts(b.world, Fact::desired_changed) == 0);
}

TEST_CASE("a deploy changes what it says and nothing else, and its faults are its own") {
  DeployEvent first;
  first.workload = "web";
  first.image = Bytes{5'000'000};
  first.start_wait = seconds(9);
  first.fails = {FailureKind::exit, percent(100), seconds(20)};
  DeployEvent second;
  second.workload = "web";
  Bench b({{minutes(10), first},
           {minutes(20), second},
           {minutes(30), RollbackEvent{"web", {}}},
           {minutes(40), RollbackEvent{"web", {}}},
           {minutes(50), RollbackEvent{"web", 1}}});
  Workload& w = b.world.edit_workload(b.web);
  w.images = {{b.world.names.intern("web:1"), Bytes{1'000'000}}};
  w.start_cpu_seconds = 3;
  b.world.run_until(at_s(1300));
  CHECK(w.revision == 3);
  CHECK(w.template_of(2).images[0].second == Bytes{5'000'000});
  CHECK(b.world.names.text(w.template_of(2).images[0].first) == "web:1@2");
  CHECK(w.template_of(2).start_wait == seconds(9));
  CHECK(w.template_of(2).start_cpu_seconds == 3);
  CHECK(w.template_of(2).fails.kind == FailureKind::exit);
  CHECK(w.template_of(3).fails.kind == FailureKind::none);
  CHECK(w.template_of(3).start_wait == seconds(9));
  b.world.run_until(at_s(1900));
  CHECK(w.revision == 2);  // the one that the newest replaced
  b.world.run_until(at_s(2500));
  CHECK(w.revision == 2);  // it is wanted already
  b.world.run_until(at_s(3100));
  CHECK(w.revision == 1);
}

}  // namespace
}  // namespace plimsoll
