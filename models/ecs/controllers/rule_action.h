#pragma once

#include <cstdint>
#include <string>

#include "sim/cluster/world.h"

namespace plimsoll::ecs {

/// What a target of an event rule or a schedule did when it acted; with a function, after its run.
struct RuleActionDetail : Detail {
  std::string rule;  ///< "rule NAME", "schedule NAME"
  bool function = false;
  std::string action;                  ///< "run tasks", "scale", "stop tasks", "put scaling", "call policy", "invoke"
  WorkloadId workload;                 ///< whose tasks or size it is about; none of a function alone
  std::int64_t before = 0, after = 0;  ///< desired count
  std::int64_t tasks = 0;              ///< stopped by it
};

}  // namespace plimsoll::ecs
