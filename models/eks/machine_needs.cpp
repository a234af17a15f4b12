#include "models/eks/machine_needs.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "models/aws/devices.h"
#include "models/aws/gpus.h"
#include "models/eks/application_shape.h"
#include "models/eks/job_workloads.h"
#include "sim/policy/machine_needs.h"
#include "sim/policy/unholdable.h"

namespace plimsoll::eks {

namespace {

/// The most ephemeral storage that a pod on Fargate may ask for.
constexpr Bytes kFargateStorageMost = gibibytes(175);

const WorkloadSpec& pods_of(const WorkloadSpec& spec) { return spec; }
WorkloadSpec pods_of(const JobSpec& job) { return spec_of(job); }

/// Whether the column runs these pods on Fargate; those of a DaemonSet never are.
bool is_for_fargate(const EksPlan& plan, const WorkloadSpec& spec) {
  const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get());
  if (file != nullptr && file->workload.kind == kubernetes::api::WorkloadKind::daemon_set) return false;
  if (plan.fargate || plan.fargate_profiles.empty()) return plan.fargate;
  Names names;
  return plan.on_fargate(application_shape(spec, names), names);
}

bool is_architecture(std::string_view key) { return key == "kubernetes.io/arch" || key == "beta.kubernetes.io/arch"; }

/// Whether no node of amd64 answers the expression.
bool excludes_amd64(const kubernetes::api::MatchExpression& e) {
  if (!is_architecture(e.key)) return false;
  const bool named = std::find(e.values.begin(), e.values.end(), "amd64") != e.values.end();
  return (e.op == SelectorOp::in && !named) || (e.op == SelectorOp::not_in && named) ||
         e.op == SelectorOp::does_not_exist;
}

/// Whether the node selector or every required term of the affinity asks for another architecture.
bool excludes_amd64(const kubernetes::api::PodTemplate& pod) {
  for (const auto& [key, value] : pod.node_selector) {
    if (is_architecture(key) && value != "amd64") return true;
  }
  if (!pod.node_required || pod.node_required->empty()) return false;
  return std::all_of(pod.node_required->begin(), pod.node_required->end(), [](const kubernetes::api::NodeTerm& term) {
    return std::any_of(term.expressions.begin(), term.expressions.end(),
                       [](const kubernetes::api::MatchExpression& e) { return excludes_amd64(e); });
  });
}

/// What Fargate's scheduler refuses in the pods of a file.
void check_fargate_pod(document::Fields& column, const WorkloadSpec& spec) {
  const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get());
  if (file == nullptr) return;
  const auto refuse = [&](const std::string& what, const std::string& why) {
    column.error("capacity", spec.name + " " + what + ": Fargate " + why, "run it on a node group or on Karpenter");
  };
  const kubernetes::api::PodTemplate& pod = file->workload.pod;
  if (pod.host_network) refuse("has hostNetwork: true", "has no network of a host");
  const auto holds_port = [](const kubernetes::api::Container& c) {
    return std::any_of(c.ports.begin(), c.ports.end(),
                       [](const kubernetes::api::ContainerPort& p) { return p.host_port > 0; });
  };
  // With hostNetwork every port is one of the host: said already.
  if (!pod.host_network && (std::any_of(pod.containers.begin(), pod.containers.end(), holds_port) ||
                            std::any_of(pod.init_containers.begin(), pod.init_containers.end(), holds_port)))
    refuse("asks for a hostPort", "has no ports of a host");
  for (const kubernetes::api::Volume& v : pod.volumes) {
    if (v.kind == kubernetes::api::Volume::Kind::host_path)
      refuse("mounts the hostPath volume " + v.name, "has no files of a host");
  }
  const auto privileged = [](const kubernetes::api::Container& c) { return c.privileged; };
  if (std::any_of(pod.containers.begin(), pod.containers.end(), privileged) ||
      std::any_of(pod.init_containers.begin(), pod.init_containers.end(), privileged))
    refuse("has a privileged container", "runs none");
  if (excludes_amd64(pod)) refuse("asks for an architecture other than amd64", "runs pods of EKS on amd64 only");
  Names names;
  const std::int64_t storage = application_shape(spec, names).requests[Resource::ephemeral_storage];
  if (storage > kFargateStorageMost.raw()) {
    const std::int64_t gib = (storage + kGiB - 1) / kGiB;
    refuse("asks for " + std::to_string(gib) + " GiB of ephemeral storage", "gives a pod 175 GiB at the most");
  }
}

