#include "models/eks/cluster_autoscaler/expander.h"
#include "models/eks/cluster_autoscaler/options.h"
#include "models/eks/karpenter/api/manifest_reader.h"
#include "models/eks/platform.h"
#include "models/kubernetes/api/manifest_reader.h"

namespace plimsoll::eks {

void register_eks(Registry& registry) {
  registry.add_platform(eks_platform());
  registry.add_reader(kubernetes::api::kubernetes_manifest_reader());
  registry.add_reader(karpenter::karpenter_manifest_reader());
  registry.add_policy({"scheduler",
                       "kube-scheduler",
                       "filters, then weighted scores, one pod at a time",
                       "kubernetes/kubernetes pkg/scheduler, 1.20.2, 1.26.15 and 1.34.1",
                       {{"kubernetesVersion", "", "1.20, 1.26, current", "current", "scenario"},
                        {"tie", "", "random, first", "random", "selectHost"}}});
  registry.add_policy({"replica scaler",
                       "horizontal-pod-autoscaler",
                       "largest proposal of its metrics, within its behaviour",
                       "kubernetes/kubernetes pkg/controller/podautoscaler",
                       {{"hpaSyncPeriod", "s", "", "15", "--horizontal-pod-autoscaler-sync-period"},
                        {"metricsResolution", "s", "", "15", "metrics-server manifest"}}});
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
                        {"consolidateAfter", "s", "", "0", "NodePool"},
                        {"budgets", "", "number or %", "10%", "NodePool"},
                        {"expireAfter", "h", "", "720", "NodePool"}}});
  for (const std::string_view name : ca::expander_names()) {
    registry.add_policy({"expander",
                         std::string(name),
                         "which node group grows",
                         "kubernetes/autoscaler cluster-autoscaler/expander",
                         {}});
  }
}

}  // namespace plimsoll::eks
