#pragma once

#include <vector>

#include "models/kubernetes/scheduler/affinity_terms.h"
#include "models/kubernetes/scheduler/plugin.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// The namespaces of a cluster, each once: those that every cluster has, those that have a file, and those that pods of
/// the files or of the system live in. Each has the label kubernetes.io/metadata.name, its name, besides those of its
/// file. SOURCE: Kubernetes, "Namespaces" (initial namespaces, automatic labelling).
std::vector<kubernetes::NamespaceView> cluster_namespaces(const Setting& setting, Names& names);

/// The selectors of the Services that the files hold beside the pods, each once, in the order of the applications.
std::vector<kubernetes::ServiceSelector> cluster_services(const Setting& setting, Names& names);

}  // namespace plimsoll::eks
