#include "models/eks/cluster_autoscaler/expander.h"
#include "models/eks/cluster_autoscaler/options.h"
#include "models/eks/karpenter/api/manifest_reader.h"
#include "models/eks/platform.h"
#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/api/scaling_reader.h"

namespace plimsoll::eks {

void register_eks(Registry& registry) {
  registry.add_platform(eks_platform());
  // Ahead of the reader of all other objects, which does not know these kinds.
  registry.add_reader(kubernetes::api::scaling_manifest_reader());
  registry.add_reader(kubernetes::api::kubernetes_manifest_reader());
  registry.add_reader(karpenter::karpenter_manifest_reader());
  registry.add_policy({"scheduler",
                       "kube-scheduler",
                       "filters, then weighted scores, one pod at a time",
                       "kubernetes/kubernetes pkg/scheduler, 1.20.2, 1.26.15 and 1.34.1",
                       {{"kubernetesVersion", "", "1.20, 1.26, current", "current", "scenario"},
                        {"tie", "", "random, first", "random", "selectHost"}}});
  registry.add_policy(
      {"replica scaler",
       "horizontal-pod-autoscaler",
       "largest proposal of its metrics, within its behaviour",
       "kubernetes/kubernetes pkg/controller/podautoscaler",
       {{"hpaSyncPeriod", "s", "1 to 3600", "15", "--horizontal-pod-autoscaler-sync-period"},
        {"hpaTolerance", "", "0 to 10", "0.1", "--horizontal-pod-autoscaler-tolerance"},
        {"hpaDownscaleStabilization", "s", "0 to 86400", "300", "--horizontal-pod-autoscaler-downscale-stabilization"},
        {"hpaCpuInitializationPeriod", "s", "0 to 86400", "300",
         "--horizontal-pod-autoscaler-cpu-initialization-period"},
        {"hpaInitialReadinessDelay", "s", "0 to 86400", "30", "--horizontal-pod-autoscaler-initial-readiness-delay"},
        {"featureGates.HPAScaleToZero", "", "true, false", "false", "alpha since Kubernetes 1.16"},
        {"metricsResolution", "s", "1 to 3600", "15", "metrics-server manifest"},
        {"prometheus.scrapeInterval", "s", "1 to 3600", "60", "Prometheus configuration reference"},
        {"prometheus.rateWindow", "s", "2 x scrapeInterval to 86400", "120", "rate() needs two samples"},
        {"hpa", "files", "HorizontalPodAutoscaler v1, v2, v2beta1, v2beta2", "none", "scenario"}}});
  registry.add_policy({"replica scaler",
                       "keda",
                       "an HPA on the triggers' values, and from zero to one by polling them",
                       "kedacore/keda 2.15, ScaledObject specification",
                       {{"pollingInterval", "s", "1 and more", "30", "ScaledObject specification"},
                        {"cooldownPeriod", "s", "0 and more", "300", "ScaledObject specification"},
                        {"minReplicaCount", "pods", "0 and more", "0", "ScaledObject specification"},
                        {"maxReplicaCount", "pods", "1 and more", "100", "ScaledObject specification"},
                        {"idleReplicaCount", "pods", "below minReplicaCount", "none", "ScaledObject specification"},
                        {"triggers", "", "cron, prometheus, cpu, memory", "none", "KEDA scalers"}}});
  registry.add_policy({"pod sizer",
                       "vertical-pod-autoscaler",
                       "requests at the 90th percentile of decaying histograms, 15 % more; evicts what lies outside",
                       "kubernetes/autoscaler vertical-pod-autoscaler 1.x",
                       {{"updateMode", "", "Off, Initial, Recreate, InPlaceOrRecreate, Auto", "Auto", "VPA API"},
                        {"target-percentile", "", "", "0.9 (lower 0.5, upper 0.95)", "recommender flags"},
                        {"recommendation-margin-fraction", "", "", "0.15", "recommender flags"},
                        {"histogram half-life", "h", "", "24", "recommender flags"},
                        {"eviction-tolerance", "", "", "0.5", "updater flags"},
                        {"min-replicas", "pods", "", "2", "updater flags"}}});
  PolicyInfo ca_info{"node scaler",
                     "cluster-autoscaler",
                     "simulated scale-up by node group, removal of unneeded nodes",
                     "kubernetes/autoscaler cluster-autoscaler 1.20 to 1.37",
                     {}};
  const ca::Options defaults = ca::options_for_version(ca::kDefaultMinor);
  for (const ca::FlagInfo& flag : ca::flags()) {
    ca_info.parameters.push_back({std::string(flag.name), std::string(flag.unit), std::string(flag.summary),
                                  ca::flag_value(defaults, flag.name), "config/flags/flags.go"});
  }
  registry.add_policy(std::move(ca_info));
  registry.add_policy({"node scaler",
                       "karpenter",
                       "batched provisioning over instance types; emptiness, multi-node and single-node consolidation",
                       "kubernetes-sigs/karpenter 0.36 to 1.14, aws/karpenter-provider-aws",
                       {{"karpenterMinor", "", "0 to 14", "14", "release 1.x"},
                        {"batchIdleDuration", "s", "0 and more", "1", "chart karpenter, values.yaml"},
                        {"batchMaxDuration", "s", "0 and more", "10", "chart karpenter, values.yaml"},
                        {"vmMemoryOverheadPercent", "", "0 to 1", "0.075", "chart karpenter, values.yaml"},
                        {"reservedENIs", "", "0 to 15", "0", "chart karpenter, values.yaml"},
                        {"featureGates.spotToSpotConsolidation", "", "true, false", "false", "chart karpenter"},
                        {"featureGates.nodeRepair", "", "true, false", "false", "chart karpenter"},
                        {"weight", "", "1 to 100", "0", "NodePool"},
                        {"limits", "", "resources, nodes", "none", "NodePool"},
                        {"consolidationPolicy", "", "WhenEmpty, WhenEmptyOrUnderutilized, Balanced",
                         "WhenEmptyOrUnderutilized", "NodePool"},
                        {"consolidateAfter", "s", "or Never", "0", "NodePool"},
                        {"budgets", "", "number or %", "10%", "NodePool"},
                        {"expireAfter", "h", "or Never", "720", "NodePool"},
                        {"terminationGracePeriod", "s", "", "none", "NodePool"}}});
  for (const std::string_view name : ca::expander_names()) {
    registry.add_policy({"expander",
                         std::string(name),
                         "which node group grows",
                         "kubernetes/autoscaler cluster-autoscaler/expander",
                         {}});
  }
}

}  // namespace plimsoll::eks
