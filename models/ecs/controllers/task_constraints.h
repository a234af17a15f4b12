#pragma once

#include <cstdint>
#include <functional>
#include <span>
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
  NameId architecture;                    ///< value of ecs.cpu-architecture that it needs; none: any
  NameId architecture_attribute;          ///< "ecs.cpu-architecture", a label of nodes

  bool empty() const {
    return !distinct_instance && member_of.empty() && host_ports.empty() && spread_attributes.empty() &&
           architecture.is_none();
  }
};

/// Whether an instance meets all of the expressions (by_calendar of the run) as it is now.
bool meets_all(const World& world, NodeId instance, const std::vector<ClusterQuery>& expressions);

/// The attribute of an instance's CPU architecture, x86_64 or arm64.
inline constexpr std::string_view kArchitectureAttribute = "ecs.cpu-architecture";
/// TCP ports that every Linux container instance keeps: SSH, Docker, the agent. Ascending.
/// SOURCE: ECS developer guide, "Task definition parameters" (portMappings: default reserved ports).
inline constexpr std::uint16_t kReservedPorts[] = {22, 2375, 2376, 51678, 51679};
bool is_reserved_port(PortKey port);

/// Capabilities that the agent registers as attributes on the ECS-optimised Linux image. SOURCE: amazon-ecs-agent,
/// agent/app/agent_capability.go; ECS developer guide, "Add an attribute".
extern const std::span<const std::string_view> kCapabilities;
/// The built-in attributes whose values a run knows: "ecs.instance-type", ...
extern const std::span<const std::string_view> kKnownAttributes;
/// Those that an instance has, but with a value that no scenario tells.
extern const std::span<const std::string_view> kUnknownAttributes;

/// Looks constraints up on the instances of a view. An instance has the attributes ecs.instance-type,
/// ecs.availability-zone, ecs.os-type (linux), ecs.os-family (LINUX), ecs.cpu-architecture (of its type; x86_64 where
/// it is not known), the capabilities of today's agent on Linux (kCapabilities, without a value) and those that its
/// group gives it, which are labels of its node. SOURCE: ECS developer guide, "Amazon ECS task placement constraints",
/// "Cluster query language"; docker reserves a host port for as long as the task's reservation lasts. Ports that the
/// agent keeps for itself are in use on every instance (API RegisterContainerInstance: 22, 2375, 2376, 51678, 51679).
/// registeredAt counts from simulated time zero, as queries by_calendar do. Left out: ecs.ami-id, ecs.vpc-id,
/// ecs.subnet-id.
class ConstraintMasks {
 public:
  using PortsOf = std::function<const std::vector<PortKey>*(WorkloadId)>;
  /// Puts into `need`, and into the view's columns, what the constraints make of the instances as they are; both are
  /// good until the next call. `ports_of`: host ports of another workload's tasks, null without any.
  void apply(const World& world, const TaskConstraints& constraints, const PortsOf& ports_of, InstanceView& view,
             TaskNeed& need);

 private:
  std::vector<std::uint8_t> member_of_, has_attributes_;
  std::vector<std::vector<PortKey>> used_;
  std::vector<std::vector<std::uint32_t>> values_;
  std::vector<AttributeColumn> attributes_;
};

}  // namespace plimsoll::ecs
