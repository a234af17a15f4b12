#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/units.h"

namespace plimsoll {

/// The fixed resources of every host. Extended resources stand beside them under interned names.
enum class Resource : std::uint8_t { cpu, memory, ephemeral_storage, pods, enis, gpus };
inline constexpr std::size_t kResourceCount = 6;

/// One int64 a resource: CPU in Cpu ticks, memory and storage in bytes, the rest in pieces.
struct ResourceVector {
  std::array<std::int64_t, kResourceCount> v{};

  constexpr std::int64_t& operator[](Resource r) { return v[static_cast<std::size_t>(r)]; }
  constexpr std::int64_t operator[](Resource r) const { return v[static_cast<std::size_t>(r)]; }
  constexpr Cpu cpu() const { return Cpu{v[0]}; }
  constexpr Bytes memory() const { return Bytes{v[1]}; }
  constexpr void set_cpu(Cpu c) { v[0] = c.raw(); }
  constexpr void set_memory(Bytes b) { v[1] = b.raw(); }

  constexpr ResourceVector& operator+=(const ResourceVector& o) {
    for (std::size_t i = 0; i < kResourceCount; ++i) v[i] += o.v[i];
    return *this;
  }
  constexpr ResourceVector& operator-=(const ResourceVector& o) {
    for (std::size_t i = 0; i < kResourceCount; ++i) v[i] -= o.v[i];
    return *this;
  }
  friend constexpr ResourceVector operator+(ResourceVector a, const ResourceVector& b) { return a += b; }
  friend constexpr ResourceVector operator-(ResourceVector a, const ResourceVector& b) { return a -= b; }
  friend constexpr bool operator==(const ResourceVector&, const ResourceVector&) = default;
  /// Every component at most the other's.
  constexpr bool fits_in(const ResourceVector& room) const {
    for (std::size_t i = 0; i < kResourceCount; ++i) {
      if (v[i] > room.v[i]) return false;
    }
    return true;
  }
};

/// Extended resources (device plugins and the like): (name, quantity), sorted by name id, each name once.
using ExtendedResources = std::vector<std::pair<NameId, std::int64_t>>;

}  // namespace plimsoll
