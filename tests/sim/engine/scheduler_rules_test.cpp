// Whole columns whose files say where pods may go and how many may be away.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/kubernetes/controllers/kube_scheduler.h"
#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

WorkloadId workload_named(const World& world, std::string_view name) {
  for (const Workload& w : world.workloads()) {
    if (world.names.text(w.name) == name) return w.id;
  }
  FAIL("no such workload");
  return {};
}

/// The nodes of the pods of an application that have one, each once.
std::vector<NodeId> nodes_of(const World& world, std::string_view name) {
  std::vector<NodeId> out;
  for (const PodId id : world.workload(workload_named(world, name)).pods) {
    const NodeId node = world.pod(id).node;
    if (!node.is_none() && std::find(out.begin(), out.end(), node) == out.end()) out.push_back(node);
  }
  return out;
}

constexpr const char* kByImages = R"(apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: default-scheduler
  plugins: {score: {disabled: [{name: '*'}], enabled: [{name: ImageLocality}]}}
)";

TEST_CASE("nodes tell of their images, and pods go where theirs is") {
  const Folder folder;
  folder.put("scheduler.yaml", kByImages);
  const scenario::Scenario s = read_file(folder.put("s.yaml", R"(apiVersion: plimsoll/v1
seed: 5
load: {constant: 1/s, for: 1h, warmup: 10m, to: web}
apps:
  web: {size: 100m/128Mi, work: 1ms, image: 900MB, replicas: 1, spread: none}
platforms:
  told: {type: eks, addons: none, schedulerConfig: scheduler.yaml,
         capacity: {nodeGroup: {type: m5.xlarge, min: 6, max: 6}}}
  silent: {type: eks, addons: none, schedulerConfig: scheduler.yaml, kubelet: {nodeStatusMaxImages: 0},
           capacity: {nodeGroup: {type: m5.xlarge, min: 6, max: 6}}}
)"));
  for (std::size_t column = 0; column < 2; ++column) {
    CAPTURE(column);
    Run run = build(s, column, 0, RunOptions{true, true});
    World& world = run.world;
    world.run_until(kTimeZero + minutes(20));
    REQUIRE(nodes_of(world, "web").size() == 1);
    const Row row = world.node(nodes_of(world, "web")[0]).row;
    const auto& images = world.placement.node(row).images;
    if (column == 1) {
      CHECK(images.empty());
    } else {
      REQUIRE_FALSE(images.empty());
      CHECK(world.names.text(images[0].name) == "web:latest");
      CHECK(images[0].size == 900'000'000);
    }
    world.set_bounds(workload_named(world, "web"), 1, 8);
    world.set_desired(workload_named(world, "web"), 8);
    world.run_until(kTimeZero + minutes(40));
    CHECK(world.workload(workload_named(world, "web")).serving == 8);
    if (column == 0) CHECK(nodes_of(world, "web").size() == 1);
    if (column == 1) CHECK(nodes_of(world, "web").size() > 1);  // drawn among equals
  }
}

constexpr const char* kTwoNamespaces = R"(apiVersion: v1
kind: Namespace
metadata: {name: red-shop, labels: {team: red}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: noisy, namespace: red-shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: noisy}}
  template:
    metadata: {labels: {app: noisy, load: heavy}}
    spec:
      affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [
        {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: noisy}}}]}}
      containers: [{name: c, image: noisy, resources: {requests: {cpu: 100m, memory: 128Mi}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: quiet}
spec:
  replicas: 4
  selector: {matchLabels: {app: quiet}}
  template:
    metadata: {labels: {app: quiet}}
    spec:
      affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [
        {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {load: heavy}},
         namespaceSelector: {matchLabels: {team: red}}}]}}
      containers: [{name: c, image: quiet, resources: {requests: {cpu: 100m, memory: 128Mi}}}]
)";

