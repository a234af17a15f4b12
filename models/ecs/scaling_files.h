#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/ecs/api/documents.h"
#include "models/ecs/scaling_plan.h"
#include "sim/document/fields.h"

namespace plimsoll::ecs {

/// Takes scalable targets, policies and scheduled actions out of `files` that are for a service of one of the names in
/// another cluster than the column's (`cluster`), or, where the column says none, than the one that the service's own
/// file says; a ResourceId is service/CLUSTER/SERVICE. One warning for each such service; `told`: of what differs from
/// the service's own file the reader of the files has warned already.
void leave_out_other_clusters(document::Fields& column, const std::vector<std::string>& names,
                              const std::vector<api::Service>& services, bool told, api::Documents& files);

/// Warns of alarms with an action on a scaling policy of a service that is in none of the files: it does nothing. An
/// action on a policy of an Auto Scaling group is left alone.
void warn_of_missing_policies(document::Fields& column, const std::vector<const api::Documents*>& files);

/// The alarms that count: of one name the last, and the column's own in the place of the scenario's files'.
std::vector<const api::MetricAlarm*> alarms_that_count(const api::Documents& own, const api::Documents& shared);

/// The composite alarms, each after those that its rule names; one that names an alarm which is not there, or stands in
/// a ring of them, is an error. `alarms`: the names of all others.
std::vector<PlannedComposite> plan_composites(document::Fields& column, const api::Documents& own,
                                              const api::Documents& shared, std::vector<std::string_view> alarms);

}  // namespace plimsoll::ecs
