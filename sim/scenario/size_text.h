#pragma once

#include <string>
#include <string_view>

#include "sim/core/units.h"

namespace plimsoll::scenario {

/// What a pod asks for, as one text: "500m/2Gi".
struct SizeText {
  Cpu cpu;
  Bytes memory;
  std::string fault;  ///< why it is no size; empty when it is one
  std::string hint;
};

/// Reads CPU/memory. CPU is in vCPUs or with m or units; memory needs its unit, for a bare number would be bytes.
SizeText parse_size(std::string_view text);

}  // namespace plimsoll::scenario
