#pragma once

#include <vector>

#include "models/kubernetes/api/objects.h"

namespace plimsoll::kubernetes::api {

/// `tolerations` of a pod's spec, or of the scheduling of a RuntimeClass. Faults are reported in the API server's
/// words.
std::vector<TolerationSpec> read_tolerations(Object& holder);

}  // namespace plimsoll::kubernetes::api
