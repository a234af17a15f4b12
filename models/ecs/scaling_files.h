#pragma once

#include <string>
#include <vector>

#include "models/ecs/api/documents.h"
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

}  // namespace plimsoll::ecs
