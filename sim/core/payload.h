#pragma once

#include <cstdint>

#include "sim/core/id.h"

namespace plimsoll {

/// The payload of an event about one thing: which step is due, in the low 8 bits, and whose it is above them.
/// @pre step < 256, id < 2^56.
constexpr std::uint64_t packed_step(std::uint64_t id, std::uint64_t step) { return id << 8 | step; }
template <class Tag>
constexpr std::uint64_t packed_step(Id<Tag> id, std::uint64_t step) {
  return packed_step(std::uint64_t{id.value()}, step);
}

}  // namespace plimsoll
