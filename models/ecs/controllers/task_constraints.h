#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "models/ecs/cluster_query_language.h"
#include "models/ecs/controllers/instance_view.h"
#include "models/ecs/placement.h"

namespace plimsoll::ecs {

/// What one application asks of container instances beyond resources.
struct TaskConstraints {
  bool distinct_instance = false;
  std::vector<ClusterQuery> member_of;
  std::vector<PortKey> host_ports;        ///< sorted
  std::vector<NameId> spread_attributes;  ///< that its strategies spread over

  bool empty() const {
    return !distinct_instance && member_of.empty() && host_ports.empty() && spread_attributes.empty();
  }
};

/// Whether an instance meets all of the expressions as it is now.
bool meets_all(const World& world, NodeId instance, const std::vector<ClusterQuery>& expressions);

/// Looks constraints up on the instances of a view. An instance has the attributes ecs.instance-type,
/// ecs.availability-zone, ecs.os-type (linux), ecs.os-family (LINUX), ecs.cpu-architecture (x86_64) and those that its
/// group gives it, which are labels of its node. SOURCE: ECS developer guide, "Amazon ECS task placement constraints",
/// "Cluster query language"; docker reserves a host port for as long as the task's reservation lasts.
/// Left out: ecs.ami-id, ecs.vpc-id, ecs.subnet-id; registeredAt counts from the start of the run.
class ConstraintMasks {
 public:
  using PortsOf = std::function<const std::vector<PortKey>*(WorkloadId)>;
  /// Puts into `need`, and into the view's columns, what the constraints make of the instances as they are; both are
  /// good until the next call. `ports_of`: host ports of another workload's tasks, null without any.
  void apply(const World& world, const TaskConstraints& constraints, const PortsOf& ports_of, InstanceView& view,
             TaskNeed& need);

 private:
  std::vector<std::uint8_t> member_of_;
  std::vector<std::vector<PortKey>> used_;
  std::vector<std::vector<std::uint32_t>> values_;
  std::vector<AttributeColumn> attributes_;
};

}  // namespace plimsoll::ecs
