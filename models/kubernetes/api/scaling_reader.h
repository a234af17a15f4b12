#pragma once

#include <memory>

#include "sim/policy/readers.h"

namespace plimsoll::kubernetes::api {

/// ScaledObjects of KEDA and VerticalPodAutoscalers as facts: of which workload they speak, bounds and CPU target in
/// neutral words, and the document itself.
std::unique_ptr<ManifestReader> scaling_manifest_reader();

}  // namespace plimsoll::kubernetes::api
