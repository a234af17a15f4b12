#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/ecs/capacity_plan.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// A service with schedulingStrategy DAEMON.
struct DaemonService {
  std::string name;
  Cpu cpu;  ///< of its task
  Bytes memory;
  std::int64_t enis = 0;  ///< 1 in network mode awsvpc
  Cpu used;               ///< by a running task
  Bytes image;
  std::string image_name;
  std::int64_t minimum_healthy_percent = 0;
};

/// The daemon services of a column: those under `daemons`, and those of the real files (a service with
/// schedulingStrategy DAEMON, with its task definition).
struct DaemonPlan {
  std::vector<DaemonService> services;

  /// Faults go to the fields. A column on Fargate, whose capacity takes no daemons, refuses `daemons` and leaves those
  /// of the files out with a warning, as does one with Managed Instances. An application that fits no instance beside
  /// the daemons is an error: its tasks would wait for ever. SOURCE: ECS developer guide, "Amazon ECS services"
  /// (daemon strategy).
  static DaemonPlan read(document::Fields& column, const Setting& setting, const CapacityPlan& capacity);
  /// Adds their workloads and, when there are any, their scheduler to the world.
  void build(World& world) const;
};

}  // namespace plimsoll::ecs
