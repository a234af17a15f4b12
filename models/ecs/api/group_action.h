#pragma once

#include <string>
#include <vector>

#include "models/aws/autoscaling/group_config.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::ecs::api {

/// A scheduled action of an Auto Scaling group.
struct GroupScheduledAction {
  std::string group;        ///< AutoScalingGroupName
  aws::GroupAction action;  ///< with its name, on the calendar
  document::Node node;
};

/// The JSON of `aws autoscaling put-scheduled-update-group-action`, one of the ScheduledUpdateGroupActions of
/// describe-scheduled-actions, or batch-put-scheduled-update-group-action, which holds several.
/// SOURCE: EC2 Auto Scaling API, PutScheduledUpdateGroupAction, BatchPutScheduledUpdateGroupAction.
std::vector<GroupScheduledAction> read_group_actions(const document::Node& node, document::Diagnostics& diagnostics);

/// Whether a JSON object is one of these.
bool is_group_action(const document::Node& node);

}  // namespace plimsoll::ecs::api
