#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/time.h"

namespace plimsoll::eks::ca {

/// One --nodes=min:max:name: an Auto Scaling group with bounds of its own.
struct NodeGroupSpec {
  std::int64_t minimum = 0, maximum = 0;
  std::string name;
};
/// SOURCE: kubernetes/autoscaler cluster-autoscaler/config/dynamic/node_group_spec.go: min from 0 up, max from min up
/// and above 0, a name.
std::optional<NodeGroupSpec> parse_node_group_spec(std::string_view text);

/// Whether the autoscaler resizes the group of this name, and within which bounds: those given by `nodes`, else its
/// own, unless `nodes` names other groups and no discovery is asked for. SOURCE:
/// cloudprovider/aws/auto_scaling_groups.go (explicitly configured groups keep their bounds; discovered ones have those
/// of the Auto Scaling group).
struct ManagedBounds {
  bool managed = true;
  std::optional<NodeGroupSpec> given;
};
ManagedBounds managed_bounds(const std::vector<std::string>& nodes, const std::vector<std::string>& discovery,
                             std::string_view group);

/// One --gpu-total=type:min:max; the type is a value of the label k8s.amazonaws.com/accelerator.
struct GpuLimit {
  std::string type;
  std::int64_t minimum = 0, maximum = 0;
};
/// SOURCE: cluster-autoscaler/config/flags/flags.go (parseSingleGpuLimit).
std::optional<GpuLimit> parse_gpu_limit(std::string_view text);

/// Pods of a priority from this one up, to the next, and the time that they may take to end.
struct DrainPriority {
  std::int32_t priority = 0;
  Duration grace{};
};
/// --drain-priority-config=priority:seconds,priority:seconds in ascending order of the priorities; empty when it is
/// none. SOURCE: cluster-autoscaler/config/flags/flags.go (parseShutdownGracePeriodsAndPriorities).
std::vector<DrainPriority> parse_drain_priorities(std::string_view text);
/// Which of them a pod belongs to: the highest that is not above its own, the lowest for a pod below them all.
/// @pre not empty. SOURCE: cluster-autoscaler/core/scaledown/actuation/priority.go (groupIndex).
std::size_t drain_group(const std::vector<DrainPriority>& priorities, std::int32_t priority);

}  // namespace plimsoll::eks::ca
