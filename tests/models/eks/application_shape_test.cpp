#include "models/eks/application_shape.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

/// The first workload of the files, as a scenario would hand it on.
WorkloadSpec spec_of(const std::string& text) {
  document::Diagnostics diagnostics;
  const document::Reader reader(diagnostics);
  std::vector<ManifestFacts> facts;
  kubernetes::api::kubernetes_manifest_reader()->read_all(document::load_text(text, "app.yaml", diagnostics), reader,
                                                          facts);
  INFO(diagnostics.text());
  REQUIRE_FALSE(diagnostics.has_errors());
  WorkloadSpec spec;
  spec.name = "web";
  spec.kubernetes.cpu = cpu_millis(250);
  spec.kubernetes.memory = mebibytes(512);
  for (const ManifestFacts& f : facts) {
    if (f.pod && !spec.kubernetes_pod) spec.kubernetes_pod = f.pod;
  }
  return spec;
}

constexpr const char* kFile = R"(apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: urgent}
value: 1000
preemptionPolicy: Never
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {tier: front}}
  template:
    metadata: {labels: {tier: front}}
    spec:
      priorityClassName: urgent
      schedulerName: packing
      nodeSelector: {disk: ssd}
      tolerations: [{key: dedicated, operator: Exists}]
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 50
            podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {tier: front}}}
      containers:
      - {name: web, image: web, resources: {requests: {cpu: 100m, memory: 128Mi}}}
)";

TEST_CASE("the file's ephemeral storage is asked for beside the scenario's CPU and memory") {
  std::string text = kFile;
  text.replace(text.find("memory: 128Mi"), 13, "memory: 128Mi, ephemeral-storage: 30Gi");
  const ResourceVector requests = scheduled_requests(spec_of(text));
  CHECK(requests.cpu() == cpu_millis(250));
  CHECK(requests[Resource::ephemeral_storage] == gibibytes(30).raw());
  CHECK(scheduled_requests(spec_of(kFile))[Resource::ephemeral_storage] == 0);
}

TEST_CASE("the rules of the file hold, with the requests of the scenario") {
  Names names;
  const PodShape s = application_shape(spec_of(kFile), names);
  CHECK(s.priority == 1000);
  CHECK_FALSE(s.preempts);
  CHECK(s.scheduler_name == names.intern("packing"));
  CHECK(s.node_selector.size() == 1);
  CHECK(s.anti_preferred.size() == 1);
  CHECK(s.labels.find(names.intern("tier")) == names.intern("front"));
  CHECK(s.requests.cpu() == cpu_millis(250));
  CHECK(s.nonzero_memory == mebibytes(512).raw());
  // The file says nothing of zones: the scenario's wish stands, on the pods of the same ReplicaSet.
  REQUIRE(s.spread.size() == 1);
  CHECK(s.spread[0].when == WhenUnsatisfiable::schedule_anyway);
  CHECK(s.spread[0].selector == s.owner_selector);
}

TEST_CASE("a rule of the file about zones is not doubled") {
  Names names;
  std::string text = kFile;
  const std::string host = "kubernetes.io/hostname";
  text.replace(text.find(host), host.size(), "topology.kubernetes.io/zone");
  CHECK(application_shape(spec_of(text), names).spread.empty());
}

TEST_CASE("without a file the pods carry the application's name") {
  Names names;
  WorkloadSpec spec;
  spec.name = "web";
  spec.spread_zones = false;
  const PodShape s = application_shape(spec, names);
  CHECK(s.labels.find(names.intern("app")) == names.intern("web"));
  CHECK(s.owner_selector.present);
  CHECK(s.spread.empty());
  CHECK(s.nonzero_cpu == cpu_millis(100).raw());
  CHECK_FALSE(s.requests_anything);
}

TEST_CASE("room is kept for an init container that asks for more than the pod does later") {
  const std::string head =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
      "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
      "    spec:\n      containers: [{name: web, image: 'w:1'}]\n      initContainers:\n";
  const auto init = [](const char* name, const char* requests, bool sidecar) {
    return std::string("      - {name: ") + name + ", image: 'i:1', resources: {requests: {" + requests + "}}" +
           (sidecar ? ", restartPolicy: Always" : "") + "}\n";
  };
  // The spec asks for 250m and 512 MiB.
  const ResourceVector small = scheduled_requests(spec_of(head + init("a", "cpu: 100m, memory: 64Mi", false)));
  CHECK(small.cpu() == cpu_millis(250));
  CHECK(small.memory() == mebibytes(512));
  const ResourceVector cpu = scheduled_requests(spec_of(head + init("a", "cpu: 900m, memory: 64Mi", false)));
  CHECK(cpu.cpu() == cpu_millis(900));
  CHECK(cpu.memory() == mebibytes(512));
  // A sidecar before it runs along: 300m + 900m; one after it does not.
  const std::string side = init("s", "cpu: 300m", true), big = init("a", "cpu: 900m", false);
  CHECK(scheduled_requests(spec_of(head + side + big)).cpu() == cpu_millis(1200));
  CHECK(scheduled_requests(spec_of(head + big + side)).cpu() == cpu_millis(900));
}

