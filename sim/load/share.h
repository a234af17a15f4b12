#pragma once

#include <cstdint>

namespace plimsoll::load {

/// `part` of `whole`s share of an amount, rounded down. @pre whole > 0.
inline std::int64_t share(std::int64_t amount, std::int64_t part, std::int64_t whole) {
  return static_cast<std::int64_t>(static_cast<__int128>(amount) * part / whole);
}

}  // namespace plimsoll::load
