#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/units.h"

namespace plimsoll {

/// One way in which runs of work that ends by itself fail. Each run draws anew; of several ways the first that a run
/// draws is the one.
struct RunFailure {
  Ppm share = percent(100);           ///< of the runs that it concerns
  std::int64_t exit_code = 1;         ///< of the first container, 1 to 255
  std::vector<std::int64_t> indexes;  ///< runs with these completion indexes only; empty: all
};

}  // namespace plimsoll
