#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "sim/core/random.h"

namespace plimsoll::load {

/// A sequential generator for simulations of single requests, which draw a thousand million numbers: xoshiro256++
/// (Blackman, Vigna, "Scrambled linear pseudorandom number generators", 2021), its state filled from a Stream, so that
/// replications are independent and named. Everything else in the program draws from Streams directly.
class FastRandom {
 public:
  FastRandom(const Stream& stream, std::uint64_t item) {
    for (std::uint32_t i = 0; i < 4; ++i) state_[i] = stream.bits(item, i);
  }

  std::uint64_t bits() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  /// Uniform in [0, count). @pre count > 0.
  std::uint64_t below(std::uint64_t count) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(bits()) * count) >> 64);
  }
  /// Exponential with mean 1, by the ziggurat of 256 layers (Marsaglia, Tsang 2000).
  double exponential() {
    const std::uint64_t b = bits();
    const std::size_t layer = b & 255;
    const double x = static_cast<double>(b >> 11) * 0x1.0p-53 * tables().x[layer];
    return x < tables().x[layer + 1] ? x : exponential_edge(layer, x);
  }
  /// Standard normal, polar method (Marsaglia 1964).
  double normal();

 private:
  struct Tables {
    std::array<double, 257> x{}, f{};
    Tables();
  };
  static const Tables kTables;
  static const Tables& tables() { return kTables; }
  double exponential_edge(std::size_t layer, double x);

  std::array<std::uint64_t, 4> state_{};
  double spare_ = 0;
  bool has_spare_ = false;
};

/// A law of service times or CPU demands, by mean and squared coefficient of variation.
struct SizeLaw {
  enum class Kind : std::uint8_t { exponential, deterministic, lognormal, erlang, hyperexponential };
  Kind kind = Kind::exponential;
  double mean = 1;
  double scv = 1;  ///< lognormal, hyperexponential (balanced means, >= 1); Erlang: 1 / number of phases
};

/// Draws from a SizeLaw with its constants worked out once.
class SizeSampler {
 public:
  explicit SizeSampler(const SizeLaw& law);
  double operator()(FastRandom& random) const;

 private:
  SizeLaw::Kind kind_;
  double a_ = 0, b_ = 0, c_ = 0;
  int phases_ = 1;
};

}  // namespace plimsoll::load
