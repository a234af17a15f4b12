#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/units.h"

namespace plimsoll::ecs {

/// Resources of one instance type of the group as tasks see them (registered, empty instance).
struct InstanceRoom {
  Cpu cpu;
  Bytes memory;
  std::int64_t enis = 0;  ///< awsvpc tasks that it can hold
  std::int64_t gpus = 0;
};

/// Tasks in PROVISIONING of one provider with identical needs.
struct UnplacedGroup {
  Cpu cpu;
  Bytes memory;
  std::int64_t enis = 0;  ///< a task; 1 for awsvpc
  std::int64_t gpus = 0;
  bool static_ports = false;       ///< a host port: one such task an instance
  bool distinct_instance = false;  ///< one task of the group an instance
  std::int64_t tasks = 0;
};

struct NeededInstances {
  std::int64_t additional = 0;      ///< instances to add, within the step sizes; 0 when nothing can be placed by adding
  std::int64_t needed = 0;          ///< M = running + additional; M of a quiet provider is the count of busy instances
  std::int64_t excluded_tasks = 0;  ///< of groups that the smallest type cannot hold: they stay PROVISIONING
};

/// M of cluster auto scaling when tasks wait. Each group's lower bound is ceil(tasks / tasks of it that the largest
/// type holds, every resource by itself); groups that do not fit the smallest type are left out; the largest bound,
/// clamped to the step sizes, is added to the running instances. With nothing to add, needed = busy_instances (those
/// with at least one non-daemon task), or running_instances when all that waits was left out. `types`: the types that
/// the group may launch; largest and smallest are taken per resource. `binpacks` false: a group of several zones or
/// types before October 2020, which always asked for running + minimum_step (aws/containers-roadmap issue 960;
/// observed). Source: Amazon ECS Developer Guide, "Amazon ECS managed scaling behavior"; awslabs/ec2-spot-workshops
/// content/ecs-spot-capacity-providers/module-1/service_view.md; documented; maximum over the groups rather than their
/// sum: our reading of "maximum calculated instance count"; `sums` adds them up instead.
NeededInstances cas_needed_instances(std::span<const InstanceRoom> types, std::span<const UnplacedGroup> groups,
                                     std::int64_t running_instances, std::int64_t busy_instances,
                                     std::int64_t minimum_step, std::int64_t maximum_step, bool binpacks = true,
                                     bool sums = false);

}  // namespace plimsoll::ecs
