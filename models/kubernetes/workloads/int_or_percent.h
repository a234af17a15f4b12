#pragma once

#include <cstdint>

namespace plimsoll::kubernetes {

/// A whole number or a percentage of something, as in maxSurge and minAvailable.
struct IntOrPercent {
  std::int64_t value = 0;
  bool is_percent = false;
  std::int64_t of_ceil(std::int64_t total) const { return is_percent ? (value * total + 99) / 100 : value; }
  std::int64_t of_floor(std::int64_t total) const { return is_percent ? value * total / 100 : value; }
  friend bool operator==(const IntOrPercent&, const IntOrPercent&) = default;
};

}  // namespace plimsoll::kubernetes
