#pragma once

#include <string>
#include <vector>

#include "sim/document/fields.h"
#include "sim/policy/registry.h"
#include "sim/scenario/scenario.h"

namespace plimsoll::scenario {

/// Reads the `load` block; `entry` becomes the app that requests enter by (`to`), empty when it is not known.
Load read_load(document::Fields& scenario, const Registry& registry, const std::vector<std::string>& apps,
               std::string& entry);

}  // namespace plimsoll::scenario
