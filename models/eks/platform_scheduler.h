#pragma once

#include "models/eks/plan.h"
#include "sim/document/fields.h"

namespace plimsoll::eks {

/// Reads `schedulerConfig: FILE`, a KubeSchedulerConfiguration, under the plan's kubernetesVersion, which is read
/// before. EKS does not let its own kube-scheduler be configured, so a remark says what the column then stands for: a
/// second kube-scheduler, deployed with this file. EKS's own has the profile default-scheduler beside it, unless the
/// file takes that name too. Source: EKS user guide and containers-roadmap issue 1468 "Custom configuration of the
/// kube-scheduler".
void parse_scheduler_configuration(document::Fields& f, EksPlan& plan);

}  // namespace plimsoll::eks
