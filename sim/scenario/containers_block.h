#pragma once

#include <string>
#include <vector>

#include "sim/document/fields.h"
#include "sim/policy/readers.h"

namespace plimsoll::scenario {

/// Reads `containers` of an app, what each container of its pods uses, and completes it by the containers that the real
/// files of either side list. A container that is not named gets, of the pod's CPU and resident memory, what those
/// named leave, by the requests; its memory is 80 % of its own request when the app says none. A fault is told when
/// neither side has a container of the name. Sizes must be settled before; `matched`: one size on every column, so that
/// the first container's request is what the others leave of it, its memory is capped by it, and no CPU is capped.
void read_containers(document::Fields& app, const std::vector<const ManifestFacts*>& facts, bool matched,
                     WorkloadSpec& w);

}  // namespace plimsoll::scenario
