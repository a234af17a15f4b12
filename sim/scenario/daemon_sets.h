#pragma once

#include <string>
#include <vector>

#include "sim/policy/readers.h"

namespace plimsoll::scenario {

/// Whether the fact is a DaemonSet of a Kubernetes file.
bool is_daemon_set(const ManifestFacts& fact);

/// The DaemonSets of the files that are no app: agents that run on every node and serve no requests of the load. What
/// their files do not say is assumed: an image of 50 MB, two seconds to start, CPU use of 20 % of the request.
std::vector<WorkloadSpec> read_daemon_sets(const std::vector<ManifestFacts>& facts,
                                           const std::vector<std::string>& apps);

/// Names that `events` may speak of beside apps: those DaemonSets, and ECS services with schedulingStrategy DAEMON.
std::vector<std::string> daemon_names(const std::vector<ManifestFacts>& facts, const std::vector<std::string>& apps);

}  // namespace plimsoll::scenario
