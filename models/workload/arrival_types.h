#pragma once

#include <string_view>

#include "sim/core/units.h"
#include "sim/policy/registry.h"

namespace plimsoll::workload {

/// Requests per second from "200/s", "12000/min" or "5k/h"; a bare number other than 0 is an error, since every
/// quantity of a scenario carries its unit.
Parsed<double> parse_request_rate(std::string_view text);

/// Enters the kinds of load: trace, constant, diurnal, flashCrowd, steps.
void register_workload(Registry& registry);

}  // namespace plimsoll::workload
