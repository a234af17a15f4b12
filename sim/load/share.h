#pragma once

#include <cstdint>

namespace plimsoll::load {

/// `part` of `whole`s share of an amount, rounded down. @pre whole > 0.
inline std::int64_t share(std::int64_t amount, std::int64_t part, std::int64_t whole) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(amount, part, &product)) return product / whole;  // a 128-bit division costs ten times it
  return static_cast<std::int64_t>(static_cast<__int128>(amount) * part / whole);
}

}  // namespace plimsoll::load
