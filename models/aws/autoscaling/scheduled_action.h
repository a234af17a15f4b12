#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/aws/autoscaling/group_config.h"
#include "sim/document/fields.h"

namespace plimsoll::aws {

struct ParsedRecurrence {
  std::vector<Schedule> schedules;  ///< whichever comes first; empty with an error
  std::string error;
};
/// The Recurrence of a scheduled action of a group: a five-field Unix cron expression (0 or 7 = Sunday). With a day of
/// the month and one of the week it runs on the days of either. SOURCE: EC2 Auto Scaling API,
/// PutScheduledUpdateGroupAction (Unix cron syntax, crontab); crontab(5) (either of the two day fields).
ParsedRecurrence parse_recurrence(std::string_view crontab);

/// One entry of `scheduledActions` of a group. Faults go to the fields.
GroupAction read_group_action(document::Fields& fields);

/// Why PutScheduledUpdateGroupAction would refuse the sizes and times; empty when it would not.
std::string group_action_error(const GroupAction& action);

}  // namespace plimsoll::aws
