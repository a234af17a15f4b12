#pragma once

#include <memory>

#include "sim/policy/readers.h"

namespace plimsoll::ecs::api {

/// Reads the JSON of EventBridge (put-rule, put-targets) and EventBridge Scheduler (create-schedule). They are about no
/// application: the columns read the documents. The family of a task that one runs stands in `definition`.
std::unique_ptr<ManifestReader> event_bridge_reader();

}  // namespace plimsoll::ecs::api
