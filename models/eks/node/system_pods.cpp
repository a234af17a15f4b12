#include "models/eks/node/system_pods.h"

#include <algorithm>
#include <array>
#include <utility>

namespace plimsoll::eks {

namespace {

constexpr std::int32_t kNodeCritical = 2'000'001'000;
constexpr std::int32_t kClusterCritical = 2'000'000'000;

constexpr std::array kPods{
    // 25m for aws-node, 25m for the network-policy agent; the init container's 25m is not on top.
    SystemPod{"aws-node", "kube-system", true, 1, cpu_millis(50), Bytes{0}, Bytes{0}, 2, true, kNodeCritical, true,
              false, false, SystemPodUse::always, true,
              "aws/amazon-vpc-cni-k8s v1.23.1 config/master/aws-k8s-cni.yaml"},
    SystemPod{"kube-proxy", "kube-system", true, 1, cpu_millis(100), Bytes{0}, Bytes{0}, 1, true, kNodeCritical, true,
              false, false, SystemPodUse::always, false, "EKS kube-proxy add-on as kubectl shows it"},
    SystemPod{"coredns", "kube-system", false, 2, cpu_millis(100), mebibytes(70), mebibytes(170), 1, false,
              kClusterCritical, false, true, true, SystemPodUse::every_cluster, false,
              "coredns/deployment kubernetes/coredns.yaml; the EKS add-on has two replicas and a PDB"},
    SystemPod{"metrics-server", "kube-system", false, 1, cpu_millis(100), mebibytes(200), Bytes{0}, 1, false,
              kClusterCritical, false, false, false, SystemPodUse::with_autoscaling, true,
              "kubernetes-sigs/metrics-server v0.7 manifests/base/deployment.yaml"},
    SystemPod{"aws-load-balancer-controller", "kube-system", false, 2, cpu_millis(100), mebibytes(200), mebibytes(500),
              1, false, kClusterCritical, false, true, true, SystemPodUse::with_load_balancer, true,
              "kubernetes-sigs/aws-load-balancer-controller v2.7 config/controller/controller.yaml"},
    SystemPod{"cluster-autoscaler", "kube-system", false, 1, cpu_millis(100), mebibytes(600), mebibytes(600), 1, false,
              kClusterCritical, false, false, false, SystemPodUse::cluster_autoscaler, true,
              "kubernetes/autoscaler cluster-autoscaler/cloudprovider/aws/examples/"
              "cluster-autoscaler-autodiscover.yaml"},
    SystemPod{"karpenter", "kube-system", false, 2, cpu_millis(1000), gibibytes(1), gibibytes(1), 1, false,
              kClusterCritical, false, true, true, SystemPodUse::karpenter, true,
              "Karpenter v1 getting-started (controller.resources) and chart values (replicas 2, PDB)"},
    // Three containers of 10m and 40Mi.
    SystemPod{"ebs-csi-node", "kube-system", true, 1, cpu_millis(30), mebibytes(120), mebibytes(768), 3, false,
              kNodeCritical, true, false, false, SystemPodUse::with_ebs, true,
              "kubernetes-sigs/aws-ebs-csi-driver charts/aws-ebs-csi-driver values.yaml"},
    SystemPod{"ebs-csi-controller", "kube-system", false, 2, cpu_millis(60), mebibytes(240), Bytes{0}, 6, false,
              kClusterCritical, false, true, true, SystemPodUse::with_ebs, false,
              "kubernetes-sigs/aws-ebs-csi-driver chart; six containers assumed"},
    SystemPod{"aws-for-fluent-bit", "kube-system", true, 1, cpu_millis(50), mebibytes(50), mebibytes(250), 1, false, 0,
              true, false, false, SystemPodUse::with_logs, true,
              "aws/eks-charts stable/aws-for-fluent-bit values.yaml"},
    SystemPod{kPrometheusPod, "monitoring", false, 1, cpu_millis(500), gibibytes(2), Bytes{0}, 2, false, 0, false,
              false, false, SystemPodUse::prometheus, false,
              "the community chart sets no requests; of the size that its users set"},
    SystemPod{"prometheus-adapter", "monitoring", false, 1, cpu_millis(100), mebibytes(128), Bytes{0}, 1, false, 0,
              false, false, false, SystemPodUse::prometheus, false, "the community chart sets no requests; assumed"},
    SystemPod{"keda-operator", "keda", false, 1, cpu_millis(100), mebibytes(100), mebibytes(1000), 1, false, 0, false,
              false, false, SystemPodUse::keda, true, "kedacore/charts keda values.yaml resources.operator"},
    SystemPod{"keda-operator-metrics-apiserver", "keda", false, 1, cpu_millis(100), mebibytes(100), mebibytes(1000), 1,
              false, 0, false, false, false, SystemPodUse::keda, true,
              "kedacore/charts keda values.yaml resources.metricServer"},
    SystemPod{"vpa-recommender", "kube-system", false, 1, cpu_millis(50), mebibytes(500), mebibytes(1000), 1, false, 0,
              false, false, false, SystemPodUse::vertical_autoscaling, true,
              "kubernetes/autoscaler vertical-pod-autoscaler/deploy/recommender-deployment.yaml"},
    SystemPod{"vpa-updater", "kube-system", false, 1, cpu_millis(50), mebibytes(500), mebibytes(1000), 1, false, 0,
              false, false, false, SystemPodUse::vertical_autoscaling, true,
              "kubernetes/autoscaler vertical-pod-autoscaler/deploy/updater-deployment.yaml"},
    SystemPod{"vpa-admission-controller", "kube-system", false, 1, cpu_millis(50), mebibytes(200), mebibytes(500), 1,
              false, 0, false, false, false, SystemPodUse::vertical_autoscaling, true,
              "kubernetes/autoscaler vertical-pod-autoscaler/deploy/admission-controller-deployment.yaml"},
};

}  // namespace

std::span<const SystemPod> system_pods() { return kPods; }

Labels labels_of(const SystemPod& pod, Names& names) {
  // SOURCE: the manifests and charts that the list of pods names; CoreDNS of EKS is known as kube-dns.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kAsKubernetesApp = {
      {{"aws-node", "aws-node"},
       {"kube-proxy", "kube-proxy"},
       {"coredns", "kube-dns"},
       {"metrics-server", "metrics-server"}}};
  Labels out;
  out.set(names.intern("app"), names.intern(pod.name));
  const auto app = std::find_if(kAsKubernetesApp.begin(), kAsKubernetesApp.end(),
                                [&](const auto& known) { return known.first == pod.name; });
  if (app != kAsKubernetesApp.end()) {
    out.set(names.intern("k8s-app"), names.intern(app->second));
  } else {
    out.set(names.intern("app.kubernetes.io/name"), names.intern(pod.name));
  }
  if (pod.name == "coredns") out.set(names.intern("eks.amazonaws.com/component"), names.intern("coredns"));
  return out;
}

const SystemPod* find_system_pod(std::string_view name) {
  for (const SystemPod& pod : kPods) {
    if (pod.name == name) return &pod;
  }
  return nullptr;
}

}  // namespace plimsoll::eks
