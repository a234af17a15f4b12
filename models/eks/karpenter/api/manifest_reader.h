#pragma once

#include <memory>

#include "sim/policy/readers.h"

namespace plimsoll::eks::karpenter {

/// Checks NodePools and EC2NodeClasses among the manifests of a scenario. They say nothing of a workload: they take
/// effect where a column names them, under capacity.nodePools.
std::unique_ptr<ManifestReader> karpenter_manifest_reader();

}  // namespace plimsoll::eks::karpenter
