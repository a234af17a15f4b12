#include "models/eks/policies.h"

#include <string>

#include "models/eks/cluster_autoscaler/options.h"

namespace plimsoll::eks {

namespace {

constexpr const char* kAutoscalerSource = "kubernetes/autoscaler, branch cluster-autoscaler-release-1.37";
constexpr const char* kKarpenterSource = "kubernetes-sigs/karpenter v1.14.1, aws/karpenter-provider-aws v1.14.1";

PolicyInfo cluster_autoscaler() {
  PolicyInfo info{
      "NodeScaler",
      "cluster-autoscaler",
      "grows one Auto Scaling group a loop for pending pods; removes nodes that were unneeded for long enough",
      kAutoscalerSource,
      {}};
  info.parameters.push_back({"version", "release 1.x",
                             std::to_string(ca::kOldestMinor) + ".." + std::to_string(ca::kNewestMinor),
                             std::to_string(ca::kDefaultMinor), kAutoscalerSource});
  const ca::Options defaults = ca::options_for_version(ca::kDefaultMinor);
  for (const ca::FlagInfo& flag : ca::flags()) {
    info.parameters.push_back({std::string(flag.name), std::string(flag.unit), std::string(flag.summary),
                               ca::flag_value(defaults, flag.name), kAutoscalerSource});
  }
  return info;
}

PolicyInfo karpenter_info() {
  PolicyInfo info{
      "NodeScaler",
      "karpenter",
      "launches the cheapest instance types that hold the pending pods; deletes or replaces nodes for money",
      kKarpenterSource,
      {}};
  const auto add = [&](const char* name, const char* unit, const char* range, const char* value) {
    info.parameters.push_back({name, unit, range, value, kKarpenterSource});
  };
  add("version", "release", "0.36..1.14", "1.14");
  add("batch-idle-duration", "duration", "0s..", "1s");
  add("batch-max-duration", "duration", "0s..", "10s");
  add("vm-memory-overhead-percent", "ratio", "0..1", "0.075");
  add("reserved-enis", "count", "0..", "0");
  add("SpotToSpotConsolidation", "feature gate", "true, false", "false");
  add("weight", "NodePool", "1..100", "0");
  add("limits", "NodePool", "cpu, memory, nodes, nvidia.com/gpu", "none");
  add("consolidationPolicy", "NodePool", "WhenEmpty, WhenEmptyOrUnderutilized, Balanced", "WhenEmptyOrUnderutilized");
  add("consolidateAfter", "NodePool", "duration, Never", "0s");
  add("expireAfter", "NodePool", "duration, Never", "720h");
  add("terminationGracePeriod", "NodePool", "duration", "none");
  add("budgets", "NodePool", "nodes, schedule, duration, reasons", "10%");
  return info;
}

}  // namespace

void register_eks_policies(Registry& registry) {
  registry.add_policy(cluster_autoscaler());
  const auto expander = [&](const char* name, const char* summary) {
    registry.add_policy({"Expander", name, summary, "kubernetes/autoscaler 1.28 cluster-autoscaler/expander", {}});
  };
  expander("random", "any option, drawn evenly");
  expander("most-pods", "the option that places most pods");
  expander("least-nodes", "the option with fewest new nodes");
  expander("least-waste", "the option that leaves the smallest share of CPU and memory idle");
  expander("priority", "the group whose name matches the highest priority of the ConfigMap");
  registry.add_policy(karpenter_info());
}

}  // namespace plimsoll::eks
