#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/eks/controllers/cluster_autoscaler.h"
#include "sim/cluster/world.h"

namespace plimsoll::cli {

/// Pods, and the words of the predicate that keeps all of them from a node.
using PredicateRefusals = std::vector<std::pair<std::vector<PodId>, std::string>>;

/// Why a new node of a group would take none of the pending pods that find no room on what is there: the first
/// predicate that refuses each, as kube-scheduler words it. Works on copies.
PredicateRefusals group_refusals(World& world, const eks::ScaleUpDetail& pass, std::size_t group);

/// What Cluster Autoscaler's event NotTriggerScaleUp says of one pod: a count for each reason over the groups. Empty
/// when a group takes it. SOURCE: kubernetes/autoscaler cluster-autoscaler/processors/status/
/// eventing_scale_up_processor.go, core/scaleup/orchestrator/skippedreasons.go (1.28).
std::string not_triggered_text(World& world, const eks::ScaleUpDetail& pass, PodId pod);

}  // namespace plimsoll::cli
