#pragma once

#include <memory>

#include "sim/policy/registry.h"

namespace plimsoll::ecs {

/// `type: ecs`: a cluster whose tasks run on Fargate, on container instances of Auto Scaling groups, on Managed
/// Instances or on machines of one's own, or some here and some there.
std::unique_ptr<PlatformType> ecs_platform();

/// Enters the platform, its policies and (models/ecs/api) the readers of its files.
void register_ecs(Registry& registry);

}  // namespace plimsoll::ecs
