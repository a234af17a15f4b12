#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

/// Deploys on whole columns: a good one at 30 min of the window, and one whose containers exit after 20 s at an hour.
namespace plimsoll::engine {
namespace {

using namespace testing;

const std::string kEvents = R"(events:
  - {at: 30m, deploy: web, image: 130MB}
  - {at: 01:00, deploy: web, fails: {share: 100%, after: 20s}}
  - {at: 01:30, rollback: web}
)";

scenario::Scenario fixed_size(const std::string& column) {
  return read_text(kTwoApps + kEvents,
                   {"apps.web.start.wait=25s", "apps.web.scale.min=12", "apps.web.scale.max=12", "load.scale=0.5",
                    "apps.web.rollout.minimumHealthyPercent=75", "apps.web.rollout.maximumPercent=150",
                    "apps.web.rollout.deploymentCircuitBreaker.enable=true",
                    "apps.web.rollout.deploymentCircuitBreaker.rollback=true"},
                   {column});
}

WorkloadId web_of(const World& world) {
  for (const Workload& w : world.workloads()) {
    if (!w.system && world.names.text(w.name) == "web") return w.id;
  }
  return {};
}

std::int64_t count_of(const World& world, Fact fact, WorkloadId id, Time from = kTimeZero, Time until = kTimeNever) {
  std::int64_t n = 0;
  for (const FactRecord& f : world.log)
    n += f.fact == fact && f.workload == id && f.at >= from && f.at <= until ? 1 : 0;
  return n;
}

/// Counts of web after every fact between two instants: pods that are not stopping, pods that are ready, all there are.
struct Extremes {
  std::int64_t most_alive = 0, most_there = 0, least_ready = INT64_MAX;
};

Extremes extremes(const World& world, WorkloadId id, Time from, Time until) {
  enum State { absent, waiting, ready, stopping };
  std::vector<State> state(world.pods().size(), absent);
  Extremes out;
  std::int64_t counts[4] = {};
  counts[absent] = static_cast<std::int64_t>(state.size());
  bool checking = false;
  Time last{};
  const auto check = [&] {
    out.most_alive = std::max(out.most_alive, counts[waiting] + counts[ready]);
    out.most_there = std::max(out.most_there, counts[waiting] + counts[ready] + counts[stopping]);
    out.least_ready = std::min(out.least_ready, counts[ready]);
  };
  for (const FactRecord& f : world.log) {
    // What one instant brings belongs together.
    if (f.at != last && checking) check();
    last = f.at;
    checking = f.at >= from && f.at <= until;
    if (f.workload != id || f.pod.is_none()) continue;
    State next = state[f.pod.index()];
    if (f.fact == Fact::pod_created || f.fact == Fact::pod_unready) next = waiting;
    if (f.fact == Fact::pod_ready) next = ready;
    if (f.fact == Fact::pod_stopping) next = stopping;
    if (f.fact == Fact::pod_ended) next = absent;
    --counts[state[f.pod.index()]];
    ++counts[next];
    state[f.pod.index()] = next;
  }
  return out;
}

TEST_CASE("a Deployment stays within maxSurge and maxUnavailable at every fact") {
  const auto s = fixed_size("pods");
  Run run = build(s, 0, 0, {false, true});
  run.world.run();
  const WorkloadId web = web_of(run.world);
  const Time start = run.world.window_start;
  const Extremes e = extremes(run.world, web, start + minutes(30), start + minutes(59));
  CHECK(e.most_alive <= 15);  // 12 and a quarter more
  CHECK(e.most_alive > 12);
  CHECK(e.least_ready >= 9);
  CHECK(count_of(run.world, Fact::rollout_completed, web, start + minutes(30), start + minutes(59)) == 1);
}

TEST_CASE("a service stays within its percentages at every fact") {
  const auto s = fixed_size("tasks");
  Run run = build(s, 0, 0, {false, true});
  run.world.run();
  const WorkloadId web = web_of(run.world);
  const Time start = run.world.window_start;
  const Extremes e = extremes(run.world, web, start + minutes(30), start + minutes(59));
  CHECK(e.most_there <= 18);  // stopping tasks count
  CHECK(e.most_there > 12);
  CHECK(e.least_ready >= 9);
  CHECK(count_of(run.world, Fact::rollout_completed, web, start + minutes(30), start + minutes(59)) == 1);
}

TEST_CASE("pods that crash back off, stall the rollout and leave most of the old ones serving") {
  for (const std::string column : {"nodes", "pods"}) {
    CAPTURE(column);
    const auto s = fixed_size(column);
    Run run = build(s, 0, 0, {false, true});
    run.world.run();
    const World& world = run.world;
    const WorkloadId web = web_of(world);
    const Time bad = world.window_start + hours(1);
    // Restarts after 0, 10, 20, 40, 80, 160, 300 s: in half an hour not more than ten a pod, each after a failure.
    const std::int64_t failures = count_of(world, Fact::pod_failed, web);
    const std::int64_t restarts = count_of(world, Fact::pod_restarted, web);
    CHECK(restarts > 10);
    CHECK(restarts <= failures);
    std::uint32_t most = 0;
    for (const Pod& p : world.pods()) most = std::max(most, p.restarts);
    CHECK(most >= 5);
    CHECK(most <= 10);
    CHECK(count_of(world, Fact::rollout_stalled, web, bad + seconds(600), bad + minutes(15)) == 1);
    CHECK(world.workload(web).revision == 2);  // the rollback of the scenario
    CHECK(world.workload(web).rollout == Rollout::none);
    CHECK(world.workload(web).serving == 12);
    CHECK(extremes(world, web, bad, bad + minutes(29)).least_ready >= 9);
  }
}

TEST_CASE("the circuit breaker rolls back before anybody else does") {
  for (const std::string column : {"tasks", "instances"}) {
    CAPTURE(column);
    const auto s = fixed_size(column);
    Run run = build(s, 0, 0, {false, true});
    run.world.run();
    const World& world = run.world;
    const WorkloadId web = web_of(world);
    const Time bad = world.window_start + hours(1);
    CHECK(count_of(world, Fact::rollout_failed, web, bad, bad + minutes(25)) == 1);
    CHECK(count_of(world, Fact::pod_restarted, web) == 0);
    // Deployed twice, rolled back once: the rollback of the scenario found it done.
    CHECK(count_of(world, Fact::revision_changed, web) == 3);
    CHECK(world.workload(web).revision == 2);
    CHECK(world.workload(web).serving == 12);
  }
}

TEST_CASE("a copy taken in the middle of a rollout runs on to the same hash") {
  for (const std::string column : {"instances", "nodes"}) {
    const auto s = fixed_size(column);
    Run run = build(s, 0, 0, {false, false});
    run.world.run_until(run.world.window_start + minutes(31));
    World copy = run.world;
    run.world.run();
    copy.run();
    CHECK(copy.hash.value() == run.world.hash.value());
  }
}

}  // namespace
}  // namespace plimsoll::engine