void check_gpus(document::Fields& column, const EksPlan& plan, bool fargate, const std::string& name,
                const std::string& owner, std::int64_t gpus, std::vector<Unholdable>& too_large) {
  const std::string what = name + " asks for " + std::to_string(gpus) + (gpus == 1 ? " GPU" : " GPUs");
  const std::string such = aws::type_with_gpus(plan.prices->catalogue(), plan.prices->region(), gpus);
  const std::string hint = such.empty() ? "" : "take a node group with a type that has them, " + such;
  if (fargate) {
    column.error("capacity", what + ": Fargate runs no pods with GPUs", hint);
    return;
  }
  if (plan.karpenter != nullptr) {
    if (such.empty())
      add_unholdable(too_large, column, owner,
                     what + ": no instance type of " + plan.prices->region() + " has as many");
    return;
  }
  std::string offers;
  for (const NodeGroupPlan& g : plan.groups) {
    for (const NodeGroupType& t : g.types) {
      const std::int64_t n = t.allocatable[Resource::gpus];
      if (n >= gpus) return;
      offers +=
          (offers.empty() ? "" : ", ") + std::string(t.type->name) + " has " + (n == 0 ? "none" : std::to_string(n));
    }
  }
  // A column without groups, or with a group of unknown type, has had its own fault.
  if (!offers.empty()) add_unholdable(too_large, column, owner, what + ": " + offers, hint);
}

/// The most of an extended resource that one node of the column has.
std::int64_t most_offered(const EksPlan& plan, const std::string& resource) {
  std::int64_t most = 0;
  for (const NodeGroupPlan& g : plan.groups) {
    for (const NodeGroupType& t : g.types) {
      for (const auto& [name, amount] : t.extended) most = name == resource ? std::max(most, amount) : most;
    }
  }
  if (plan.karpenter == nullptr) return most;
  for (const aws::InstanceType& t : plan.prices->catalogue().types()) {
    if (!plan.prices->catalogue().on_demand(plan.prices->region(), t)) continue;
    for (const auto& [name, count] : aws::device_resources(t)) most = name == resource ? std::max(most, count) : most;
  }
  return most;
}

void check_extended(document::Fields& column, const EksPlan& plan, const std::string& pod, const std::string& resource,
                    std::int64_t amount) {
  // A column without any nodes has had its own fault.
  if (!plan.fargate && plan.groups.empty() && plan.karpenter == nullptr && !plan.hybrid) return;
  const std::int64_t most = most_offered(plan, resource);
  if (most >= amount) return;
  const std::string what = pod + " asks for " + std::to_string(amount) + " " + resource + ", ";
  if (is_accelerator(resource) || plan.fargate) {
    column.error("capacity", what + (most == 0 ? "which no node of the column offers"
                                               : "of which a node of the column has " + std::to_string(most)));
    return;
  }
  column.warning("capacity",
                 what + (most == 0 ? "which no node of the column offers" : "a node has " + std::to_string(most)) +
                     ": its pods will wait (Insufficient " + resource + ")",
                 "say what a node has with extendedResources of its node group");
}

}  // namespace

void check_machine_needs(document::Fields& column, const Setting& setting, const EksPlan& plan,
                         std::vector<Unholdable>& too_large) {
  const auto check = [&](const auto& spec, const std::string& owner) {
    const MachineNeeds& needs = needs_of(spec.kubernetes_pod.get());
    const WorkloadSpec& pods = pods_of(spec);
    const bool fargate = is_for_fargate(plan, pods);
    if (fargate) check_fargate_pod(column, pods);
    if (needs.gpus > 0) check_gpus(column, plan, fargate || plan.fargate, spec.name, owner, needs.gpus, too_large);
    for (const auto& [resource, amount] : needs.others) check_extended(column, plan, spec.name, resource, amount);
    if (needs.windows)
      column.error("capacity", spec.name + " runs Windows: the nodes of this column run Linux",
                   "nodes with Windows are neither modelled nor priced on EKS");
  };
  for (const WorkloadSpec& w : setting.workloads) check(w, w.name);
  for (const JobSpec& j : setting.jobs) check(j, "the job " + j.name);
}

}  // namespace plimsoll::eks
