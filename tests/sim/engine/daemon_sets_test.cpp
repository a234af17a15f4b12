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

/// Two DaemonSets that want the same port of the node, and a bound on what their namespace may hold.
results::Comparison two_agents(const std::string& more, const std::string& port) {
  const auto agent = [](const std::string& name, const std::string& host_port) {
    return "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: " + name +
           "}\nspec:\n  selector: {matchLabels: {app: " + name +
           "}}\n  template:\n    metadata: {labels: {app: " + name +
           "}}\n    spec:\n      containers:\n        - {name: a, image: 'a:1', ports: [{containerPort: 80" +
           host_port + "}], resources: {requests: {cpu: 10m, memory: 16Mi}}}\n";
  };
  const Folder folder;
  folder.put("agents.yaml", agent("first", port) + "---\n" + agent("second", port) + more);
  const scenario::Scenario s = read_file(folder.put(
      "s.yaml",
      "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 50/s, for: 1h, warmup: 30m, to: web}\n"
      "files: {kubernetes: agents.yaml}\napps:\n  web: {size: 100m/1Gi, work: 5ms, image: 120MB, replicas: 1}\n"
      "platforms:\n  only: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 2, max: 2}}}\n"));
  CompareOptions options;
  options.replications = 1;
  return compare(s, options);
}

bool remarks_say(const results::Comparison& c, const std::string& who, const std::string& what) {
  for (const std::string& remark : c.columns[0].remarks) {
    if (remark.starts_with(who) && remark.find(what) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("a daemon pod passes the filters of the scheduler, and one that never does is told with its reasons") {
  const auto c = two_agents("", ", hostPort: 8080");
  // Whichever set came first has the port; the other waits on both nodes, where only its own counts.
  CHECK(remarks_say(c, "second: ", "2 pods wait for a place at the end"));
  CHECK(remarks_say(c, "second: ", "1 node(s) didn't have free ports for the requested pod ports"));
  CHECK(remarks_say(c, "second: ", "1 node(s) didn't satisfy plugin(s) [NodeAffinity]"));
  CHECK_FALSE(remarks_say(c, "first: ", "for a place"));
  const auto apart = two_agents("", "");
  CHECK_FALSE(remarks_say(apart, "second: ", "wait"));
}

TEST_CASE("a quota and a limit range bind daemon pods") {
  const std::string quota =
      "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: few, namespace: default}\n"
      "spec: {hard: {pods: 2}}\n";
  const auto c = two_agents(quota, "");
  bool told = false;
  for (const std::string& remark : c.columns[0].remarks)
    told = told ||
           remark.find("exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2") != std::string::npos;
  CHECK(told);
  const std::string range =
      "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: floor, namespace: default}\n"
      "spec: {limits: [{type: Container, min: {cpu: 50m}}]}\n";
  const auto refused = two_agents(range, "");
  CHECK(remarks_say(refused, "first: ", "minimum cpu usage per Container is 50m"));
}

}  // namespace
}  // namespace plimsoll::engine
