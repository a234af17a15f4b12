#include "models/ecs/windows_tasks.h"

#include <algorithm>

namespace plimsoll::ecs {

WindowsTasks WindowsTasks::read(document::Fields& column, const Setting& setting, aws::PriceBook& prices,
                                const CapacityPlan& capacity, const std::vector<ContainerLifecycle>& lifecycles) {
  WindowsTasks out;
  const auto check = [&](const std::string& name, Cpu cpu, bool windows) {
    const std::size_t task = out.is_windows.size();
    out.is_windows.push_back(windows);
    if (!windows) return;
    if (!capacity.fargate(task)) {
      column.error("capacity", name + " is a Windows task: the container instances of this column run Linux",
                   "run it on capacity: fargate; instances with Windows are not priced");
    } else if (capacity.uses(task, ProviderKind::fargate_spot)) {
      column.error("capacity", name + " is a Windows task: Fargate Spot runs Linux only", "write capacity: fargate");
    } else if (cpu != cpu_cores(1) && cpu != cpu_cores(2) && cpu != cpu_cores(4)) {
      column.error("capacity", name + " is a Windows task: Fargate runs it with 1, 2 or 4 vCPU, not " + to_string(cpu));
    }
  };
  std::size_t i = 0;
  for (const WorkloadSpec& w : setting.workloads) check(w.name, w.ecs.cpu, lifecycles[i++].windows);
  for (const JobSpec& j : setting.jobs) check(j.name, j.ecs.cpu, lifecycles[i++].windows);
  if (out.any() && capacity.has_fargate()) {
    out.vcpu_hour = prices.service(column, "fargate", "windows_x86_64_vcpu");
    out.gb_hour = prices.service(column, "fargate", "windows_x86_64_mem");
    out.licence_hour = prices.service(column, "fargate", "windows_os_licence");
  }
  return out;
}

bool WindowsTasks::any() const {
  return std::any_of(is_windows.begin(), is_windows.end(), [](bool windows) { return windows; });
}

aws::FargateLines WindowsTasks::lines(BuildContext& context) const {
  billing::LineItem line;
  line.item = "fargate/vcpu/windows";
  line.label = "Fargate Windows vCPU and OS licence";
  line.rate = Rate{vcpu_hour.raw() + licence_hour.raw()};
  line.unit = "vCPU-Hours";
  line.scale = kCpuTicksPerVcpu;
  line.minimum = minutes(5);
  line.service = "Amazon Elastic Container Service";
  line.category = "Compute";
  line.resource_type = "Task";
  line.sku = "Fargate-Windows-vCPU-Hours:perCPU";
  aws::FargateLines out;
  out.used = true;
  out.vcpu = context.bill.line(line);
  line.item = "fargate/memory/windows";
  line.label = "Fargate Windows memory";
  line.rate = gb_hour;
  line.unit = "GB-Hours";
  line.scale = kGiB;
  line.sku = "Fargate-Windows-GB-Hours";
  out.memory = context.bill.line(line);
  return out;
}

}  // namespace plimsoll::ecs
