#pragma once

#include <string>
#include <vector>

#include "models/kubernetes/scheduler/framework.h"

namespace plimsoll::kubernetes {

/// What a filter's verdict says of one node, in the words of the real plugins, one text a reason. Empty for a success.
/// Releases differ: 1.20 names a taint as "had taint {k: v}, that the pod didn't tolerate" and gives two reasons for an
/// inter-pod affinity that fails. SOURCE: ErrReason* of pkg/scheduler/framework/plugins/*/ (1.20.2, 1.26.15, 1.34.1).
/// @pre the verdict is the framework's for this shape on this row, and the row is alive.
std::vector<std::string> reason_texts(const Framework& framework, const ClusterView& view, ShapeId shape, Row row,
                                      const Verdict& verdict);

/// "0/12 nodes are available: 3 Insufficient cpu, 9 node(s) ...": each text with its count, sorted as strings (so "10
/// x" stands before "2 y"), as FitError.Error() does. What PreFilter says of the pod as a whole (its claims) has no
/// count after 1.20. Without nodes: "no nodes available to schedule pods". SOURCE: pkg/scheduler/framework/types.go
/// FitError (1.26.15, 1.34.1), core/generic_scheduler.go (1.20.2).
std::string fit_error(KubernetesVersion version, std::size_t nodes, const std::vector<std::string>& reasons);

}  // namespace plimsoll::kubernetes
