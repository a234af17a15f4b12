#include "sim/cluster/host_agent.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/agent_bench.h"

namespace plimsoll {
namespace {

using namespace testing;

TEST_CASE("a placed pod goes its whole way to traffic") {
  AgentBench b;
  const WorkloadId web = b.app("web", 200);
  Workload& w = b.world.edit_workload(web);
  w.start_cpu_seconds = 4;
  w.start_cores = 2;
  w.start_wait = seconds(1);
  b.place_at(10, web);
  b.world.run_until(at_s(300));
  const Pod& p = b.world.pod(PodId{0});
  CHECK(p.bound == at_s(10));
  CHECK(p.pulling == at_s(12));       // interface and sandbox 2 s
  CHECK(p.started == at_ms(15'000));  // 0.5 s + 200 MB at 100 MB/s = 2.5 s, then 0.5 s to start the container
  // 4 core-seconds on 2 cores, then 1 s: able at 18 s; probes tick at 15, 25, ... and the one at 25 s sees it.
  CHECK(p.ready == at_s(25));
  CHECK(p.serving == at_s(26));
  CHECK(p.state == PodState::serving);
}

TEST_CASE("a tick of the probe that falls on the instant of readiness sees it") {
  AgentBench b;
  const WorkloadId web = b.app("web", 0);
  b.world.edit_workload(web).start_wait = seconds(20);
  b.place_at(0, web);
  b.world.run_until(at_s(300));
  const Pod& p = b.world.pod(PodId{0});
  CHECK(p.started == at_ms(2'500));
  CHECK(p.ready == at_ms(22'500));
}

TEST_CASE("a host without probes is ready when its application is") {
  AgentBench b;
  b.world.host_profiles[0].probe_period = Duration{};
  const WorkloadId web = b.app("web", 0);
  b.world.edit_workload(web).start_wait = milliseconds(1234);
  b.place_at(0, web);
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).ready == at_ms(2'500 + 1'234));
}

TEST_CASE("behind the balancer a pod waits for its registration instead of the endpoint") {
  AgentBench b;
  const WorkloadId web = b.app("web", 0);
  b.world.edit_workload(web).behind_balancer = true;
  b.place_at(0, web);
  b.world.run_until(at_s(300));
  const Pod& p = b.world.pod(PodId{0});
  CHECK(p.ready == at_ms(2'500));
  CHECK(p.serving == at_ms(12'500));
}

TEST_CASE("a pod that took traffic leaves in the time of its kind, one that never did in two seconds at most") {
  AgentBench b;
  const WorkloadId plain = b.app("plain", 0), balanced = b.app("balanced", 0);
  b.world.edit_workload(balanced).behind_balancer = true;
  b.place_at(0, plain);
  b.place_at(0, balanced);
  b.place_at(99, plain);
  b.script->at(at_s(100), [](World& w) {
    for (std::uint32_t i = 0; i < 3; ++i) CHECK(w.stop_pod(PodId{i}, Reason::scale_in) == Applied::yes);
  });
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).ended == at_s(105));
  CHECK(b.world.pod(PodId{1}).ended == at_s(130));
  CHECK(b.world.pod(PodId{2}).ended == at_s(102));
  CHECK(b.world.pod(PodId{2}).started == kTimeNever);  // what was on its way is void
  CHECK(b.world.node(b.node).pod_count == 0);
}

TEST_CASE("a pod whose node goes does not come back to life") {
  AgentBench b;
  const WorkloadId web = b.app("web", 200);
  b.place_at(0, web);
  b.script->at(at_s(3), [n = b.node](World& w) { w.terminate_node(n, Reason::node_lost); });
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).ended == at_s(3));
  CHECK(count_facts(b.world, Fact::pod_started) == 0);
  CHECK(count_facts(b.world, Fact::pod_ended) == 1);
}

TEST_CASE("nothing goes on on a host that has failed, and its targets are taken out after the checks") {
  AgentBench b;
  for (HostProfile& host : b.world.host_profiles) {
    host.lost_target_plain = Delay::constant(seconds(50));
    host.lost_target_balanced = Delay::constant(seconds(35));
  }
  const WorkloadId web = b.app("web", 200), late = b.app("late", 200);
  b.world.edit_workload(web).behind_balancer = true;
  b.place_at(10, web);
  b.place_at(98, late);
  b.script->at(at_s(100), [n = b.node](World& w) { w.lose_node(n); });
  b.script->at(at_s(300), [](World& w) { w.stop_pod(PodId{0}, Reason::node_lost); });
  b.world.run_until(at_s(600));
  CHECK(first_fact(b.world, Fact::pod_unready) == at_s(135));
  CHECK(b.world.pod(PodId{0}).state == PodState::stopping);  // nobody is there to end it
  CHECK(b.world.pod(PodId{1}).state == PodState::preparing);
  b.world.terminate_node(b.node, Reason::node_lost);
  CHECK(b.world.pod(PodId{0}).state == PodState::ended);
  CHECK(b.world.pod(PodId{1}).state == PodState::ended);
}

TEST_CASE("pods that end with their instance stay targets for as long; those that were drained do not") {
  AgentBench b;
  for (HostProfile& host : b.world.host_profiles) host.lost_target_plain = Delay::constant(seconds(50));
  const WorkloadId web = b.app("web", 200);
  b.place_at(10, web);
  b.place_at(10, web);
  b.script->at(at_s(99), [](World& w) { w.stop_pod(PodId{1}, Reason::node_drain); });
  b.script->at(at_s(100), [n = b.node](World& w) { w.terminate_node(n, Reason::spot_interruption); });
  b.world.run_until(at_s(600));
  CHECK(first_fact(b.world, Fact::target_removed) == at_s(150));
  CHECK(count_facts(b.world, Fact::target_removed) == 1);
}

RestartRule backoff() {
  RestartRule rule;
  rule.kind = RestartRule::Kind::backoff;
  return rule;
}

TEST_CASE("a container that exits is started again with a growing delay") {
  AgentBench b;
  b.world.host_profiles[0].restart = backoff();
  const WorkloadId web = b.app("web", 0);
  b.world.edit_workload(web).fails = {FailureKind::exit, percent(100), seconds(20)};
  b.place_at(0, web);
  b.world.run_until(at_s(300));
  // Starts at 2.5, exits at 22.5, again at 23 (half a second to start), exits at 43, again at 53.5, exits at 73.5,
  // again at 94, exits at 114, again at 154.5, exits at 174.5, again at 255, exits at 275.
  std::vector<Time> restarts;
  for (const FactRecord& f : b.world.log) {
    if (f.fact == Fact::pod_restarted) restarts.push_back(f.at);
  }
  CHECK(restarts == std::vector<Time>{at_ms(23'000), at_ms(53'500), at_ms(94'000), at_ms(154'500), at_ms(255'000)});
  CHECK(b.world.pod(PodId{0}).state == PodState::backoff);
  CHECK(count_facts(b.world, Fact::pod_failed) == 6);
}

TEST_CASE("where nothing restarts, the pod ends with its container") {
  AgentBench b;
  const WorkloadId web = b.app("web", 0);
  b.world.edit_workload(web).fails = {FailureKind::memory, percent(100), seconds(20)};
  b.place_at(0, web);
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).ended == at_ms(24'500));
  CHECK(b.world.pod(PodId{0}).end_reason == Reason::out_of_memory);
  CHECK(b.world.log.back().reason == Reason::out_of_memory);
}

TEST_CASE("an exit code that is final ends the pod, another starts its container again once a period") {
  struct Row {
    FailureKind kind;  // exit: code 1; memory: 137
    std::int64_t final_code;
    std::int64_t restarts;
  };
  for (const Row row : {Row{FailureKind::exit, 1, 0}, Row{FailureKind::exit, 137, 1}, Row{FailureKind::memory, 137, 0},
                        Row{FailureKind::memory, 1, 1}}) {
    CAPTURE(row.final_code);
    AgentBench b;
    RestartRule rule;
    rule.kind = RestartRule::Kind::once_a_period;
    rule.period = seconds(20);
    rule.final_exit_codes = {row.final_code};
    b.world.host_profiles[0].restart = rule;
    const WorkloadId web = b.app("web", 0);
    b.world.edit_workload(web).fails = {row.kind, percent(100), seconds(20)};
    b.place_at(0, web);  // runs at 2.5 s and ends at 22.5 s, again at 23 s
    b.world.run_until(at_s(40));
    CHECK(count_facts(b.world, Fact::pod_restarted) == row.restarts);
    CHECK((b.world.pod(PodId{0}).state == PodState::ended) == (row.restarts == 0));
  }
}

TEST_CASE("a share of the starts fails, each drawn anew") {
  AgentBench b;
  b.world.host_profiles[0].restart = backoff();
  const WorkloadId web = b.app("web", 0);
  b.world.edit_workload(web).fails = {FailureKind::exit, percent(50), seconds(1)};
  for (int i = 0; i < 30; ++i) b.place_at(i, web);
  b.world.run_until(at_s(600));
  // Of 30 first starts about 15 fail, of their second ones half, and so on: about 30 in all.
  CHECK(count_facts(b.world, Fact::pod_failed) > 15);
  CHECK(count_facts(b.world, Fact::pod_failed) < 50);
  CHECK(b.world.workload(web).serving > 20);
}

TEST_CASE("a liveness probe that begins too early kills a slow starter") {
  for (const std::int64_t wait : {20, 60}) {
    CAPTURE(wait);
    AgentBench b;
    b.world.host_profiles[0].restart = backoff();
    const WorkloadId web = b.app("web", 0);
    Workload& w = b.world.edit_workload(web);
    w.start_wait = seconds(wait);
    w.liveness = ContainerProbe{seconds(10), seconds(10), 3, 1};
    b.place_at(0, web);
    b.world.run_until(at_s(40));
    // Looks at 12.5, 22.5 and 32.5 s: answering from 22.5 s on is in time, from 62.5 s on is not.
    CHECK(count_facts(b.world, Fact::pod_failed) == (wait == 20 ? 0 : 1));
    if (wait == 60) CHECK(b.world.pod(PodId{0}).failed == at_ms(34'500));  // 2 s after SIGTERM
  }
}

TEST_CASE("a startup probe holds the liveness probe back, up to its own limit") {
  AgentBench b;
  b.world.host_profiles[0].restart = backoff();
  const WorkloadId web = b.app("web", 0), slow = b.app("slow", 0);
  for (const WorkloadId id : {web, slow}) {
    Workload& w = b.world.edit_workload(id);
    w.start_wait = seconds(id == web ? 60 : 200);
    w.liveness = ContainerProbe{seconds(10), seconds(10), 3, 1};
    w.startup = ContainerProbe{Duration{}, seconds(10), 12, 1};
  }
  b.place_at(0, web);
  b.place_at(0, slow);
  b.world.run_until(at_s(200));
  CHECK(b.world.pod(PodId{0}).state == PodState::serving);
  // The twelfth look, 110 s after the start, and 2 s from SIGTERM to the end.
  CHECK(b.world.pod(PodId{1}).failed == at_ms(114'500));
}

TEST_CASE("failed checks take a pod out of traffic, and the liveness probe restarts it or reports it") {
  for (const bool restarts : {true, false}) {
    CAPTURE(restarts);
    AgentBench b;
    b.world.host_profiles[0].restart = backoff();
    b.world.host_profiles[0].liveness_restarts = restarts;
    const WorkloadId web = b.app("web", 0);
    Workload& w = b.world.edit_workload(web);
    w.readiness = ContainerProbe{Duration{}, seconds(5), 2, 1};
    w.liveness = ContainerProbe{Duration{}, seconds(10), 3, 1};
    w.fails = {FailureKind::health, percent(100), seconds(60)};
    w.pre_stop = seconds(15);
    w.stop_grace = seconds(16);
    b.place_at(0, web);
    b.world.run_until(at_ms(99'600));
    // Runs from 2.5 s, fails its checks from 62.5 s: readiness at 62.5 and 67.5, liveness at 62.5, 72.5 and 82.5 s.
    CHECK(first_fact(b.world, Fact::pod_unready) == at_ms(67'500));
    // The kubelet runs the preStop hook for 15 s; of the 16 s of grace 1 s is left, but 2 s it has at least.
    CHECK(first_fact(b.world, restarts ? Fact::pod_failed : Fact::pod_unhealthy) == at_ms(restarts ? 99'500 : 82'500));
    CHECK(b.world.pod(PodId{0}).unhealthy == !restarts);
    CHECK(b.world.workload(web).serving == 0);
  }
}

TEST_CASE("without a liveness probe failed checks report the pod where its owner replaces it, and else leave it be") {
  for (const bool replaced : {true, false}) {
    CAPTURE(replaced);
    AgentBench b;
    b.world.host_profiles[0].liveness_restarts = !replaced;
    const WorkloadId web = b.app("web", 0);
    b.world.edit_workload(web).fails = {FailureKind::health, percent(100), seconds(60)};
    b.place_at(0, web);
    b.world.run_until(at_s(600));
    // Checks every 10 s from 2.5 s on; they fail from 62.5 s on, three times by 82.5 s.
    CHECK(first_fact(b.world, Fact::pod_unready) == at_ms(82'500));
    CHECK(first_fact(b.world, Fact::pod_unhealthy) == (replaced ? at_ms(82'500) : kTimeNever));
    CHECK(count_facts(b.world, Fact::pod_failed) == 0);
  }
}

TEST_CASE("readiness wants its successes in a row") {
  AgentBench b;
  const WorkloadId web = b.app("web", 0);
  b.world.edit_workload(web).readiness = ContainerProbe{seconds(1), seconds(5), 3, 3};
  b.place_at(0, web);
  b.world.run_until(at_s(60));
  CHECK(b.world.pod(PodId{0}).ready == at_ms(13'500));  // looks at 3.5, 8.5 and 13.5 s
}

TEST_CASE("an image that cannot be pulled is tried again, or ends the pod") {
  for (const bool ends : {false, true}) {
    CAPTURE(ends);
    AgentBench b;
    b.world.host_profiles[0].failed_pull_ends_pod = ends;
    const WorkloadId web = b.app("web", 10);
    b.world.edit_workload(web).fails = {FailureKind::pull, percent(100), {}};
    b.place_at(0, web);
    b.world.run_until(at_s(60));
    // Tries at 2 s, then half a second to fail and 10, 20 s of waiting: 12.5, 33 s.
    CHECK(count_facts(b.world, Fact::pod_failed) == (ends ? 1 : 3));
    CHECK(b.world.pod(PodId{0}).started == kTimeNever);
    if (ends) CHECK(b.world.pod(PodId{0}).end_reason == Reason::image_pull);
  }
}

TEST_CASE("an application that needs more than its limit is killed when it has grown") {
  AgentBench b;
  b.world.host_profiles[0].restart = backoff();
  const WorkloadId web = b.app("web", 0);
  Workload& w = b.world.edit_workload(web);
  w.start_wait = seconds(10);
  w.memory_used = mebibytes(300);
  w.memory_limit = mebibytes(256);
  b.place_at(0, web);
  b.world.run_until(at_ms(12'600));
  CHECK(b.world.pod(PodId{0}).failed == at_ms(12'500));
  CHECK(b.world.log.back().value == 137);
}

TEST_CASE("preStop and the grace period bound the stop") {
  AgentBench b;
  const WorkloadId slow = b.app("slow", 0), cut = b.app("cut", 0);
  b.world.edit_workload(slow).pre_stop = seconds(15);
  b.world.edit_workload(cut).pre_stop = seconds(15);
  b.world.edit_workload(cut).stop_grace = seconds(10);
  b.place_at(0, slow);
  b.place_at(0, cut);
  b.script->at(at_s(100), [](World& w) {
    w.stop_pod(PodId{0}, Reason::scale_in);
    w.stop_pod(PodId{1}, Reason::scale_in);
  });
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).ended == at_s(120));  // 15 s and the 5 s of the application
  CHECK(b.world.pod(PodId{1}).ended == at_s(112));  // the hook is cut at 10 s; then 2 s to the kill
}

TEST_CASE("only pods of the revision that takes traffic serve, and a shift moves it at once") {
  AgentBench b;
  const WorkloadId web = b.app("web", 0);
  b.place_at(0, web);
  b.script->at(at_s(50), [web](World& w) {
    w.direct_traffic(web, 1);
    w.deploy(web, PodTemplate(w.workload(web)));
  });
  b.place_at(60, web);
  b.script->at(at_s(200), [web](World& w) { w.direct_traffic(web, 2); });
  b.script->at(at_s(300), [web](World& w) { w.direct_traffic(web, 0); });
  b.world.run_until(at_s(150));
  CHECK(b.world.pod(PodId{0}).state == PodState::serving);
  CHECK(b.world.pod(PodId{1}).state == PodState::ready);
  b.world.run_until(at_s(250));
  CHECK(b.world.pod(PodId{0}).state == PodState::ready);
  CHECK(b.world.pod(PodId{1}).state == PodState::serving);
  CHECK(b.world.workload(web).serving == 1);
  b.world.run_until(at_s(350));
  CHECK(b.world.workload(web).serving == 2);
}

TEST_CASE("work that runs to completion ends its pod, and one that fails goes by the restart rule") {
  for (const bool fails : {false, true}) {
    World world = small_world(hours(1));
    world.host_profiles.assign(2, plain_host());
    const WorkloadId job = add_workload(world, "job", 100, 64);
    world.edit_workload(job).restart = RestartRule{};
    auto agent = std::make_unique<HostAgent>();
    // 8 core-seconds on two cores, then 3 s that no core shortens.
    agent->run_to_completion(
        job, {Delay::constant(seconds(8)), Delay::constant(seconds(3)), 2, fails ? percent(100) : Ppm{}});
    world.attach(std::move(agent));
    const NodeId node = ready_node(world, 4000, 16384);
    world.bind_pod(world.create_pod(job), node);
    world.run();
    const Pod& p = world.pod(PodId{0});
    CHECK(p.started == at_ms(2'500));
    CHECK(p.ready == kTimeNever);
    CHECK(p.state == PodState::ended);
    CHECK(p.end_reason == (fails ? Reason::container_exit : Reason::completed));
    if (!fails) CHECK(p.ended == at_ms(2'500 + 4'000 + 3'000));
    if (fails) CHECK(p.failed < at_ms(2'500 + 7'000));
    CHECK(world.node(node).pod_count == 0);
    CHECK(count_facts(world, Fact::pod_failed) == (fails ? 1 : 0));
  }
}

TEST_CASE("a restart rule by period begins work again that has succeeded, unless exit code 0 is final") {
  struct Row {
    std::int64_t period_s;
    std::vector<std::int64_t> final_codes;
    std::int64_t restarts;
  };
  // Work of 10 s from 2.5 s on, in a minute: it ends after 12.5 s, 23 s, 33.5 s, 44 s and 54.5 s.
  for (const Row& row : {Row{10, {}, 5}, Row{10, {0}, 0}, Row{11, {}, 0}}) {
    CAPTURE(row.period_s);
    World world = small_world(minutes(1));
    world.host_profiles.assign(2, plain_host());
    const WorkloadId job = add_workload(world, "job", 100, 64);
    RestartRule rule;
    rule.kind = RestartRule::Kind::once_a_period;
    rule.period = seconds(row.period_s);
    rule.final_exit_codes = row.final_codes;
    world.edit_workload(job).restart = rule;
    auto agent = std::make_unique<HostAgent>();
    agent->run_to_completion(job, {Delay::constant(Duration{}), Delay::constant(seconds(10)), 1, Ppm{}});
    world.attach(std::move(agent));
    world.bind_pod(world.create_pod(job), ready_node(world, 4000, 16384));
    world.run();
    CHECK(count_facts(world, Fact::pod_restarted) == row.restarts);
    CHECK((world.pod(PodId{0}).end_reason == Reason::completed && world.pod(PodId{0}).state == PodState::ended) ==
          (row.restarts == 0));
  }
}

/// The agent of a bench, to be told things before the run begins.
TEST_CASE("containers that go first take their time one after another, after the images and before the application") {
  AgentBench b;
  const WorkloadId web = b.app("web", 200), plain = b.app("plain", 0);
  PodPreparation first;
  first.before = {Delay::constant(seconds(30)), Delay::constant(seconds(3))};
  agent_of(b).prepare(web, first);
  b.place_at(0, web);
  b.place_at(0, plain);
  b.world.run_until(at_s(300));
  // Sandbox 2 s, image 2.5 s; 0.5 + 30 s, 0.5 + 3 s; 0.5 s to start the application.
  CHECK(b.world.pod(PodId{0}).started == at_ms(2'000 + 2'500 + 30'500 + 3'500 + 500));
  CHECK(b.world.pod(PodId{1}).started == at_ms(2'500));  // others are not touched
}

TEST_CASE("containers that go first do not run again when the application fails") {
  AgentBench b;
  const WorkloadId web = b.app("web", 0);
  PodPreparation first;
  first.before = {Delay::constant(seconds(30))};
  agent_of(b).prepare(web, first);
  b.world.host_profiles[0].restart.kind = RestartRule::Kind::backoff;
  Workload& w = b.world.edit_workload(web);
  w.fails = {FailureKind::exit, percent(100), seconds(4)};
  b.place_at(0, web);
  b.world.run_until(at_s(60));
  CHECK(b.world.pod(PodId{0}).started == at_s(33));
  // Fails at 37 s; the first restart is at once: 0.5 s to start the container.
  CHECK(first_fact(b.world, Fact::pod_restarted) == at_ms(37'500));
}

TEST_CASE("the preStop hook of a container that runs is called, whether its pod takes traffic or not") {
  struct Row {
    std::int64_t placed_s, pre_stop_s, grace_s, ends_s;
  };
  // Deletion at 100 s. A pod placed at 99 s has no container yet; one that never gets ready runs.
  for (const Row row : {Row{0, 7, 30, 109}, Row{0, 40, 30, 132}, Row{99, 7, 30, 102}, Row{0, 0, 30, 102}}) {
    CAPTURE(row.placed_s);
    CAPTURE(row.pre_stop_s);
    AgentBench b;
    const WorkloadId web = b.app("web", 0);
    Workload& w = b.world.edit_workload(web);
    w.start_wait = minutes(20);
    w.pre_stop = seconds(row.pre_stop_s);
    w.stop_grace = seconds(row.grace_s);
    b.place_at(row.placed_s, web);
    b.script->at(at_s(100), [](World& x) { CHECK(x.stop_pod(PodId{0}, Reason::scale_in) == Applied::yes); });
    b.world.run_until(at_s(300));
    CHECK(b.world.pod(PodId{0}).ended == at_s(row.ends_s));
  }
}

TEST_CASE("a pod that is published before it is ready takes traffic as soon as its application answers") {
  for (const bool balanced : {false, true}) {
    CAPTURE(balanced);
    AgentBench b;
    const WorkloadId web = b.app("web", 0);
    Workload& w = b.world.edit_workload(web);
    w.publish_not_ready = true;
    w.behind_balancer = balanced;
    w.start_wait = seconds(20);
    w.readiness = ContainerProbe{seconds(400), seconds(10), 3, 1};
    w.fails = {FailureKind::exit, percent(100), seconds(700)};
    b.place_at(0, web);
    // Runs from 2.5 s, answers from 22.5 s; the readiness probe looks from 402.5 s on.
    b.world.run_until(at_s(100));
    CHECK(b.world.pod(PodId{0}).state == PodState::starting);
    CHECK(b.world.pod(PodId{0}).serving == at_ms(balanced ? 32'500 : 22'500));
    CHECK(b.world.workload(web).serving == 0);
    b.world.run_until(at_s(600));
    CHECK(b.world.pod(PodId{0}).state == PodState::serving);
    CHECK(b.world.pod(PodId{0}).ready == at_ms(402'500));
    CHECK(b.world.pod(PodId{0}).serving == at_ms(balanced ? 32'500 : 22'500));
    CHECK(b.world.workload(web).serving == 1);
    CHECK(b.world.workload(web).ready == 1);
    CHECK(count_facts(b.world, Fact::pod_serving) == 1);
    // It exits at 702.5 s, and leaves traffic with that.
    b.world.run_until(at_ms(702'600));
    CHECK(b.world.workload(web).serving == 0);
    CHECK(b.world.workload(web).ready == 0);
    CHECK(first_fact(b.world, Fact::pod_unready) == at_ms(702'500));
  }
}

TEST_CASE("a published pod that never gets ready leaves traffic when it fails or stops") {
  AgentBench b;
  b.world.host_profiles[0].restart = backoff();
  const WorkloadId web = b.app("web", 0), stays = b.app("stays", 0);
  for (const WorkloadId id : {web, stays}) {
    Workload& w = b.world.edit_workload(id);
    w.publish_not_ready = true;
    w.readiness = ContainerProbe{minutes(25), seconds(10), 3, 1};
    w.pre_stop = seconds(3);
  }
  b.world.edit_workload(web).fails = {FailureKind::exit, percent(100), seconds(100)};
  b.place_at(0, web);
  b.place_at(0, stays);
  b.script->at(at_s(200), [](World& w) { CHECK(w.stop_pod(PodId{1}, Reason::scale_in) == Applied::yes); });
  b.world.run_until(at_ms(102'900));
  CHECK(b.world.pod(PodId{0}).failed == at_ms(102'500));
  CHECK(b.world.pod(PodId{0}).serving == kTimeNever);
  CHECK(b.world.log.back().fact == Fact::pod_failed);
  CHECK(b.world.log[b.world.log.size() - 2].value == 1);  // it took traffic until then
  b.world.run_until(at_ms(103'100));
  CHECK(b.world.pod(PodId{0}).serving == at_s(103));  // restarted at once, half a second
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{1}).ended == at_s(208));  // the hook and the 5 s of one that takes traffic
}

TEST_CASE("a pod with a readiness gate for its target is ready when that is healthy, not before") {
  Time served[2];
  for (const bool gated : {false, true}) {
    AgentBench b;
    const WorkloadId web = b.app("web", 0);
    b.world.edit_workload(web).behind_balancer = true;
    PodPreparation waits;
    waits.ready_with_target = gated;
    agent_of(b).prepare(web, waits);
    b.place_at(0, web);
    b.world.run_until(at_s(100));
    const Pod& pod = b.world.pod(PodId{0});
    // Its probe passes at a tick of 10 s; registration takes another 10 s.
    CHECK(pod.serving == pod.ready + (gated ? Duration{} : seconds(10)));
    REQUIRE(pod.serving != kTimeNever);
    served[gated ? 1 : 0] = pod.serving;
  }
  CHECK(served[0] == served[1]);
}

}  // namespace
}  // namespace plimsoll
