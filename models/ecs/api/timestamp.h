#pragma once

#include <optional>
#include <string_view>

#include "models/aws/eventbridge/schedule.h"
#include "models/ecs/api/object.h"

namespace plimsoll::ecs::api {

/// An instant as the AWS command line writes or takes it: "2026-03-02T06:00:00Z", "2026-03-02T06:00:00.123000+01:00",
/// or seconds since 1970. Fractions of a second are dropped. Nothing when absent; anything else is an error.
std::optional<aws::EpochSeconds> read_timestamp(Object& object, std::string_view key);

}  // namespace plimsoll::ecs::api
