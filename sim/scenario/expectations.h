#pragma once

#include <string>
#include <vector>

#include "sim/document/fields.h"
#include "sim/scenario/scenario.h"

namespace plimsoll::scenario {

/// Reads `expect: {ui.latency.p99: "< 500ms in 99% of 5min", requests.lost: "< 0.1%", pending.p99: "< 5min"}`. Latency
/// is judged at the entry application over windows of five minutes, the others over the whole span.
std::vector<Expectation> read_expectations(document::Fields& scenario, const std::string& entry,
                                           const std::vector<std::string>& apps);

}  // namespace plimsoll::scenario
