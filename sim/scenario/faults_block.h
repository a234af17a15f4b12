#pragma once

#include <string>
#include <vector>

#include "sim/document/fields.h"
#include "sim/policy/faults.h"

namespace plimsoll::scenario {

/// Reads the `faults` block, what capacity pools and instances suffer, and `quotas` beside it. `zones` are the
/// scenario's zones; `assumed` takes note of every figure.
Faults read_faults(document::Fields& scenario, const std::vector<std::string>& zones,
                   std::vector<std::string>& assumed);

}  // namespace plimsoll::scenario
