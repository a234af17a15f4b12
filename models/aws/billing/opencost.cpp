#include "models/aws/billing/opencost.h"

namespace plimsoll::aws::charges {
namespace {

Ratio efficiency(Ratio usage, Ratio request) {
  if (!request.is_zero()) return usage / request;
  return usage.is_zero() ? Ratio{0} : Ratio{1};
}

}  // namespace

OpenCostPrices opencost_prices(Ratio node_usd, Ratio cores, Ratio ram_gb, Ratio gpus, const OpenCostBase& base) {
  const Ratio cpu_to_ram = base.cpu / base.ram_gb;
  const Ratio gpu_to_ram = base.gpu / base.ram_gb;
  const Ratio multiples = gpus * gpu_to_ram + cores * cpu_to_ram + ram_gb;
  if (multiples.is_zero()) return {};
  const Ratio ram = node_usd / multiples;
  return {ram * cpu_to_ram, ram, gpus.is_zero() ? Ratio{0} : ram * gpu_to_ram};
}

OpenCostSplit opencost_allocation(Ratio node_usd_per_hour, Ratio cores, Ratio ram_gb, Ratio gpus, Ratio hours,
                                  const OpenCostBase& base, std::span<const OpenCostPod> pods, bool share_idle) {
  const OpenCostPrices price = opencost_prices(node_usd_per_hour, cores, ram_gb, gpus, base);
  OpenCostSplit out;
  Ratio cpu_sum, ram_sum;
  for (const OpenCostPod& p : pods) {
    OpenCostShare s;
    s.name = p.name;
    s.cpu_usd = max(p.cpu_request, p.cpu_usage) * hours * price.cpu;
    s.ram_usd = max(p.ram_request_gb, p.ram_usage_gb) * hours * price.ram_gb;
    cpu_sum += s.cpu_usd;
    ram_sum += s.ram_usd;
    out.pods.push_back(std::move(s));
  }
  const Ratio cpu_asset = cores * hours * price.cpu, ram_asset = ram_gb * hours * price.ram_gb;
  out.over_allocated = cpu_sum > cpu_asset || ram_sum > ram_asset;
  out.idle_cpu_usd = max(cpu_asset - cpu_sum, Ratio{0});
  out.idle_ram_usd = max(ram_asset - ram_sum, Ratio{0});
  out.idle_usd = out.idle_cpu_usd + out.idle_ram_usd;
  const Ratio asset = node_usd_per_hour * hours;
  out.idle_fraction = asset.is_zero() ? Ratio{0} : out.idle_usd / asset;

  for (std::size_t i = 0; i < pods.size(); ++i) {
    OpenCostShare& s = out.pods[i];
    if (share_idle) {
      if (!cpu_sum.is_zero()) s.idle_cpu_usd = out.idle_cpu_usd * (s.cpu_usd / cpu_sum);
      if (!ram_sum.is_zero()) s.idle_ram_usd = out.idle_ram_usd * (s.ram_usd / ram_sum);
      s.cpu_usd += s.idle_cpu_usd;
      s.ram_usd += s.idle_ram_usd;
    }
    s.cpu_efficiency = efficiency(pods[i].cpu_usage, pods[i].cpu_request);
    s.ram_efficiency = efficiency(pods[i].ram_usage_gb, pods[i].ram_request_gb);
    const Ratio cost = s.cpu_usd + s.ram_usd;
    if (!cost.is_zero()) {
      s.total_efficiency = (s.cpu_efficiency * s.cpu_usd + s.ram_efficiency * s.ram_usd) / cost;
    }
  }
  return out;
}

}  // namespace plimsoll::aws::charges
