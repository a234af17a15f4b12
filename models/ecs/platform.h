#pragma once

#include <memory>

#include "sim/policy/registry.h"

namespace plimsoll::ecs {

/// `type: ecs`: a cluster whose tasks run on Fargate or on container instances of one Auto Scaling group provider.
std::unique_ptr<PlatformType> ecs_platform();

/// Enters the platform, its policies and (models/ecs/api) the readers of its files.
void register_ecs(Registry& registry);

}  // namespace plimsoll::ecs
