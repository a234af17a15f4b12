#include "models/ecs/gpu_tasks.h"

#include <algorithm>
#include <string>

#include "models/aws/gpus.h"
#include "sim/policy/machine_needs.h"
#include "sim/policy/unholdable.h"

namespace plimsoll::ecs {

namespace {

/// Whether the Kubernetes file speaks for the ECS side: no ECS file gives this side a size of its own.
template <class Spec>
bool kubernetes_speaks(const Spec& spec) {
  return spec.ecs_file.empty() || spec.ecs_file == spec.kubernetes_file;
}

void check(document::Fields& column, const aws::PriceBook& prices, const CapacityPlan& capacity,
           const std::string& name, const std::string& owner, std::size_t task, std::int64_t gpus,
           std::vector<Unholdable>& into) {
  const std::string what = name + " asks for " + std::to_string(gpus) + (gpus == 1 ? " GPU" : " GPUs");
  const std::string such = aws::type_with_gpus(prices.catalogue(), prices.region(), gpus);
  const std::string hint = such.empty() ? "" : "write capacity: {asg: {type: ...}} with a type that has them, " + such;
  if (capacity.fargate(task)) {
    add_unholdable(into, column, owner, what + ": Fargate does not support GPUs", hint).refused = true;
    return;
  }
  for (std::size_t lane = 0; lane < capacity.providers.size(); ++lane) {
    if (!capacity.uses(task, lane)) continue;
    const CapacityProvider& p = capacity.providers[lane];
    if (p.managed) column.error("capacity", what + ": Managed Instances are modelled without GPU types", hint);
    if (p.external) column.error("capacity", what + ": machines of ECS Anywhere are modelled without GPUs", hint);
    if (!p.asg || p.asg->options.empty()) continue;
    const bool held = std::any_of(p.asg->options.begin(), p.asg->options.end(),
                                  [&](const InstanceOption& o) { return o.registered[Resource::gpus] >= gpus; });
    if (held) continue;
    std::string offers;
    for (const InstanceOption& o : p.asg->options) {
      const std::int64_t n = o.registered[Resource::gpus];
      offers +=
          (offers.empty() ? "" : ", ") + std::string(o.type->name) + " has " + (n == 0 ? "none" : std::to_string(n));
    }
    add_unholdable(into, column, owner, what + ": " + offers, hint);
  }
}

}  // namespace

GpuTasks GpuTasks::read(document::Fields& column, const Setting& setting, const aws::PriceBook& prices,
                        const CapacityPlan& capacity, const std::vector<ContainerLifecycle>& lifecycles) {
  GpuTasks out;
  const auto add = [&](const auto& spec, const std::string& owner) {
    const MachineNeeds& file = needs_of(spec.kubernetes_pod.get());
    std::int64_t gpus = lifecycles[out.gpus.size()].gpus;
    if (gpus == 0 && kubernetes_speaks(spec)) gpus = file.gpus;
    out.gpus.push_back(gpus);
    if (gpus > 0) check(column, prices, capacity, spec.name, owner, out.gpus.size() - 1, gpus, out.unholdable);
    for (const auto& [name, amount] : file.others) {
      if (is_accelerator(name) && kubernetes_speaks(spec))
        column.error("capacity", spec.name + " asks for " + std::to_string(amount) + " " + name +
                                     ", which no instance type of the column offers");
    }
  };
  for (const WorkloadSpec& w : setting.workloads) add(w, w.name);
  for (const JobSpec& j : setting.jobs) add(j, "the job " + j.name);
  return out;
}

}  // namespace plimsoll::ecs
