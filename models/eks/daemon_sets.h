#pragma once

#include "models/eks/plan.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// Counts the DaemonSets of a column, of apps and beside them. One whose size or number is scaled is an error (a
/// DaemonSet has no scale subresource); those that a column on Fargate leaves out are remarks of its plan: Fargate runs
/// no DaemonSets, and an app that is one runs there as a Deployment. SOURCE: EKS user guide, "AWS Fargate
/// considerations".
void count_daemon_sets(document::Fields& column, const Setting& setting, bool fargate, EksPlan& plan);

}  // namespace plimsoll::eks
