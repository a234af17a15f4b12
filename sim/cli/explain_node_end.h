#pragma once

#include <string>

#include "sim/cli/explain.h"

namespace plimsoll::cli {

/// What took a node that no autoscaler found superfluous: a failure, a notice of EC2, its lifetime, a repair, an
/// update. Empty when an autoscaler's own decision did; what it said of the node before is no reason in all other
/// cases.
std::string fate_of(const Subject& subject, const Node& node);

/// Why it was no longer what its NodePool asks for; empty when it had not drifted.
std::string drift_cause(const Subject& subject, const Node& node);

}  // namespace plimsoll::cli
