#pragma once

#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/scenario/scenario.h"

namespace plimsoll::scenario {

/// A workload that no column can hold is a fault of the scenario, with what each column says of it; so is one that the
/// API of a column refuses. One that some
/// column holds runs everywhere: where it is too large, its pods wait for ever, as they would with the real scheduler;
/// of that the column warns, and the run reports it with its reasons.
void judge_unholdable(const std::vector<Column>& columns, document::Diagnostics& diagnostics);

}  // namespace plimsoll::scenario