TEST_CASE("a pod that asks for anything tolerates memory pressure") {
  Names names;
  const NameId key = names.intern("node.kubernetes.io/memory-pressure");
  const auto tolerates = [&](const WorkloadSpec& spec) {
    const PodShape shape = application_shape(spec, names);
    return std::any_of(shape.tolerations.begin(), shape.tolerations.end(),
                       [&](const Toleration& t) { return t.key == key; });
  };
  WorkloadSpec spec;
  spec.name = "web";
  CHECK_FALSE(tolerates(spec));
  spec.kubernetes.memory = mebibytes(1);
  CHECK(tolerates(spec));
}

TEST_CASE("GPUs are asked for, by the pod's file or by the task definition alone") {
  Names names;
  WorkloadSpec spec;
  spec.name = "web";
  auto task = std::make_shared<PodWithNeeds>();
  task->needs.gpus = 2;
  spec.kubernetes_pod = task;
  CHECK(application_shape(spec, names).requests[Resource::gpus] == 2);
  std::string text = kFile;
  const std::string cpu = "{requests: {cpu: 100m, memory: 128Mi}";
  text.replace(text.find(cpu), cpu.size(), cpu + ", limits: {nvidia.com/gpu: 1}");
  CHECK(application_shape(spec_of(text), names).requests[Resource::gpus] == 1);
}

TEST_CASE("a pod that asks for GPUs or disk alone is held against the node's room, and is BestEffort still") {
  const auto of = [](const std::string& resources, Names& names) {
    WorkloadSpec spec = spec_of(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
        "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
        "    spec:\n      containers: [{name: web, image: 'w:1', resources: " +
        resources + "}]\n");
    spec.kubernetes.cpu = Cpu{};
    spec.kubernetes.memory = Bytes{};
    return application_shape(spec, names);
  };
  Names names;
  const NameId pressure = names.intern("node.kubernetes.io/memory-pressure");
  for (const char* resources : {"{limits: {nvidia.com/gpu: 1}}", "{requests: {ephemeral-storage: 1Gi}}",
                                "{limits: {aws.amazon.com/neuron: 1}}"}) {
    CAPTURE(resources);
    const PodShape s = of(resources, names);
    CHECK(s.requests_anything);
    CHECK(s.nonzero_cpu == cpu_millis(100).raw());
    CHECK(s.nonzero_memory == mebibytes(200).raw());
    CHECK(std::none_of(s.tolerations.begin(), s.tolerations.end(),
                       [&](const Toleration& t) { return t.key == pressure; }));
  }
  CHECK_FALSE(of("{}", names).requests_anything);
}

TEST_CASE("the overhead of the runtime class is asked for beside the containers, and nodeName is kept") {
  const std::string file = R"(apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: gvisor}
handler: runsc
overhead: {podFixed: {cpu: 50m, memory: 64Mi}}
scheduling: {nodeSelector: {runtime: gvisor}, tolerations: [{key: gvisor, operator: Exists}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  runtimeClassName: gvisor
  nodeName: i-00003
  schedulerName: ""
  containers: [{name: web, image: web, resources: {requests: {cpu: 100m, memory: 128Mi}}}]
)";
  Names names;
  const PodShape shape = application_shape(spec_of(file), names);
  CHECK(shape.requests.cpu() == cpu_millis(300));
  CHECK(shape.requests.memory() == mebibytes(576));
  CHECK(shape.nonzero_cpu == cpu_millis(300).raw());
  CHECK(shape.overhead_cpu == cpu_millis(50).raw());
  CHECK(names.text(shape.node_name) == "i-00003");
  CHECK(shape.scheduler_name.is_none());
  REQUIRE(shape.node_selector.size() == 1);
  CHECK(names.text(shape.node_selector[0].second) == "gvisor");
}

}  // namespace
}  // namespace plimsoll::eks
