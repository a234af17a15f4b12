#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/cli/explain.h"
#include "sim/cli/explain_log.h"
#include "sim/policy/group_updates.h"

namespace plimsoll::cli {

/// Why a node came or went, for people (whole lines) and for programs (one JSON value, empty for none).
struct NodeCause {
  std::string text, json;
};

/// Why a node was launched: the scale-up or launch that wanted it, what resized its group, whom it replaces, or whose
/// end it was launched ahead of.
NodeCause launch_cause(Subject& subject, const DecisionLog& log, const Node& node, const report::TerminalStyle& style);
/// What gave a group another desired capacity: an autoscaler, managed scaling, an update, or whoever it was.
NodeCause resize_cause(Subject& subject, const DecisionLog& log, const FactRecord& resize, std::int64_t before,
                       const report::TerminalStyle& style);
/// The update of node groups to another image that had nodes started ahead or takes them back at an instant; null when
/// none did.
const GroupUpdates::Surge* surge_at(Subject& subject, NodeGroupId group, Time at);

/// "a, b and 3 more": ten at most.
std::string listed(std::span<const std::string> names);
std::vector<std::string> pod_names(const Subject& subject, std::span<const PodId> pods);

}  // namespace plimsoll::cli
