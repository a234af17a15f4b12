#include "models/eks/machine_needs.h"

#include <algorithm>
#include <string>

#include "models/aws/devices.h"
#include "models/aws/gpus.h"
#include "sim/policy/machine_needs.h"

namespace plimsoll::eks {

namespace {

void check_gpus(document::Fields& column, const EksPlan& plan, const std::string& name, std::int64_t gpus) {
  const std::string what = name + " asks for " + std::to_string(gpus) + (gpus == 1 ? " GPU" : " GPUs");
  const std::string such = aws::type_with_gpus(plan.prices->catalogue(), plan.prices->region(), gpus);
  const std::string hint = such.empty() ? "" : "take a node group with a type that has them, " + such;
  if (plan.fargate) {
    column.error("capacity", what + ": Fargate runs no pods with GPUs", hint);
    return;
  }
  if (plan.karpenter != nullptr) {
    if (such.empty())
      column.error("capacity", what + ": no instance type of " + plan.prices->region() + " has as many");
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
  if (!offers.empty()) column.error("capacity", what + ": " + offers, hint);
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

void check_machine_needs(document::Fields& column, const Setting& setting, const EksPlan& plan) {
  const auto check = [&](const auto& spec) {
    const MachineNeeds& needs = needs_of(spec.kubernetes_pod.get());
    if (needs.gpus > 0) check_gpus(column, plan, spec.name, needs.gpus);
    for (const auto& [resource, amount] : needs.others) check_extended(column, plan, spec.name, resource, amount);
    if (needs.windows)
      column.error("capacity", spec.name + " runs Windows: the nodes of this column run Linux",
                   "nodes with Windows are neither modelled nor priced on EKS");
  };
  for (const WorkloadSpec& w : setting.workloads) check(w);
  for (const JobSpec& j : setting.jobs) check(j);
}

}  // namespace plimsoll::eks
