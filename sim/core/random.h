#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/core/hash.h"

namespace plimsoll {

/// One Philox4x32-10 block. Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// What a draw is for. Numbers are part of the results: append, never renumber.
enum class Purpose : std::uint16_t {
  arrivals = 1,
  work = 2,
  boot_delay = 3,
  image_pull = 4,
  app_start = 5,
  loop_offset = 6,
  tie_break = 7,
  zone_choice = 8,
  spot = 9,
  registration = 10,
  probe_phase = 11,
  api_latency = 12,
  launch_failure = 13,
  node_speed = 14,
  fault = 15,      ///< which node of several fails
  container = 16,  ///< whether a start of a pod's containers fails
  custom_policy = 17,
  host_failure = 18,
  control_plane = 19,  ///< how long EKS takes to replace a control plane
};

/// A stream of random numbers without state: value = f(seed, entity, purpose, item, sub-draw). The entity is the hash
/// of a path that no policy can change ("workload/cart#17", "pool/m5.large/us-east-1a/launch#5"), so a policy that
/// draws more or less shifts nobody else's numbers.
class Stream {
 public:
  constexpr Stream(std::uint64_t seed, std::uint64_t entity, Purpose purpose)
      : key_(mix64(seed ^ mix64(entity + static_cast<std::uint64_t>(purpose) * 0x9e3779b97f4a7c15ull))) {}
  Stream(std::uint64_t seed, std::string_view path, Purpose purpose) : Stream(seed, hash_text(path), purpose) {}

  /// 64 uniform bits of draw (item, sub).
  std::uint64_t bits(std::uint64_t item, std::uint32_t sub = 0) const;
  /// Uniform in [0, 1): 53 bits.
  double uniform(std::uint64_t item, std::uint32_t sub = 0) const {
    return static_cast<double>(bits(item, sub) >> 11) * 0x1.0p-53;
  }
  /// Uniform integer in [0, count), by 128-bit multiplication. @pre count > 0.
  std::uint64_t below(std::uint64_t count, std::uint64_t item, std::uint32_t sub = 0) const {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(bits(item, sub)) * count) >> 64);
  }

 private:
  std::uint64_t key_;
};

}  // namespace plimsoll
