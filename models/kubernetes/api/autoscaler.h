#pragma once

#include <string>
#include <string_view>

#include "models/kubernetes/api/objects.h"

namespace plimsoll::kubernetes::api {

/// autoscaling/v1, v2, v2beta1 and v2beta2.
void read_autoscaler(Object& o, std::string_view api_version, Objects& out);

/// spec.behavior; a direction that is absent has its defaults.
ScalingBehavior read_behavior(const document::Node& node, document::Diagnostics& diagnostics, std::string path);

}  // namespace plimsoll::kubernetes::api
