#pragma once

#include <string>
#include <vector>

#include "sim/cli/explain.h"

namespace plimsoll::cli {

/// Whether AWS launches and ends the group's instances one by one, as a Managed Instances provider.
bool is_managed_instances(Subject& subject, NodeGroupId group);

/// Why such an instance was launched.
std::string managed_launch_text();

/// Why such an instance went, where its provider decided so; empty otherwise, and while it is there.
std::string managed_end_text(const Subject& subject, const Node& node);

/// What became of one of a group's instances at an instant.
struct InstanceStep {
  Time at{};
  NodeId node;
  std::string what;  ///< "asked for", "draining: consolidation", "shut down: scale_down"
};
/// In their order, from `from` to `to`.
std::vector<InstanceStep> instance_steps(const Subject& subject, NodeGroupId group, Time from, Time to);

}  // namespace plimsoll::cli
