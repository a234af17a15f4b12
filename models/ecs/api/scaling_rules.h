#pragma once

#include "models/ecs/api/documents.h"
#include "sim/document/diagnostics.h"

namespace plimsoll::ecs::api {

/// Reports what Application Auto Scaling refuses of a set of calls for one service together: a target that no call
/// gives both bounds, two target tracking policies on one metric, policies on requests of a service without a target
/// group, more policies or scheduled actions than a target may have; and warns of a policy that a later one of its name
/// replaces. SOURCE: API RegisterScalableTarget ("required when registering a new scalable target"), PutScalingPolicy,
/// PredefinedMetricSpecification (2026); Application Auto Scaling user guide, "Quotas" (50 policies, 200 scheduled
/// actions); the words on target tracking as users quote them (observed).
void check_scaling(const Documents& documents, document::Diagnostics& diagnostics);

/// Of the policies of one name for one service the last, as PutScalingPolicy replaces the one before it.
void keep_last_policies(Documents& documents);

}  // namespace plimsoll::ecs::api
