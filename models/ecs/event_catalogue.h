#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::ecs {

/// What the ARNs of a column's events are made of.
struct EventOrigin {
  std::string region, account, cluster;
  std::vector<std::string> families;  ///< of its task definitions

  /// "arn:aws:ecs:REGION:ACCOUNT:cluster/CLUSTER".
  std::string cluster_arn() const;
  /// "arn:aws:ecs:REGION:ACCOUNT:KIND/CLUSTER/NAME": of a task, a service, a container instance.
  std::string arn(std::string_view kind, std::string_view name) const;
  /// "arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION".
  std::string definition_arn(std::string_view family, std::uint32_t revision) const;
  /// "ecs-svc/NUMBER": of a deployment of a service, by which its tasks are started.
  static std::string deployment_id(std::string_view service, std::uint32_t revision);
};

/// One kind of event that a column brings forth, with the fields that it may have beside those of every event.
struct KnownEvent {
  std::string_view source, detail_type;
  std::span<const std::string_view> fields;
};
/// SOURCE: ECS developer guide, "Amazon ECS events"; CloudWatch user guide, "Alarm events and EventBridge"; EC2 user
/// guide, "Spot Instance interruption notices", "EC2 instance rebalance recommendations", "State change events for your
/// instances"; EC2 Auto Scaling user guide, "Amazon EC2 Auto Scaling event reference" (launches and terminations; left
/// out: lifecycle actions, refreshes, warm pools as origin); ECS developer guide, "AWS Fargate task retirement notice".
std::span<const KnownEvent> known_events();

/// Warns where an event pattern can never match: a source, detail-type or path that no event of a column has, with the
/// nearest that one has, and a field whose values none of the events takes (a status, an ARN of another account,
/// cluster or family). `pattern` has passed EventPattern::parse.
void check_event_pattern(const document::Node& pattern, const EventOrigin& origin, document::Diagnostics& diagnostics,
                         const std::string& path);

}  // namespace plimsoll::ecs
