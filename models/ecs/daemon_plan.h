#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/ecs/capacity_plan.h"
#include "models/ecs/cluster_query_language.h"
#include "models/ecs/controllers/daemon_scheduler.h"
#include "models/ecs/placement.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// Static host ports by workload.
using HeldPorts = std::vector<std::pair<WorkloadId, std::vector<PortKey>>>;

/// A service with schedulingStrategy DAEMON, or a managed daemon of Managed Instances.
struct DaemonService {
  std::string name;
  Cpu cpu;  ///< of its task
  Bytes memory;
  std::int64_t enis = 0;            ///< 1 in network mode awsvpc
  std::vector<PortKey> host_ports;  ///< static ones, sorted
  Cpu used;                         ///< by a running task
  Bytes image;
  std::string image_name;
  std::vector<std::string> further_images;  ///< of its other containers
  std::int64_t minimum_healthy_percent = 0;
  std::vector<ClusterQuery> member_of;  ///< of the service and its task definition, or of the column
  std::vector<std::string> providers;   ///< on whose instances it runs; empty: all
  std::vector<Duration> deployments;    ///< of new revisions, since the beginning of the counted window
  std::optional<ManagedDaemon> managed;
  DaemonDeploymentGuard guard;  ///< of a DAEMON service in a file
};

/// The daemon services of a column: those under `daemons`, and those of the real files (a service with
/// schedulingStrategy DAEMON, with its task definition). On Managed Instances those under `daemons` are managed
/// daemons; in a column that has Auto Scaling groups beside them the DAEMON services of the files run on the groups.
struct DaemonPlan {
  std::vector<DaemonService> services;
  FailingTaskThrottle throttle;
  std::int64_t breaker_minimum = 3;    ///< on the scenario's date
  std::vector<Unholdable> unholdable;  ///< applications that fit no instance beside the daemons

  /// Faults go to the fields. A column on Fargate, whose capacity takes no daemons, refuses `daemons` and leaves those
  /// of the files out with a warning; one with Managed Instances alone leaves the DAEMON services of the files out.
  /// SOURCE: ECS developer guide, "Amazon ECS services" (daemon strategy).
  static DaemonPlan read(document::Fields& column, const Setting& setting, const CapacityPlan& capacity);
  /// Adds their workloads and, when there are any, their scheduler to the world. Answers with the host ports of those
  /// that hold some. `others`: those of the tasks that are no daemons.
  HeldPorts build(World& world, const HeldPorts& others = {}) const;
  /// What the daemons reserve of each instance of a provider.
  ResourceVector taken(std::string_view provider) const;
};

}  // namespace plimsoll::ecs
