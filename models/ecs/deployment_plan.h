#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/ecs/daemon_plan.h"
#include "models/ecs/lambda_prices.h"
#include "models/ecs/scaling_plan.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// The functions behind the lifecycle hooks of a column's deployments.
struct HookFunctions {
  std::int64_t count = 0;
  std::optional<LambdaPrices> prices;  ///< when there are some

  static HookFunctions read(document::Fields& column, const Setting& setting, aws::PriceBook& prices);
};

/// Warns of alarms that deployments, of daemons too, name and no file describes: they watch nothing.
void check_deployment_alarms(document::Fields& column, const Setting& setting,
                             const std::vector<DaemonService>& daemons, const ScalingPlan& scaling);

}  // namespace plimsoll::ecs
