// Whole columns under other scheduler configurations and priorities.
// Also tests: platform_scheduler
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

constexpr const char* kPacking = R"(apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: default-scheduler
  plugins: {score: {disabled: [{name: '*'}], enabled: [{name: NodeResourcesFit, weight: 1}]}}
  pluginConfig:
  - name: NodeResourcesFit
    args: {scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 1}]}}
)";

constexpr const char* kColumns = R"(apiVersion: plimsoll/v1
seed: 3
load: {constant: 20/s, for: 1h, warmup: 30m, to: web}
apps:
  web: {size: 250m/512Mi, work: 5ms, start: {cpu: 1s}, image: 50MB, replicas: 6, spread: none}
platforms:
  plain: {type: eks, tie: first, capacity: {nodeGroup: {type: m5.2xlarge, min: 4, max: 4}}}
  packed: {type: eks, tie: first, schedulerConfig: scheduler.yaml,
           capacity: {nodeGroup: {type: m5.2xlarge, min: 4, max: 4}}}
)";

/// Nodes that hold pods of the application at the end.
std::size_t nodes_used(const World& world) {
  std::vector<NodeId> nodes;
  for (const Pod& p : world.pods()) {
    if (p.state != PodState::serving || world.workload(p.workload).system) continue;
    if (std::find(nodes.begin(), nodes.end(), p.node) == nodes.end()) nodes.push_back(p.node);
  }
  return nodes.size();
}

TEST_CASE("schedulerConfig changes where pods go, and says whose scheduler it is") {
  const Folder folder;
  folder.put("scheduler.yaml", kPacking);
  const scenario::Scenario s = read_file(folder.put("s.yaml", kColumns));
  REQUIRE(s.columns.size() == 2);
  std::size_t used[2] = {};
  for (std::size_t c = 0; c < 2; ++c) {
    Run run = build(s, c, 0, RunOptions{true, true});
    run.world.run();
    used[c] = nodes_used(run.world);
  }
  // Six pods of 250m: spread over all nodes by default, on one node when the fullest is preferred.
  CHECK(used[0] > 2);
  CHECK(used[1] == 1);
  CHECK(s.columns[0].plan->notes().overrides.empty());
  REQUIRE(s.columns[1].plan->notes().overrides.size() == 1);
  CHECK(s.columns[1].plan->notes().overrides[0].find("EKS does not let") != std::string::npos);
}

TEST_CASE("a fault in the scheduler's file is told with its place") {
  const Folder folder;
  std::string text = kPacking;
  text.replace(text.find("MostAllocated"), 13, "MostAlocated!");
  folder.put("scheduler.yaml", text);
  document::Diagnostics diagnostics;
  const auto s = scenario::read_scenario(folder.put("s.yaml", kColumns), registry(), {}, diagnostics);
  CHECK_FALSE(s.has_value());
  CHECK(diagnostics.text().find("scheduler.yaml:8") != std::string::npos);
}

TEST_CASE("a workload of a higher PriorityClass takes the room of another") {
  const Folder folder;
  const auto deployment = [](const std::string& name, const std::string& extra) {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + "}\nspec:\n  replicas: 6\n" +
           "  selector: {matchLabels: {app: " + name + "}}\n  template:\n    metadata: {labels: {app: " + name +
           "}}\n    spec:\n" + extra + "      containers: [{name: c, image: i, resources: {requests: {cpu: 900m, " +
           "memory: 512Mi}}}]\n";
  };
  folder.put("urgent.yaml", deployment("urgent", "      priorityClassName: high\n") +
                                "---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\n"
                                "value: 1000\n");
  folder.put("batch.yaml", deployment("batch", ""));
  // Eight vCPU a node, one node: room for eight of the twelve pods at most.
  const scenario::Scenario s = read_file(folder.put("s.yaml", R"(apiVersion: plimsoll/v1
seed: 3
load: {constant: 1/s, for: 1h, warmup: 30m, to: urgent}
files: {kubernetes: [urgent.yaml, batch.yaml]}
apps:
  batch: {work: 5ms, start: {cpu: 1s}, image: 50MB}
  urgent: {work: 5ms, start: {cpu: 1s}, image: 50MB}
platforms:
  one: {type: eks, addons: none, capacity: {nodeGroup: {type: m5.2xlarge, min: 1, max: 1}}}
)"));
  Run run = build(s, 0, 0, RunOptions{true, true});
  run.world.run();
  std::size_t urgent = 0;
  for (const Pod& p : run.world.pods()) {
    const std::string_view name = run.world.names.text(run.world.workload(p.workload).name);
    if (name == "urgent" && p.state == PodState::serving) ++urgent;
    if (name == "urgent") CHECK(p.end_reason != Reason::preempted);
  }
  CHECK(urgent == 6);
}

}  // namespace
}  // namespace plimsoll::engine
