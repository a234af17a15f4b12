#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// One set of manifests on columns of several releases.
struct Releases {
  Releases(const std::string& files, const std::string& rest, const std::string& columns) {
    folder.put("app.yaml", files);
    std::string text =
        "apiVersion: plimsoll/v1\nload: {constant: 5/s, for: 20m, warmup: 5m, to: web}\nfiles: {kubernetes: "
        "app.yaml}\n" +
        rest + "platforms:\n" + columns;
    scenario.emplace(read_file(folder.put("s.yaml", text)));
  }
  const World& run(std::size_t column) {
    runs.push_back(build(*scenario, column, 0, {}));
    runs.back().world.keep_log = true;
    runs.back().world.run();
    return runs.back().world;
  }
  std::size_t column(const std::string& name) const {
    for (std::size_t i = 0; i < scenario->columns.size(); ++i) {
      if (scenario->columns[i].name == name) return i;
    }
    return 0;
  }
  std::vector<std::string> remarks(const std::string& name) const {
    return scenario->columns[column(name)].plan->notes().overrides;
  }
  bool says(const std::string& name, const std::string& what) const {
    for (const std::string& remark : remarks(name)) {
      if (remark.find(what) != std::string::npos) return true;
    }
    return false;
  }

  Folder folder;
  std::optional<scenario::Scenario> scenario;
  std::deque<Run> runs;  // whose worlds the tests look at
};

const Workload& app_of_release(const World& world, const std::string& name) {
  for (const Workload& w : world.workloads()) {
    if (!w.system && world.names.text(w.name) == name) return w;
  }
  FAIL("no workload " << name);
  return world.workloads()[0];
}

std::string nodes_column(const std::string& name, const std::string& version) {
  return "  " + name + ": {type: eks, " + version + ", capacity: {nodeGroup: {type: m5.2xlarge, min: 6, max: 6}}}\n";
}

std::string released_deployment(const std::string& name, const std::string& spec, const std::string& pod) {
  return "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + "}\nspec: {" + spec +
         "selector: {matchLabels: {app: " + name + "}}, template: {metadata: {labels: {app: " + name + "}}, spec: {" +
         pod + "containers: [{name: c, image: 'web:1', resources: {requests: {cpu: 200m, memory: 256Mi}}}]}}}\n";
}

std::string released_job(const std::string& name, const std::string& spec) {
  return "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: " + name + "}\nspec: {" + spec +
         "template: {spec: {restartPolicy: Never, containers: [{name: c, image: 'x:1', resources: {requests: {cpu: "
         "100m, memory: 10Mi}}}]}}}\n";
}

constexpr const char* kReleaseApp = "{work: 5ms, start: {cpu: 1s}, image: 50MB}";

TEST_CASE("1.31 has the features of its release under the rules that 1.26 has") {
  const std::string spread =
      "topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: "
      "DoNotSchedule, labelSelector: {matchLabels: {app: m}}, matchLabelKeys: [pod-template-hash]}], ";
  const std::string apart =
      "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: "
      "topology.kubernetes.io/zone, matchLabelKeys: [pod-template-hash], labelSelector: {matchLabels: {app: af}}}]}}, ";
  Releases r(released_deployment("web", "replicas: 2, ", "") +
                 released_deployment("g", "replicas: 3, ", "schedulingGates: [{name: a}], ") +
                 released_deployment("m", "replicas: 6, strategy: {rollingUpdate: {maxSurge: 6, maxUnavailable: 0}}, ",
                                     spread) +
                 released_deployment("af", "replicas: 3, strategy: {rollingUpdate: {maxSurge: 3, maxUnavailable: 0}}, ",
                                     apart) +
                 released_job("suc",
                              "completions: 6, parallelism: 2, completionMode: Indexed, successPolicy: {rules: "
                              "[{succeededCount: 2}]}, "),
             std::string("apps: {web: ") + kReleaseApp + ", g: " + kReleaseApp + ", m: " + kReleaseApp +
                 ", af: " + kReleaseApp +
                 "}\njobs: {suc: {work: 1s, wait: 20s}}\n"
                 "events: [{at: 3m, deploy: m, image: 60MB}, {at: 3m, deploy: af, image: 60MB}]\n",
             nodes_column("v26", "kubernetesVersion: \"1.26\"") + nodes_column("v31", "eksVersion: \"1.31\"") +
                 nodes_column("v34", "eksVersion: \"1.34\""));
  for (const std::string name : {"v31", "v34"}) {
    CAPTURE(name);
    const World& world = r.run(r.column(name));
    CHECK(app_of_release(world, "g").bound == 0);
    CHECK(app_of_release(world, "af").serving == 3);
    CHECK(app_of_release(world, "af").rollout == Rollout::none);
    // The six pods of the new revision stand on the six nodes.
    std::map<NodeId, int> by_node;
    for (const PodId pod : app_of_release(world, "m").pods) ++by_node[world.pod(pod).node];
    CHECK(by_node.size() == 6);
    // Two runs succeed; at most one more was begun between their ends, and the others never are.
    CHECK(std::count_if(world.pods().begin(), world.pods().end(),
                        [&](const Pod& p) { return p.workload == app_of_release(world, "suc").id; }) <= 3);
    CHECK_FALSE(r.says(name, "is dropped"));
  }
  const World& old = r.run(r.column("v26"));
  CHECK(app_of_release(old, "g").bound == 3);
  CHECK(app_of_release(old, "af").rollout != Rollout::none);  // old and new pods keep out of each other's zone
  CHECK(std::count_if(old.pods().begin(), old.pods().end(),
                      [&](const Pod& p) { return p.workload == app_of_release(old, "suc").id; }) == 6);
  CHECK(r.says("v26", "schedulingGates of g is dropped: Kubernetes 1.26 does not have it on, 1.27 does"));
  CHECK(r.says("v26", "matchLabelKeys of topologySpreadConstraints of m is dropped: Kubernetes 1.26"));
  CHECK(r.says("v26", "matchLabelKeys of pod affinity of af is dropped: Kubernetes 1.26 does not have it on, 1.31"));
  CHECK(r.says("v26", "successPolicy of suc is dropped: Kubernetes 1.26 does not have it on, 1.31 does"));
}

