#pragma once

#include <string>

#include "sim/scenario/scenario.h"

namespace plimsoll::engine {

/// How the applications of a scenario call each other, a line each: their order (callers first), the rings there are,
/// and of each entry the critical path, the chain of calls that adds most to the CPU time of one of its requests (a
/// call made by 0.3 of the requests counts 0.3; times without any wait for CPU). Empty when nothing calls anything.
/// @pre call_graph(scenario) succeeds.
std::string describe_calls(const scenario::Scenario& scenario);

}  // namespace plimsoll::engine
