#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::engine {

/// One sentence for each application and reason of pods that wait at the end of a run and have waited for at least five
/// minutes (a periodic flush of the scheduler's queue): how many, since when, and why, as the real system says it.
/// Likewise one for each workload whose pods the API refuses at the end. `pod_word`: "pod" or "task".
std::vector<std::string> pending_remarks(World& world, std::string_view pod_word);

}  // namespace plimsoll::engine
