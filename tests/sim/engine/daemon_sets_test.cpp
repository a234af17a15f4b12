// Whole EKS columns: DaemonSets of the files run on every node and are rolled at a scenario's time.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

std::string agent_yaml(const std::string& strategy) {
  return R"(apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  updateStrategy: )" +
         strategy + R"(
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers:
        - {name: agent, image: 'agent:1', resources: {requests: {cpu: 100m, memory: 128Mi}}}
)";
}

scenario::Scenario with_agent(const std::string& strategy, const std::string& apps, const std::string& capacity) {
  const Folder folder;
  folder.put("agent.yaml", agent_yaml(strategy));
  return read_file(
      folder.put("s.yaml",
                 "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 50/s, for: 2h, warmup: 30m, to: web}\n"
                 "files: {kubernetes: agent.yaml}\napps:\n"
                 "  web: {size: 500m/1Gi, work: 5ms, image: 120MB, replicas: 3}\n" +
                     apps +
                     "events: [{at: 30m, deploy: agent}]\n"
                     "platforms:\n  only: {type: eks, capacity: " +
                     capacity + "}\n"));
}

constexpr const char* kSixNodes = "{nodeGroup: {type: m5.large, min: 6, max: 6}}";

/// The pods of the agent: how many of each revision are there, and the most of them that were not ready at one time
/// after the deployment.
struct Agents {
  std::int64_t first = 0, second = 0;
  std::size_t most_at_once = 0;
  bool rolled = false;
  explicit Agents(const scenario::Scenario& s) {
    Run run = build(s, 0, 0, {.keep_events = true});
    run.world.run();
    const World& world = run.world;
    std::vector<NodeId> missing;
    for (const Workload& w : world.workloads()) {
      if (world.names.text(w.name) != "agent") continue;
      for (const PodId id : w.pods) ++(world.pod(id).revision == 1 ? first : second);
      for (const FactRecord& f : world.log) {
        if (f.workload != w.id) continue;
        rolled = rolled || f.fact == Fact::rollout_completed;
        if (f.fact == Fact::pod_stopping) missing.push_back(f.node);
        if (f.fact == Fact::pod_ready) std::erase(missing, f.node);
        most_at_once = std::max(most_at_once, missing.size());
      }
    }
  }
};

TEST_CASE("an agent is on all six nodes, and its new revision takes them one by one") {
  const Agents a(with_agent("{type: RollingUpdate}", "", kSixNodes));
  CHECK(a.first == 0);
  CHECK(a.second == 6);
  CHECK(a.most_at_once == 1);
  CHECK(a.rolled);
}

TEST_CASE("maxUnavailable 50% takes three nodes at a time, surge none") {
  CHECK(Agents(with_agent("{rollingUpdate: {maxUnavailable: 50%}}", "", kSixNodes)).most_at_once == 3);
  const Agents surge(with_agent("{rollingUpdate: {maxSurge: 2, maxUnavailable: 0}}", "", kSixNodes));
  CHECK(surge.second == 6);
  CHECK(surge.rolled);
}

TEST_CASE("OnDelete changes nothing until somebody deletes a pod") {
  const Agents a(with_agent("{type: OnDelete}", "", kSixNodes));
  CHECK(a.first == 6);
  CHECK(a.second == 0);
  CHECK(!a.rolled);
}

TEST_CASE("an app that is a DaemonSet serves from every node") {
  const scenario::Scenario s =
      with_agent("{type: RollingUpdate}", "  agent: {size: 100m/128Mi, work: 1ms, image: 60MB}\n", kSixNodes);
  const Agents a(s);
  CHECK(a.second == 6);
  CHECK(a.rolled);
}

TEST_CASE("a column on Fargate says that it leaves the agent out") {
  const scenario::Scenario s = with_agent("{type: RollingUpdate}", "", "fargate");
  bool told = false;
  for (const std::string& remark : s.columns[0].plan->notes().overrides)
    told = told || remark.find("the DaemonSet agent is left out: Fargate runs none") != std::string::npos;
  CHECK(told);
}

}  // namespace
}  // namespace plimsoll::engine
