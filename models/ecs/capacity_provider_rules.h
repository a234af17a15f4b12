#pragma once

#include "models/ecs/capacity_plan.h"
#include "sim/document/fields.h"

namespace plimsoll::ecs {

/// Reports what CreateCapacityProvider refuses beyond ranges: names that AWS keeps for itself, or with other letters,
/// and a minimum scaling step above the maximum. SOURCE: API CreateCapacityProvider (2026); the words of the refusals
/// as users quote them (observed).
void check_capacity_providers(document::Fields& column, const CapacityPlan& capacity);

}  // namespace plimsoll::ecs
