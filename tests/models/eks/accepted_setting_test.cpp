// Also tests: pod_remarks
#include "models/eks/accepted_setting.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "models/eks/pod_remarks.h"
#include "models/kubernetes/api/manifest_reader.h"
#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

Setting gated_setting(const std::string& text) {
  document::Diagnostics diagnostics;
  const document::Reader reader(diagnostics);
  std::vector<ManifestFacts> facts;
  kubernetes::api::kubernetes_manifest_reader()->read_all(document::load_text(text, "app.yaml", diagnostics), reader,
                                                          facts);
  INFO(diagnostics.text());
  REQUIRE_FALSE(diagnostics.has_errors());
  Setting out;
  for (const ManifestFacts& f : facts) {
    if (!f.pod) continue;
    WorkloadSpec& w = out.workloads.emplace_back();
    w.name = f.name;
    w.kubernetes = *f.size;
    w.kubernetes_pod = f.pod;
    for (const ContainerFacts& c : f.containers) {
      if (c.init) continue;
      ContainerUsage usage;
      usage.name = c.name;
      w.kubernetes_containers.push_back(usage);
    }
    if (f.kubernetes_rollout) w.kubernetes_rollout = *f.kubernetes_rollout;
  }
  return out;
}

constexpr const char* kSidecarFile = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  paused: true
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeName: ip-10-0-0-1.ec2.internal
      readinessGates: [{conditionType: target-health.elbv2.k8s.aws/web}, {conditionType: example.com/warm}]
      initContainers:
      - {name: proxy, image: proxy, restartPolicy: Always, resources: {requests: {cpu: 100m, memory: 64Mi}}}
      containers:
      - {name: web, image: web, resources: {requests: {cpu: 200m, memory: 128Mi}}}
)";

TEST_CASE("a release without sidecars takes them for init containers, and the pod's size follows its file") {
  const Setting given = gated_setting(kSidecarFile);
  REQUIRE(given.workloads[0].kubernetes.cpu == cpu_millis(300));
  std::vector<std::string> remarks;
  const auto old = accepted_by(given, 26, remarks);
  REQUIRE(old);
  CHECK(old->workloads[0].kubernetes.cpu == cpu_millis(200));
  CHECK(old->workloads[0].kubernetes.memory == mebibytes(128));
  REQUIRE(old->workloads[0].kubernetes_containers.size() == 1);
  CHECK(old->workloads[0].kubernetes_containers[0].name == "web");
  REQUIRE(remarks.size() == 1);
  CHECK(remarks[0].starts_with("restartPolicy of proxy in web is dropped: Kubernetes 1.26 does not have it on, 1.29"));
  // The scenario's own size stays.
  Setting said = given;
  said.workloads[0].kubernetes.cpu = cpu_millis(700);
  CHECK(accepted_by(said, 26, remarks)->workloads[0].kubernetes.cpu == cpu_millis(700));
  remarks.clear();
  CHECK_FALSE(accepted_by(given, 29, remarks));
  CHECK(remarks.empty());
}

TEST_CASE("hooks, probes and updates of the workload follow its file, and a job its own fields") {
  Setting given = gated_setting(R"(apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers:
      - name: agent
        image: agent
        lifecycle: {preStop: {sleep: {seconds: 20}}}
        startupProbe: {grpc: {port: 90}}
        readinessProbe: {httpGet: {port: 80}}
)");
  WorkloadSpec& agent = given.workloads[0];
  agent.pre_stop = seconds(20);
  agent.kubernetes_probes = {ProbeFacts{.kind = "startup"}, ProbeFacts{.kind = "readiness"}};
  JobSpec& job = given.jobs.emplace_back();
  job.name = "night";
  job.kubernetes_job.suspend = true;
  std::vector<std::string> remarks;
  const auto old = accepted_by(given, 20, remarks);
  REQUIRE(old);
  CHECK(old->workloads[0].pre_stop == Duration{});
  REQUIRE(old->workloads[0].kubernetes_probes.size() == 1);
  CHECK(old->workloads[0].kubernetes_probes[0].kind == "readiness");
  CHECK(old->workloads[0].kubernetes_rollout.max_surge.value == 0);
  CHECK(old->workloads[0].kubernetes_rollout.max_unavailable.value == 1);
  CHECK_FALSE(old->jobs[0].kubernetes_job.suspend);
  CHECK(remarks == std::vector<std::string>{
                       "preStop.sleep of agent in agent is dropped: Kubernetes 1.20 does not have it on, 1.30 does",
                       "the grpc probe of agent in agent is dropped: Kubernetes 1.20 does not have it on, 1.24 does",
                       "maxSurge of agent is dropped: Kubernetes 1.20 does not have it on, 1.22 does",
                       "suspend of night is dropped: Kubernetes 1.20 does not have it on, 1.22 does"});
  // 1.26 lacks the hook alone; what the scenario said of the end stays.
  given.workloads[0].pre_stop = seconds(7);
  remarks.clear();
  const auto later = accepted_by(given, 26, remarks);
  REQUIRE(later);
  CHECK(later->workloads[0].pre_stop == seconds(7));
  CHECK(later->workloads[0].kubernetes_probes.size() == 2);
  CHECK(later->workloads[0].kubernetes_rollout.max_surge.value == 1);
  CHECK(later->jobs[0].kubernetes_job.suspend);
  CHECK(remarks.size() == 1);
}

TEST_CASE("the gates are those of eksVersion, or of the release that the rules were read in") {
  using kubernetes::KubernetesVersion;
  ControlPlane plane;
  CHECK(gates_minor(plane, KubernetesVersion::v1_20) == 20);
  CHECK(gates_minor(plane, KubernetesVersion::v1_26) == 26);
  CHECK(gates_minor(plane, KubernetesVersion::current) == 34);
  plane.minor = 30;
  plane.rules_follow = true;
  CHECK(gates_minor(plane, KubernetesVersion::v1_26) == 30);
  plane.rules_follow = false;  // kubernetesVersion is given
  CHECK(gates_minor(plane, KubernetesVersion::v1_26) == 26);
}

TEST_CASE("what a column takes in a way of its own is said") {
  Setting setting = gated_setting(kSidecarFile);
  const auto says = [&](const std::string& what, bool fargate = false) {
    for (const std::string& remark : pod_remarks(setting, fargate)) {
      if (remark.find(what) != std::string::npos) return true;
    }
    return false;
  };
  CHECK(says("web: nodeName ip-10-0-0-1.ec2.internal: its pods wait until a node of this name is there"));
  CHECK(says("Fargate has no nodes", true));
  CHECK(says("nothing sets the readiness gate example.com/warm here"));
  CHECK(says("target-health.elbv2.k8s.aws/web of pods that are behind no balancer"));
  CHECK(says("its Deployment is paused: no ReplicaSet is made for it and it has no pods"));
  setting.workloads[0].entry = true;
  CHECK_FALSE(says("target-health"));
  CHECK(says("example.com/warm"));
}

}  // namespace
}  // namespace plimsoll::eks
