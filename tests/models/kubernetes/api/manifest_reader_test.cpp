#include "models/kubernetes/api/manifest_reader.h"

#include <doctest/doctest.h>

#include <string>

#include "sim/document/files.h"
#include "sim/document/loader.h"
#include "tests/source_dir.h"

namespace plimsoll::kubernetes::api {
namespace {

std::vector<ManifestFacts> read(const std::string& yaml, document::Diagnostics& diagnostics) {
  std::vector<ManifestFacts> out;
  kubernetes_manifest_reader()->read_all(document::load_text(yaml, "test.yaml", diagnostics), diagnostics, out);
  return out;
}

const std::string kFolder = std::string(PLIMSOLL_SOURCE_DIR) + "/tests/models/kubernetes/api/manifests/";

TEST_CASE("a disruption budget finds its pods in another document") {
  document::Diagnostics d;
  const auto facts = read(
      "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: guard}\n"
      "spec: {minAvailable: 3, selector: {matchLabels: {app: web}}}\n---\n"
      "apiVersion: v1\nkind: Service\nmetadata: {name: front}\n"
      "spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}\n---\n"
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
      "spec: {replicas: 4, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, "
      "spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 100m}}}]}}}\n",
      d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(facts.size() == 2);
  CHECK(facts[0].name == "web");
  CHECK(facts[0].behind_balancer);
  CHECK(facts[1].kind == "PodDisruptionBudget");
  CHECK(facts[1].name == "web");
  CHECK(facts[1].max_unavailable == percent(25));  // one of four
}

TEST_CASE("a Service with a balancer that selects no pod is told") {
  const auto said = [](const std::string& selector, const std::string& type, const std::string& more) {
    document::Diagnostics d;
    read("apiVersion: v1\nkind: Service\nmetadata: {name: front}\nspec: {" + type + "selector: {app: " + selector +
             "}, ports: [{port: 80}]}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
             "spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, "
             "spec: {containers: [{name: c, image: 'i:1', resources: {requests: {cpu: 100m}}}]}}}\n" +
             more,
         d);
    return d.text();
  };
  const std::string ingress =
      "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: edge}\n"
      "spec: {ingressClassName: alb, defaultBackend: {service: {name: front, port: {number: 80}}}}\n";
  const std::string none = "Service 'front' selects no pod among the files: what comes by ";
  CHECK(said("wrong", "type: LoadBalancer, ", "").find(none + "its load balancer finds no endpoint") !=
        std::string::npos);
  CHECK(said("wrong", "", ingress).find(none + "the Ingress 'edge' finds no endpoint") != std::string::npos);
  CHECK(said("web", "type: LoadBalancer, ", "").find(none) == std::string::npos);
  CHECK(said("web", "", ingress).find(none) == std::string::npos);
  CHECK(said("wrong", "", "").find(none) == std::string::npos);  // nothing comes from outside
}

TEST_CASE("an autoscaler speaks of its target") {
  document::Diagnostics d;
  const auto facts = read(
      "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\n"
      "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 9, "
      "targetCPUUtilizationPercentage: 70}\n",
      d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].name == "web");
  CHECK(facts[0].scale_minimum == 2);
  CHECK(facts[0].scale_maximum == 9);
  CHECK(facts[0].scale_cpu == percent(70));
}

TEST_CASE("containers carry their probes, init containers come last and are marked") {
  document::Diagnostics d;
  const auto facts = read(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"
      "  initContainers: [{name: first, image: i}]\n"
      "  containers: [{name: c, image: i, livenessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 45, "
      "periodSeconds: 20, failureThreshold: 4}}]\n",
      d);
  REQUIRE(facts.size() == 1);
  REQUIRE(facts[0].containers.size() == 2);
  CHECK_FALSE(facts[0].containers[0].init);
  CHECK(facts[0].containers[1].init);
  REQUIRE(facts[0].containers[0].probes.size() == 1);
  const ProbeFacts& probe = facts[0].containers[0].probes[0];
  CHECK(probe.kind == "liveness");
  CHECK(probe.start == seconds(45));
  CHECK(probe.period == seconds(20));
  CHECK(probe.timeout == seconds(1));
  CHECK(probe.failures == 4);
}

TEST_CASE("every real manifest is read without an error") {
  std::size_t files = 0, facts = 0;
  for (const std::string& file : document::glob(kFolder + "*.yaml")) {
    CAPTURE(file);
    document::Diagnostics d;
    std::vector<document::Node> mine;
    for (const document::Node& doc : document::load_file(file, d)) {
      if (kubernetes_manifest_reader()->accepts(doc)) mine.push_back(doc);
    }
    std::vector<ManifestFacts> out;
    kubernetes_manifest_reader()->read_all(mine, d, out);
    CHECK_MESSAGE(d.error_count() == 0, d.text());
    ++files;
    facts += out.size();
  }
  CHECK(files == 23);
  CHECK(facts >= 20);
}

TEST_CASE("a workload given twice is the last, as with kubectl apply") {
  const auto deployment = [](const std::string& name_space, const std::string& cpu) {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: " + name_space +
           "}\nspec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, "
           "spec: {containers: [{name: c, image: i, resources: {requests: {cpu: " +
           cpu + "}}}]}}}\n";
  };
  document::Diagnostics d;
  const auto twice = read(deployment("a", "100m") + "---\n" + deployment("a", "300m"), d);
  REQUIRE(twice.size() == 1);
  CHECK(twice[0].size->cpu == cpu_millis(300));
  CHECK(d.text().find("test.yaml:1:1: warning: Deployment 'web' stands again at test.yaml:6:1: that one counts") == 0);
  document::Diagnostics other;
  CHECK(read(deployment("a", "100m") + "---\n" + deployment("b", "300m"), other).size() == 2);
  CHECK_MESSAGE(other.empty(), other.text());
}

TEST_CASE("a pod's GPUs are those of its containers, or of an init container that needs more") {
  const auto needs = [](const std::string& pod) {
    document::Diagnostics d;
    const auto facts = read("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {" + pod + "}\n", d);
    CHECK_MESSAGE(d.empty(), d.text());
    REQUIRE(facts.size() == 1);
    return needs_of(facts[0].pod.get());
  };
  const auto container = [](const std::string& name, const std::string& limits) {
    return "{name: " + name + ", image: i, resources: {limits: {" + limits + "}}}";
  };
  const std::string two = "containers: [" + container("a", "nvidia.com/gpu: 1") + ", " +
                          container("b", "nvidia.com/gpu: 1, example.com/fpga: 3") + "]";
  CHECK(needs(two).gpus == 2);
  REQUIRE(needs(two).others.size() == 1);
  CHECK(needs(two).others[0].first == "example.com/fpga");
  CHECK(needs(two).others[0].second == 3);
  CHECK(needs(two + ", initContainers: [" + container("i", "nvidia.com/gpu: 4") + "]").gpus == 4);
  CHECK(needs("containers: [{name: a, image: i}]").gpus == 0);
  CHECK_FALSE(needs(two).windows);
  CHECK(needs(two + ", os: {name: windows}").windows);
  CHECK(needs(two + ", nodeSelector: {kubernetes.io/os: windows}").windows);
}

TEST_CASE("a PriorityClass that no pod names is told") {
  document::Diagnostics d;
  read("apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: urgent}\nvalue: 1000\n", d);
  CHECK(d.text().find("PriorityClass 'urgent' is the class of no pod among the files") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
