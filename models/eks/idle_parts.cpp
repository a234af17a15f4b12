#include "models/eks/idle_parts.h"

#include <algorithm>
#include <span>
#include <variant>

#include "models/eks/application_shape.h"
#include "models/eks/job_workloads.h"

namespace plimsoll::eks {

namespace {

/// Pods of the column that a profile may take: DaemonSets' never run on Fargate.
std::vector<PodShape> shapes_for_fargate(const Setting& setting, Names& names) {
  std::vector<PodShape> out;
  for (const WorkloadSpec& w : setting.workloads) {
    if (w.kubernetes_rollout.kind != "DaemonSet") out.push_back(application_shape(w, names));
  }
  for (const JobSpec& j : setting.jobs) out.push_back(application_shape(spec_of(j), names));
  for (const SystemPod& pod : system_pods()) {
    if (pod.daemon) continue;
    PodShape shape;
    shape.namespace_name = names.intern(pod.namespace_name);
    shape.labels = labels_of(pod, names);
    out.push_back(std::move(shape));
  }
  return out;
}

}  // namespace

std::vector<std::string> idle_parts(const EksPlan& plan, const Setting& setting) {
  std::vector<std::string> out;
  if (!plan.fargate_profiles.empty()) {
    Names names;
    const std::vector<PodShape> shapes = shapes_for_fargate(setting, names);
    for (const FargateProfile& profile : plan.fargate_profiles) {
      const bool used = std::any_of(shapes.begin(), shapes.end(), [&](const PodShape& shape) {
        return selects(std::span<const FargateProfile>(&profile, 1), shape, names);
      });
      if (!used) out.push_back("the Fargate profile " + profile.name + " selects no pod: nothing runs on it");
    }
  }
  const bool upgraded = std::any_of(setting.events.begin(), setting.events.end(), [](const TimelineEvent& e) {
    return std::holds_alternative<ImageRelease>(e.what);
  });
  const bool managed =
      std::any_of(plan.groups.begin(), plan.groups.end(), [](const NodeGroupPlan& g) { return g.managed; });
  if (upgraded && !managed && plan.karpenter == nullptr) {
    const char* why = plan.fargate          ? "on Fargate a pod has the newest image when it starts"
                      : plan.groups.empty() ? "EKS updates no hybrid nodes"
                                            : "EKS updates no self-managed node group (an instanceRefresh would)";
    out.push_back(std::string("the event upgrade: nodes changes nothing here: ") + why);
  }
  return out;
}

}  // namespace plimsoll::eks
