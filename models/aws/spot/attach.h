#pragma once

#include <span>
#include <string_view>

#include "models/aws/spot/capacity_pools.h"

namespace plimsoll::aws {

/// Attaches the world's faults to a column: the capacity pools of its instance types (all zones), and the hosts that
/// break by themselves. Call it before the components that launch; the answer is what they ask for capacity.
HandlerId attach_faults(World& world, const PriceBook& prices, const Faults& faults,
                        std::span<const std::string_view> types);

}  // namespace plimsoll::aws
