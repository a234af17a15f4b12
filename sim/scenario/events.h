#pragma once

#include <string>
#include <vector>

#include "sim/cluster/timeline.h"
#include "sim/document/fields.h"

namespace plimsoll::scenario {

/// Reads `events`, the list of what happens at given instants, in the order written. Instants count from the beginning
/// of the counted window, as a duration (6h, 1h30m) or as hours and minutes (06:00, 30:15). Each item names exactly one
/// kind by its key. `daemons`: what can be deployed and rolled back beside the apps. `window`: an event behind its end
/// is a warning. `jobs`: whose pods can lose their scheduling gates, beside the apps'.
std::vector<TimelineEvent> read_events(document::Fields& scenario, const std::vector<std::string>& apps,
                                       const std::vector<std::string>& daemons, const std::vector<std::string>& zones,
                                       Duration window, const std::vector<std::string>& jobs = {});

}  // namespace plimsoll::scenario
