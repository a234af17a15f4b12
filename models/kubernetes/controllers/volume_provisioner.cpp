#include "models/kubernetes/controllers/volume_provisioner.h"

#include <charconv>
#include <cstdint>
#include <system_error>

#include "sim/core/assert.h"

namespace plimsoll::kubernetes {

namespace {

std::uint32_t fnv1(std::string_view text) {
  std::uint32_t hash = 2'166'136'261u;
  for (const char c : text) {
    hash *= 16'777'619u;
    hash ^= static_cast<std::uint8_t>(c);
  }
  return hash;
}

}  // namespace

std::size_t topology_of_claim(std::string_view claim, std::size_t count) {
  PLIMSOLL_ASSERT(count > 0);
  std::uint32_t ordinal = 0;
  std::string_view hashed = claim;
  if (const std::size_t dash = claim.rfind('-'); dash != std::string_view::npos) {
    const std::string_view digits = claim.substr(dash + 1);
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), ordinal);
    if (fault == std::errc{} && end == digits.data() + digits.size()) {
      hashed = claim.substr(0, dash);
      hashed = hashed.substr(hashed.rfind('-') + 1);  // npos + 1 is 0: all of it
    } else {
      ordinal = 0;
    }
  }
  return (fnv1(hashed) + ordinal) % static_cast<std::uint32_t>(count);
}

}  // namespace plimsoll::kubernetes
