#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/aws/billing/ratio.h"

namespace plimsoll::aws::charges {

/// Base prices that set the weights of a node's resources, per hour and core, GB, GPU.
/// SOURCE: opencost/opencost configs/aws.json.
struct OpenCostBase {
  Ratio cpu{31'611, 1'000'000};
  Ratio ram_gb{4'237, 1'000'000};
  Ratio gpu{95, 100};
};
struct OpenCostPrices {
  Ratio cpu, ram_gb, gpu;
};
/// Splits a node's price by the base prices, so that cores x cpu + GB x ram + GPUs x gpu gives it back.
/// SOURCE: OpenCost specification 0.1, appendix A; opencost/opencost pkg/costmodel.
OpenCostPrices opencost_prices(Ratio node_usd, Ratio cores, Ratio ram_gb, Ratio gpus, const OpenCostBase& base);

struct OpenCostPod {
  std::string name;
  Ratio cpu_request, cpu_usage;
  Ratio ram_request_gb, ram_usage_gb;
};
struct OpenCostShare {
  std::string name;
  Ratio cpu_usd, ram_usd;            ///< with its part of the idle cost when that is shared
  Ratio idle_cpu_usd, idle_ram_usd;  ///< that part
  Ratio cpu_efficiency, ram_efficiency, total_efficiency;
};
struct OpenCostSplit {
  Ratio idle_cpu_usd, idle_ram_usd, idle_usd;
  Ratio idle_fraction;          ///< of the node's cost
  bool over_allocated = false;  ///< the pods' cost is above the node's: idle is held at zero
  std::vector<OpenCostShare> pods;
};
/// Cost of each pod = max(request, usage) x hours x price, idle = node - pods, shared in proportion to the pods' cost
/// of that resource or kept apart. Efficiency = usage / request (1 with usage and no request, 0 with neither); the
/// total is the mean weighted by cost. SOURCE: OpenCost specification 0.1; opencost/opencost
/// core/pkg/opencost/allocation.go.
OpenCostSplit opencost_allocation(Ratio node_usd_per_hour, Ratio cores, Ratio ram_gb, Ratio gpus, Ratio hours,
                                  const OpenCostBase& base, std::span<const OpenCostPod> pods, bool share_idle);

}  // namespace plimsoll::aws::charges
