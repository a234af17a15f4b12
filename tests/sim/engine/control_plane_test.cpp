// Whole EKS columns whose control plane is updated while they run.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/eks/controllers/cluster_control_plane.h"
#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// Two hours of a steady load on three columns; the control plane is updated after half an hour.
std::string updated_columns(const std::string& events) {
  return R"(apiVersion: plimsoll/v1
seed: 4
load: {constant: 300/s, for: 2h, warmup: 30m, to: web}
apps:
  web: {size: 500m/1Gi, work: 10ms, start: {cpu: 2s}, scale: {cpu: 60%, min: 4, max: 40}}
events: )" +
         events + R"(
platforms:
  groups:
    type: eks
    eksVersion: "1.33"
    capacity: {nodeGroup: {type: m5.large, min: 2, max: 20}, autoscaler: cluster-autoscaler}
  auto:
    type: eks
    eksVersion: "1.33"
    capacity: {autoMode: {}}
  tasks: {type: ecs, capacity: fargate}
)";
}

Run whole_run(const scenario::Scenario& s, std::size_t column) {
  Run run = build(s, column, 0, {true, true});
  run.world.run();
  return run;
}

Time at_fact(const World& world, Fact fact) {
  const auto at = std::find_if(world.log.begin(), world.log.end(), [&](const FactRecord& f) { return f.fact == fact; });
  return at == world.log.end() ? kTimeNever : at->at;
}

TEST_CASE("an update ends the fee of extended support and leaves the nodes of a group to their owner") {
  const scenario::Scenario s =
      read_text(updated_columns("[{at: 30m, updateClusterVersion: \"1.34\"}, {at: 60m, upgrade: nodes}]"));
  Run run = whole_run(s, 0);
  const World& w = run.world;
  const Time done = at_fact(w, Fact::control_plane_updated);
  CHECK(at_fact(w, Fact::control_plane_update) == w.window_start + minutes(30));
  CHECK(done >= w.window_start + minutes(38));
  CHECK(done <= w.window_start + minutes(42));
  CHECK(run.world.find_component<eks::ClusterControlPlane>()->minor() == 34);
  // Nodes are replaced when their group is updated, not before.
  std::int64_t early = 0, late = 0;
  for (const FactRecord& f : w.log) {
    if (f.fact == Fact::node_terminating && f.reason == plimsoll::Reason::rollout)
      ++(f.at < w.window_start + minutes(60) ? early : late);
  }
  CHECK(early == 0);
  CHECK(late >= 2);
  const results::RunResult r = summarise(run, s, 0, 0);
  std::int64_t fee = 0, lines = 0;
  for (const auto& line : r.lines) {
    if (!line.item.starts_with("eks/control-plane")) continue;
    fee += line.amount.raw();
    ++lines;
  }
  CHECK(lines == 2);
  // 0.60 $/h until it was done, 0.10 $/h from then on, to the second.
  const double until = to_seconds(done - w.window_start) / 3600;
  CHECK(static_cast<double>(fee) == doctest::Approx(1e9 * (0.6 * until + 0.1 * (2 - until))).epsilon(0.001));
  CHECK(s.columns[0].plan->notes().overrides.size() >= 2);
}

TEST_CASE("nodes of Auto Mode follow the control plane; a column without one passes the event over") {
  const scenario::Scenario s = read_text(updated_columns("[{at: 30m, updateClusterVersion: \"1.34\"}]"));
  Run run = whole_run(s, 1);
  const World& w = run.world;
  const Time done = at_fact(w, Fact::control_plane_updated);
  std::int64_t drifted = 0, before = 0;
  for (const FactRecord& f : w.log) {
    if (f.fact != Fact::node_draining || f.reason != plimsoll::Reason::drifted) continue;
    ++(f.at < done ? before : drifted);
  }
  CHECK(before == 0);
  CHECK(drifted >= 1);
  const Run tasks = whole_run(s, 2);
  CHECK(count(tasks.world, Fact::control_plane_update) == 0);
  const Run without = whole_run(read_text(updated_columns("[]")), 2);
  CHECK(tasks.world.hash.value() == without.world.hash.value());
}

TEST_CASE("an update that EKS would refuse is told with its rule") {
  const auto says = [](const std::string& events) {
    const Folder folder;
    document::Diagnostics diagnostics;
    const auto read =
        scenario::read_scenario(folder.put("s.yaml", updated_columns(events)), registry(), {}, diagnostics);
    CHECK(!read.has_value());
    return diagnostics.text();
  };
  CHECK(says("[{at: 1h, updateClusterVersion: \"1.35\"}]").find("update from 1.33 to 1.35") != std::string::npos);
  CHECK(says("[{at: 1h, updateClusterVersion: next}]").find("'next' is not a Kubernetes version") != std::string::npos);
  CHECK(says("[{at: 1h, updateClusterversion: \"1.34\"}]").find("updateClusterVersion") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::engine
