// Whole columns on manifests: who owns pods, what an autoscaler leaves alone, namespaces, gates that are removed.
// Also tests: bare_pods, load_balancers
#include <doctest/doctest.h>

#include "sim/policy/platform.h"
#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

std::string manifest_of(const std::string& kind, const std::string& metadata, const std::string& spec = "",
                        const std::string& pod = "") {
  const std::string body = "spec: {" + pod +
                           "containers: [{name: c, image: 'web:1', resources: {requests: {cpu: 200m, "
                           "memory: 256Mi}}}]}";
  if (kind == "Pod") return "---\napiVersion: v1\nkind: Pod\nmetadata: {" + metadata + "}\n" + body + "\n";
  return "---\napiVersion: apps/v1\nkind: " + kind + "\nmetadata: {" + metadata + "}\nspec: {" + spec +
         "selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, " + body + "}}\n";
}

struct KubernetesFiles {
  explicit KubernetesFiles(const std::string& manifests, const std::string& apps, const std::string& more = "") {
    const Folder folder;
    folder.put("k.yaml", manifests);
    scenario = read_file(
        folder.put("s.yaml",
                   "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 20/s, for: 40m, warmup: 10m, to: web}\n"
                   "files: {kubernetes: [k.yaml]}\napps: {" +
                       apps + "}\n" + more +
                       "platforms:\n  eks: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 4, max: 4}}}\n"));
  }
  /// The world at the end.
  World& run() {
    RunOptions options;
    options.keep_events = true;
    built = build(*scenario, 0, 0, options);
    built->world.run();
    return built->world;
  }
  const Workload& workload(const std::string& name) const {
    for (const Workload& w : built->world.workloads()) {
      if (built->world.names.text(w.name) == name) return w;
    }
    REQUIRE_MESSAGE(false, name);
    return built->world.workloads()[0];
  }
  std::int64_t made(const std::string& name) const {
    std::int64_t n = 0;
    for (const Pod& p : built->world.pods()) n += p.workload == workload(name).id ? 1 : 0;
    return n;
  }
  std::optional<scenario::Scenario> scenario;
  std::optional<Run> built;
};

const std::string kApp = "{work: 5ms, start: {cpu: 1s}, image: 50MB}";

TEST_CASE("a Deployment at 0 stays there under an autoscaler of two to nine, until somebody scales it") {
  const std::string hpa =
      "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: z}\nspec: {scaleTargetRef: "
      "{apiVersion: apps/v1, kind: Deployment, name: z}, minReplicas: 2, maxReplicas: 9}\n";
  const std::string files =
      manifest_of("Deployment", "name: web") + manifest_of("Deployment", "name: z", "replicas: 0, ") + hpa;
  KubernetesFiles off(files, "web: " + kApp + ", z: " + kApp);
  off.run();
  CHECK(off.made("z") == 0);
  CHECK(off.workload("z").minimum == 2);
  KubernetesFiles on(files, "web: " + kApp + ", z: " + kApp, "events: [{at: 20m, scale: z, min: 2}]\n");
  on.run();
  CHECK(on.workload("z").serving == 2);
}

TEST_CASE("a deploy rolls a Deployment, not a ReplicaSet of its own; a Pod of its own is lost with its node") {
  const std::string files = manifest_of("Deployment", "name: web", "replicas: 2, ") +
                            manifest_of("ReplicaSet", "name: rs", "replicas: 2, ") + manifest_of("Pod", "name: solo");
  KubernetesFiles roll(files, "web: " + kApp + ", rs: " + kApp + ", solo: " + kApp,
                       "events: [{at: 5m, deploy: rs}, {at: 5m, deploy: web}, {at: 5m, deploy: solo}]\n");
  roll.run();
  CHECK(roll.made("web") == 4);
  CHECK(roll.made("rs") == 2);
  CHECK(roll.made("solo") == 1);
  const PlatformNotes notes = roll.scenario->columns[0].plan->notes();
  const auto objects = [&](const std::string& kind) {
    const auto at =
        std::find_if(notes.objects.begin(), notes.objects.end(), [&](const auto& o) { return o.first == kind; });
    return at == notes.objects.end() ? 0 : at->second;
  };
  CHECK(objects("Deployment") == 1);
  CHECK(objects("ReplicaSet of its own") == 1);
  CHECK(objects("Pod of its own") == 1);
  KubernetesFiles lost(files, "web: " + kApp + ", rs: " + kApp + ", solo: " + kApp,
                       "events: [{at: 5m, fail: {node: any, count: 4}}]\n");
  lost.run();
  CHECK(lost.made("web") >= 4);
  CHECK(lost.made("rs") >= 4);
  CHECK(lost.made("solo") == 1);
  CHECK(lost.workload("solo").pods.empty());
}

TEST_CASE("workloads of one name in two namespaces both run, the second under its name and namespace") {
  const std::string files = manifest_of("Deployment", "name: web, namespace: a", "replicas: 2, ") +
                            manifest_of("Deployment", "name: web, namespace: b", "replicas: 3, ");
  KubernetesFiles both(files, "web: " + kApp + ", web.b: " + kApp);
  const World& world = both.run();
  CHECK(both.workload("web").serving == 2);
  CHECK(both.workload("web.b").serving == 3);
  CHECK(world.names.text(world.shapes[both.workload("web").shape].namespace_name) == "a");
  CHECK(world.names.text(world.shapes[both.workload("web.b").shape].namespace_name) == "b");
}

TEST_CASE("pods wait at their scheduling gates until an event removes them") {
  const std::string gated =
      "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: later}\nspec: {replicas: 2, selector: "
      "{matchLabels: {app: l}}, template: {metadata: {labels: {app: l}}, spec: {schedulingGates: [{name: "
      "example.com/quota}], containers: [{name: c, image: 'web:1', resources: {requests: {cpu: 200m, memory: "
      "256Mi}}}]}}}\n";
  const std::string files = manifest_of("Deployment", "name: web") + gated;
  KubernetesFiles closed(files, "web: " + kApp + ", later: " + kApp);
  closed.run();
  CHECK(closed.workload("later").bound == 0);
  KubernetesFiles opened(files, "web: " + kApp + ", later: " + kApp,
                         "events: [{at: 20m, removeSchedulingGates: later}]\n");
  const World& world = opened.run();
  CHECK(opened.workload("later").serving == 2);
  for (const PodId pod : opened.workload("later").pods) {
    CHECK(world.pod(pod).bound >= world.window_start + minutes(20));
    CHECK(world.pod(pod).bound <= world.window_start + minutes(20) + seconds(1));
  }
}

TEST_CASE("the DNS names of a column's balancers stand in its notes") {
  const std::string service =
      "---\napiVersion: v1\nkind: Service\nmetadata: {name: front}\nspec: {type: LoadBalancer, ports: [{port: 80}]}\n";
  KubernetesFiles files(manifest_of("Deployment", "name: web") + service, "web: " + kApp);
  const PlatformNotes notes = files.scenario->columns[0].plan->notes();
  REQUIRE(notes.dns_names.size() == 1);
  CHECK(notes.dns_names[0].first == "Service default/front");
  CHECK(notes.dns_names[0].second.starts_with("k8s-default-front-"));
}

}  // namespace
}  // namespace plimsoll::engine
