#include "sim/core/random.h"

namespace plimsoll {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = static_cast<std::uint64_t>(c[0]) * 0xD2511F53u;
    const std::uint64_t p1 = static_cast<std::uint64_t>(c[2]) * 0xCD9E8D57u;
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(p0)};
    k[0] += 0x9E3779B9u;
    k[1] += 0xBB67AE85u;
  }
  return c;
}

std::uint64_t Stream::bits(std::uint64_t item, std::uint32_t sub) const {
  const auto out = philox4x32({static_cast<std::uint32_t>(item), static_cast<std::uint32_t>(item >> 32), sub, 0},
                              {static_cast<std::uint32_t>(key_), static_cast<std::uint32_t>(key_ >> 32)});
  return (static_cast<std::uint64_t>(out[1]) << 32) | out[0];
}

}  // namespace plimsoll