TEST_CASE("a namespace selector keeps pods apart across namespaces, but not before Kubernetes knew it") {
  const Folder folder;
  folder.put("apps.yaml", kTwoNamespaces);
  const scenario::Scenario s = read_file(folder.put("s.yaml", R"(apiVersion: plimsoll/v1
seed: 5
load: {constant: 1/s, for: 1h, warmup: 10m, to: quiet}
files: {kubernetes: [apps.yaml]}
apps:
  noisy: {work: 1ms, image: 50MB}
  quiet: {work: 1ms, image: 50MB, spread: none}
platforms:
  now: {type: eks, addons: none, tie: first, capacity: {nodeGroup: {type: m5.large, min: 3, max: 3}}}
  then: {type: eks, addons: none, tie: first, kubernetesVersion: "1.20",
         capacity: {nodeGroup: {type: m5.large, min: 3, max: 3}}}
)"));
  for (std::size_t column = 0; column < 2; ++column) {
    CAPTURE(column);
    Run run = build(s, column, 0, RunOptions{true, true});
    run.world.run();
    const auto noisy = nodes_of(run.world, "noisy"), quiet = nodes_of(run.world, "quiet");
    CHECK(noisy.size() == 2);
    REQUIRE_FALSE(quiet.empty());
    const bool together = std::any_of(quiet.begin(), quiet.end(), [&](NodeId node) {
      return std::find(noisy.begin(), noisy.end(), node) != noisy.end();
    });
    CHECK(together == (column == 1));  // 1.20 drops the field, and nobody in its own namespace is heavy
  }
}

TEST_CASE(
    "a budget of the files rules whatever maxDisruption says, which is told; two on one pod let nothing go; without "
    "a word of anybody there is none") {
  const Folder folder;
  const auto budget = [](const std::string& name, const std::string& says, const std::string& app) {
    return "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: " + name + "}\nspec: {" + says +
           ", selector: {matchLabels: {app: " + app + "}}}\n";
  };
  const auto deployment = [](const std::string& name) {
    return "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name +
           "}\nspec:\n  replicas: 4\n  selector: {matchLabels: {app: " + name +
           "}}\n  template:\n    metadata: {labels: {app: " + name +
           "}}\n    spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 100m, memory: 128Mi}}}]}\n";
  };
  folder.put("apps.yaml", deployment("one") + deployment("two") + deployment("none") + deployment("free") +
                              budget("one", "minAvailable: 3", "one") + budget("two-a", "minAvailable: 1", "two") +
                              budget("two-b", "maxUnavailable: 3", "two"));
  const scenario::Scenario s = read_file(folder.put("s.yaml", R"(apiVersion: plimsoll/v1
seed: 5
load: {constant: 1/s, for: 30m, warmup: 10m, to: one}
files: {kubernetes: [apps.yaml]}
apps:
  one: {work: 1ms, image: 50MB, maxDisruption: 50%}
  two: {work: 1ms, image: 50MB}
  none: {work: 1ms, image: 50MB, maxDisruption: 50%, spread: zone}
  free: {work: 1ms, image: 50MB}
platforms:
  nodes: {type: eks, addons: none, capacity: {nodeGroup: {type: m5.large, min: 3, max: 3}}}
)"));
  std::size_t told = 0;
  for (const std::string& remark : s.remarks)
    told += remark.find("maxDisruption = 50% does not replace 25% of the PodDisruptionBudget") != std::string::npos;
  CHECK(told == 1);
  const auto remarked = [&](std::string_view what) {
    return std::find(s.remarks.begin(), s.remarks.end(), what) != s.remarks.end();
  };
  CHECK(remarked("maxDisruption adds a PodDisruptionBudget that the Kubernetes files have not: none"));
  CHECK(remarked("spread = zone adds a constraint that the Kubernetes files have not: none"));
  Run run = build(s, 0, 0, RunOptions{true, true});
  run.world.run();
  const auto* scheduler = run.world.find_component<kubernetes::KubeScheduler>();
  REQUIRE(scheduler != nullptr);
  std::vector<std::int64_t> allowed;
  for (const auto& b : scheduler->preemption_budgets(run.world)) {
    const PodShape& shape = run.world.shapes[b.shapes.front()];
    if (run.world.names.text(shape.namespace_name) == "default") allowed.push_back(b.disruptions_allowed);
  }
  CHECK(allowed == std::vector<std::int64_t>{1, 3, 3, 2});  // one; two by each of its budgets; none by half of four
  std::size_t spread = 0;
  for (const WorkloadSpec& w : s.setting.workloads) spread += w.spread_zones ? 1 : 0;
  CHECK(spread == 1);  // as its files are, but for the one that asks for more
}

TEST_CASE("a pod goes where the volume of its claim is, by node affinity or by label, or nowhere") {
  const Folder folder;
  const auto app = [](const std::string& name, const std::string& place) {
    return "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name +
           "}\nspec:\n  selector: {matchLabels: {app: " + name +
           "}}\n  template:\n    metadata: {labels: {app: " + name +
           "}}\n    spec:\n      containers: [{name: c, image: i, resources: {requests: {cpu: 100m, memory: 128Mi}}}]\n"
           "      volumes: [{name: v, persistentVolumeClaim: {claimName: " +
           name + "}}]\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: " + name +
           "}\nspec: {accessModes: [ReadWriteOnce], storageClassName: '', volumeName: pv-" + name +
           ", resources: {requests: {storage: 8Gi}}}\n---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: "
           "pv-" +
           name + place;
  };
  const auto affine = [](const std::string& zone) {
    return "}\nspec: {csi: {driver: ebs.csi.aws.com, volumeHandle: vol-1}, capacity: {storage: 8Gi}, accessModes: "
           "[ReadWriteOnce], nodeAffinity: {required: "
           "{nodeSelectorTerms: [{matchExpressions: [{key: topology.ebs.csi.aws.com/zone, operator: In, values: [" +
           zone + "]}]}]}}}\n";
  };
  folder.put("apps.yaml", app("bound", affine("us-east-1c")) + app("away", affine("eu-west-1a")) +
                              app("marked",
                                  ", labels: {topology.kubernetes.io/zone: us-east-1b}}\nspec: {capacity: "
                                  "{storage: 8Gi}, accessModes: [ReadWriteOnce], csi: {driver: ebs.csi.aws.com, "
                                  "volumeHandle: vol-2}}\n"));
  const scenario::Scenario s = read_file(folder.put("s.yaml", R"(apiVersion: plimsoll/v1
seed: 5
load: {constant: 1/s, for: 30m, warmup: 10m, to: bound}
files: {kubernetes: [apps.yaml]}
apps:
  bound: {work: 1ms, image: 50MB}
  marked: {work: 1ms, image: 50MB}
  away: {work: 1ms, image: 50MB}
platforms:
  nodes: {type: eks, addons: none, capacity: {nodeGroup: {type: m5.large, min: 6, max: 6}}}
)"));
  Run run = build(s, 0, 0, RunOptions{true, true});
  run.world.run();
  const auto zone = [&](const char* name) {
    const auto nodes = nodes_of(run.world, name);
    return nodes.empty() ? std::string("none")
                         : std::string(run.world.names.text(run.world.zones()[run.world.node(nodes[0]).zone.index()]));
  };
  CHECK(zone("bound") == "us-east-1c");
  CHECK(zone("marked") == "us-east-1b");
  CHECK(zone("away") == "none");
  auto* scheduler = run.world.find_component<kubernetes::KubeScheduler>();
  const PodId waits = run.world.workload(workload_named(run.world, "away")).pods.at(0);
  CHECK(scheduler->why_pending(run.world, waits) ==
        "0/6 nodes are available: 6 node(s) didn't match PersistentVolume's node affinity.");
}

}  // namespace
}  // namespace plimsoll::engine
