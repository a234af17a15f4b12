#include "models/ecs/column_balancers.h"

#include <algorithm>

namespace plimsoll::ecs {

bool takes_balancers(const CapacityPlan& capacity) {
  return capacity.providers.empty() ||
         std::any_of(capacity.providers.begin(), capacity.providers.end(),
                     [](const CapacityProvider& p) { return p.kind != ProviderKind::external; });
}

Surroundings column_surroundings(const Setting& setting, const CapacityPlan& capacity) {
  Surroundings out = setting.around;
  if (!takes_balancers(capacity)) out.load_balancers = out.network_load_balancers = out.classic_load_balancers = 0;
  return out;
}

std::vector<std::string> left_out_balancers(const Setting& setting, const CapacityPlan& capacity) {
  const Surroundings& around = setting.around;
  const std::int64_t all = around.load_balancers + around.network_load_balancers + around.classic_load_balancers;
  if (all == 0 || takes_balancers(capacity)) return {};
  return {"no load balancer in the place of the scenario's " + std::to_string(all) +
          ": external instances do not support service load balancing"};
}

void add_surroundings_here(BuildContext& context, aws::Meters& meters, const aws::SurroundingPrices& prices,
                           const Surroundings& here, const std::vector<WorkloadId>& workloads) {
  Setting setting = context.setting;
  setting.around = here;
  BuildContext surroundings{context.world, context.bill, setting};
  aws::add_surroundings(surroundings, meters, prices, workloads);
}

}  // namespace plimsoll::ecs
