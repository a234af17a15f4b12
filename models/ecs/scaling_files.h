#pragma once

#include <cstdint>
#include <optional>
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
/// the service's own file the reader of the files has warned already. By name: whether a scalable target was left out,
/// whose bounds are not the service's.
std::vector<bool> leave_out_other_clusters(document::Fields& column, const std::vector<std::string>& names,
                                           const std::vector<api::Service>& services, bool told, api::Documents& files);

/// Warns of alarms with an action on a scaling policy of a service that is in none of the files: it does nothing. An
/// action on a policy of an Auto Scaling group is left alone.
void warn_of_missing_policies(document::Fields& column, const std::vector<const api::Documents*>& files);

/// Whether a service's monitoring wants datapoints of 20 s; those of the others are then of 20 s too, which an alarm
/// with a period of a minute averages.
bool asks_for_20_s(const api::Documents& files);

/// Whether a scalable target, a policy or a scheduled action is for the service.
bool speaks_of(const api::Documents& files, const std::string& service);

/// The desiredCount in the file of a service.
std::optional<std::int64_t> size_in_files(const api::Documents& files, const std::string& service);

/// The alarms that count: of one name the last, and the column's own in the place of the scenario's files'.
std::vector<const api::MetricAlarm*> alarms_that_count(const api::Documents& own, const api::Documents& shared);

/// The composite alarms, each after those that its rule names; one that names an alarm which is not there, or stands in
/// a ring of them, is an error. `alarms`: the names of all others.
std::vector<PlannedComposite> plan_composites(document::Fields& column, const api::Documents& own,
                                              const api::Documents& shared, std::vector<std::string_view> alarms);

}  // namespace plimsoll::ecs
