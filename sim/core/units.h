#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/core/time.h"

namespace plimsoll {

#ifndef NDEBUG
/// Debug builds trap on overflow; release builds trust the ranges that the scenario layer has checked.
constexpr std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t r = 0;
  if (__builtin_add_overflow(a, b, &r)) __builtin_trap();
  return r;
}
constexpr std::int64_t checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t r = 0;
  if (__builtin_mul_overflow(a, b, &r)) __builtin_trap();
  return r;
}
#else
constexpr std::int64_t checked_add(std::int64_t a, std::int64_t b) { return a + b; }
constexpr std::int64_t checked_mul(std::int64_t a, std::int64_t b) { return a * b; }
#endif

/// A strong int64: adds, subtracts, compares with its own kind and scales by integers; nothing else.
template <class Tag>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(std::int64_t raw) : raw_(raw) {}
  constexpr std::int64_t raw() const { return raw_; }

  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity{checked_add(a.raw_, b.raw_)}; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity{checked_add(a.raw_, -b.raw_)}; }
  friend constexpr Quantity operator-(Quantity a) { return Quantity{-a.raw_}; }
  friend constexpr Quantity operator*(Quantity a, std::int64_t n) { return Quantity{checked_mul(a.raw_, n)}; }
  friend constexpr Quantity operator*(std::int64_t n, Quantity a) { return a * n; }
  constexpr Quantity& operator+=(Quantity b) { return *this = *this + b; }
  constexpr Quantity& operator-=(Quantity b) { return *this = *this - b; }

 private:
  std::int64_t raw_ = 0;
};

/// CPU in 1/1,024,000 of a vCPU: both a Kubernetes milliCPU (1,024 ticks) and an ECS CPU unit (1,000 ticks) are whole,
/// so the integer arithmetic of either system stays exact. Ratios such as req * 100 / cap do not depend on the scale.
using Cpu = Quantity<struct CpuTag>;
inline constexpr std::int64_t kCpuTicksPerVcpu = 1'024'000;
inline constexpr std::int64_t kCpuTicksPerMilli = 1'024;
inline constexpr std::int64_t kCpuTicksPerEcsUnit = 1'000;
constexpr Cpu cpu_millis(std::int64_t m) { return Cpu{m * kCpuTicksPerMilli}; }
constexpr Cpu cpu_ecs_units(std::int64_t u) { return Cpu{u * kCpuTicksPerEcsUnit}; }
constexpr Cpu cpu_cores(std::int64_t c) { return Cpu{c * kCpuTicksPerVcpu}; }
/// milliCPU rounded up, as Kubernetes reads a finer quantity.
constexpr std::int64_t to_millis_ceil(Cpu c) { return (c.raw() + kCpuTicksPerMilli - 1) / kCpuTicksPerMilli; }
constexpr std::int64_t to_ecs_units_floor(Cpu c) { return c.raw() / kCpuTicksPerEcsUnit; }
constexpr double to_cores(Cpu c) { return static_cast<double>(c.raw()) / static_cast<double>(kCpuTicksPerVcpu); }

/// Memory, disk and network volume in bytes.
using Bytes = Quantity<struct BytesTag>;
inline constexpr std::int64_t kKiB = 1'024, kMiB = kKiB * 1'024, kGiB = kMiB * 1'024;
constexpr Bytes mebibytes(std::int64_t n) { return Bytes{n * kMiB}; }
constexpr Bytes gibibytes(std::int64_t n) { return Bytes{n * kGiB}; }

/// An amount of money: nano-dollars (1e-9 USD).
using Money = Quantity<struct MoneyTag>;
/// A price: pico-dollars (1e-12 USD) per named unit (an hour, a GB-hour, a GB, a million requests; the holder names
/// it).
using Rate = Quantity<struct RateTag>;
constexpr Money dollars(std::int64_t d) { return Money{d * 1'000'000'000}; }

/// A fraction in parts per million, for percentages that the real systems compare in integers.
using Ppm = Quantity<struct PpmTag>;
constexpr Ppm percent(std::int64_t p) { return Ppm{p * 10'000}; }

/// Exact division helpers; each names how it rounds. @pre d > 0.
constexpr std::int64_t div_floor(std::int64_t n, std::int64_t d) { return n / d - (n % d < 0 ? 1 : 0); }
constexpr std::int64_t div_ceil(std::int64_t n, std::int64_t d) { return n / d + (n % d > 0 ? 1 : 0); }
/// Halves away from zero.
constexpr __int128 div_round(__int128 n, __int128 d) { return n >= 0 ? (n + d / 2) / d : -((-n + d / 2) / d); }

/// What a parser of one quantity answers: the value, or why not (a sentence without position).
template <class T>
struct Parsed {
  std::optional<T> value;
  std::string error;
  explicit operator bool() const { return value.has_value(); }
};

/// "250m", "0.25", "0.25 vCPU", "2 cores", "1024 units" (ECS). A finer value than a tick is an error.
Parsed<Cpu> parse_cpu(std::string_view text);
/// "512Mi", "1.5Gi", "512M", "0.5 GB" (1e9), "300MB", "1073741824". Must be whole bytes.
/// The suffixes are those of Kubernetes plus an optional B; "MiB" and "GiB" too.
Parsed<Bytes> parse_bytes(std::string_view text);
/// "90s", "1h30m", "250ms", "15us", "2d", "1.5h". Must be whole microseconds, not negative.
Parsed<Duration> parse_duration(std::string_view text);
/// "$0.0416", "0.0416", "0.0416 USD": exact to a pico-dollar.
Parsed<Rate> parse_rate(std::string_view text);
/// "60%", "0.5%", "0.25": exact to a millionth.
Parsed<Ppm> parse_ratio(std::string_view text);

/// Kubernetes style: "250m", "2", or ticks exactly as "0.9765625m".
std::string to_string(Cpu c);
/// Largest exact binary suffix: "512Mi", "1536Mi", else plain bytes.
std::string to_string(Bytes b);
/// Exact decimal dollars with at least two digits after the point: "0.0416", "12.00".
std::string to_string(Money m);
std::string to_string(Rate r);
/// "1h30m", "250ms", "0s".
std::string to_string(Duration d);
std::string to_string(Ppm p);

/// rate x quantity, halves away from zero: nano-dollars for pico-dollars per unit times units_ppm millionths of a unit.
Money amount(Rate rate, __int128 units_numerator, __int128 units_denominator);

}  // namespace plimsoll
