#pragma once

#include <string_view>
#include <vector>

#include "sim/core/time.h"
#include "sim/document/fields.h"

namespace plimsoll::ecs {

/// Reads instants of a run, since the beginning of its counted window: one duration or a list; ascending.
std::vector<Duration> read_instants(document::Fields& block, std::string_view key, std::string_view doc);

}  // namespace plimsoll::ecs
