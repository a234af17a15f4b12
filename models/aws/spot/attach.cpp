#include "models/aws/spot/attach.h"

#include "models/aws/capacity/host_failures.h"

namespace plimsoll::aws {

HandlerId attach_faults(World& world, const PriceBook& prices, const Faults& faults,
                        std::span<const std::string_view> types) {
  auto pools = std::make_unique<CapacityPools>(faults);
  for (const std::string_view type : types) add_pools(world, *pools, prices, faults, type);
  const HandlerId id = world.attach(std::move(pools));
  if (faults.node_failures.raw() > 0) world.attach(std::make_unique<HostFailures>(faults.node_failures));
  return id;
}

}  // namespace plimsoll::aws