TEST_CASE("a Job of another controller is left alone from 1.32 on, a suspended one from 1.22 on") {
  Releases r(
      released_deployment("web", "replicas: 2, ", "") + released_job("man", "managedBy: example.com/other, ") +
          released_job("own", "managedBy: kubernetes.io/job-controller, ") + released_job("sus", "suspend: true, "),
      std::string("apps: {web: ") + kReleaseApp + "}\njobs: {man: {work: 1s}, own: {work: 1s}, sus: {work: 1s}}\n",
      nodes_column("v20", "kubernetesVersion: \"1.20\"") + nodes_column("v31", "eksVersion: \"1.31\"") +
          nodes_column("v32", "eksVersion: \"1.32\""));
  const auto completed = [&](const std::string& column) {
    std::vector<std::string> out;
    const World& world = r.run(r.column(column));
    for (const FactRecord& f : world.log) {
      if (f.fact == Fact::job_completed) out.emplace_back(world.names.text(world.workload(f.workload).name));
    }
    std::sort(out.begin(), out.end());
    return out;
  };
  CHECK(completed("v20") == std::vector<std::string>{"man", "own", "sus"});
  CHECK(completed("v31") == std::vector<std::string>{"man", "own"});
  CHECK(completed("v32") == std::vector<std::string>{"own"});
  CHECK(r.says("v31", "managedBy of man is dropped: Kubernetes 1.31 does not have it on, 1.32 does"));
  CHECK(r.says("v20", "suspend of sus is dropped: Kubernetes 1.20 does not have it on, 1.22 does"));
  // A CronJob makes such Jobs; with Forbid the first of them holds up the others.
  const std::string cron =
      "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: often}\nspec: {schedule: '*/5 * * * *', "
      "concurrencyPolicy: Forbid, jobTemplate: {spec: {managedBy: example.com/other, template: {spec: {restartPolicy: "
      "Never, containers: [{name: c, image: 'x:1'}]}}}}}\n";
  Releases c(released_deployment("web", "replicas: 2, ", "") + cron,
             std::string("apps: {web: ") + kReleaseApp + "}\njobs: {often: {work: 1s}}\n",
             nodes_column("now", "eksVersion: \"1.34\""));
  const World& now = c.run(0);
  CHECK(count(now, Fact::job_started) == 1);
  CHECK(app_of_release(now, "often").created == 0);
  CHECK(r.says("v32", "man: managedBy example.com/other: the Job controller leaves it alone"));
}

TEST_CASE("an autoscaler's tolerance counts from 1.35 on, or with its gate") {
  const std::string hpa = R"(---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 20
  behavior: {scaleUp: {tolerance: 9}}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
)";
  const std::string gate = "featureGates: {HPAConfigurableTolerance: true}, ";
  Releases r(released_deployment("web", "replicas: 2, ", "") + hpa,
             "apps: {web: {work: 100ms, start: {cpu: 1s}, image: 50MB}}\n",
             nodes_column("v34", "eksVersion: \"1.34\"") + nodes_column("gate", gate + "eksVersion: \"1.34\"") +
                 nodes_column("v32", "eksVersion: \"1.32\""));
  // 5/s of 100 ms are 500m, of 400m that two pods request: 125 %, 2.5 times the target.
  for (const std::string name : {"v32", "v34"}) CHECK(app_of_release(r.run(r.column(name)), "web").desired >= 4);
  CHECK(app_of_release(r.run(r.column("gate")), "web").desired == 2);
}

TEST_CASE("no pod comes of a RuntimeClass that does not exist") {
  Releases r(released_deployment("web", "replicas: 2, ", "") +
                 released_deployment("g", "replicas: 3, ", "runtimeClassName: nope, "),
             std::string("apps: {web: ") + kReleaseApp + ", g: " + kReleaseApp + "}\n",
             nodes_column("now", "tie: first"));
  const World& world = r.run(0);
  CHECK(app_of_release(world, "g").created == 0);
  CHECK(app_of_release(world, "web").serving == 2);
  CHECK(count(world, Fact::creation_refused) > 0);
}

TEST_CASE("without history there is no way back, unless the rollout still runs") {
  const auto revision_of = [](const std::string& at) {
    Releases r(released_deployment("web", "replicas: 2, ", "") +
                   released_deployment("rb", "replicas: 2, revisionHistoryLimit: 0, ", ""),
               std::string("apps: {web: ") + kReleaseApp + ", rb: " + kReleaseApp +
                   "}\nevents: [{at: 1m, deploy: rb, image: 60MB}, {at: " + at + ", rollback: rb}]\n",
               nodes_column("now", "tie: first"));
    const World& world = r.run(0);
    return std::pair(app_of_release(world, "rb").revision, count(world, Fact::revision_changed));
  };
  CHECK(revision_of("4m") == std::pair(std::uint32_t{2}, std::int64_t{1}));
  CHECK(revision_of("61s") == std::pair(std::uint32_t{1}, std::int64_t{2}));
}

}  // namespace
}  // namespace plimsoll::engine
