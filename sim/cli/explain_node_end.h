#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/cli/explain.h"
#include "sim/cli/explain_launch.h"

namespace plimsoll::cli {

/// What took a node that no autoscaler found superfluous: a failure, a notice of EC2, its lifetime, a repair, an
/// update. Empty when an autoscaler's own decision did; what it said of the node before is no reason in all other
/// cases.
std::string fate_of(const Subject& subject, const Node& node);

/// Why its group ended it: a scale-in, AZ rebalancing, capacity rebalancing, an instance refresh, the end of an update;
/// empty when it is of none, or its group did not. `by` is the key for programs.
std::string group_end_of(Subject& subject, const DecisionLog& log, const Node& node, std::string& by);

/// Everything that is known of its end, or of its being drained; nothing while nobody wants it gone.
NodeCause end_cause(Subject& subject, const DecisionLog& log, const Node& node, const report::TerminalStyle& style);

/// The pods that a node which is on its way out waits for at the end of the replay, and what holds each.
std::vector<std::pair<PodId, std::string>> pods_holding(Subject& subject, const Node& node);

/// Why it was no longer what its NodePool asks for; empty when it had not drifted.
std::string drift_cause(const Subject& subject, const Node& node);

}  // namespace plimsoll::cli
