#pragma once

#include <string>
#include <vector>

#include "sim/results/run_result.h"

namespace plimsoll::report {

/// Why a column is listed and not ranked although it broke no promise: in more than half of its replications an
/// application lost every request that it was sent, or nothing of the applications ever found a place. A bill for
/// nothing is no price. Empty when the column serves.
std::string not_serving(const results::ColumnResult& column);

/// "the maximum of ui binds for 97.6 % of the span": applications whose desired count stands at its maximum for more
/// than a hundredth of the counted window, mean over replications, in the order of the scenario. Then the other limits
/// that held something back for so long: groups, pools, quotas.
std::vector<std::string> binding_limits(const results::ColumnResult& column);

}  // namespace plimsoll::report
