#pragma once

#include <cstdint>
#include <memory>

#include "models/aws/controllers/meters.h"
#include "models/aws/price_book.h"
#include "sim/cluster/world.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// Machines of one's own, registered with ECS Anywhere (launch type EXTERNAL). Their tasks take no network interface:
/// the network mode is bridge, host or none. SOURCE: ECS developer guide, "Amazon ECS clusters for external instances".
struct ExternalCapacity {
  std::int64_t count = 0;
  ResourceVector registered;
  Rate fee_per_hour;

  static ExternalCapacity read(document::Fields& column, document::Fields& external, aws::PriceBook& prices);
};

/// The machines of a world, there from the start and for the fee by the hour alone.
std::unique_ptr<Component> external_instances(BuildContext& context, aws::Meters& meters,
                                              const ExternalCapacity& external, NodeGroupId group);

}  // namespace plimsoll::ecs
