#pragma once

#include <compare>
#include <cstdint>
#include <numeric>

#include "sim/core/assert.h"
#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll::aws::charges {

/// An exact rational number for prices and quantities of one bill line: 128 bits above and below, always reduced.
/// Overflow is a programmer's error: quantities are given in natural units (milli-vCPU, MiB, bytes, microseconds).
class Ratio {
 public:
  constexpr Ratio() = default;
  constexpr Ratio(std::int64_t n) : n_(n) {}  // NOLINT: whole numbers are rationals
  constexpr Ratio(__int128 n, __int128 d) : n_(n), d_(d) { reduce(); }

  constexpr __int128 numerator() const { return n_; }
  constexpr __int128 denominator() const { return d_; }
  constexpr bool is_zero() const { return n_ == 0; }
  constexpr double to_double() const { return static_cast<double>(n_) / static_cast<double>(d_); }
  /// Rounded halves away from zero.
  constexpr __int128 rounded() const { return div_round(n_, d_); }
  constexpr __int128 ceiled() const { return n_ / d_ + (n_ % d_ > 0 ? 1 : 0); }

  friend constexpr Ratio operator+(Ratio a, Ratio b) {
    const __int128 g = gcd(a.d_, b.d_);
    return {add(mul(a.n_, b.d_ / g), mul(b.n_, a.d_ / g)), mul(a.d_, b.d_ / g)};
  }
  friend constexpr Ratio operator-(Ratio a) { return {-a.n_, a.d_}; }
  friend constexpr Ratio operator-(Ratio a, Ratio b) { return a + -b; }
  friend constexpr Ratio operator*(Ratio a, Ratio b) {
    const __int128 g = gcd(a.n_, b.d_), h = gcd(b.n_, a.d_);
    return {mul(a.n_ / g, b.n_ / h), mul(a.d_ / h, b.d_ / g)};
  }
  /// @pre b is not zero.
  friend constexpr Ratio operator/(Ratio a, Ratio b) {
    PLIMSOLL_ASSERT(b.n_ != 0);
    return a * (b.n_ > 0 ? Ratio{b.d_, b.n_} : Ratio{-b.d_, -b.n_});
  }
  constexpr Ratio& operator+=(Ratio b) { return *this = *this + b; }
  constexpr Ratio& operator-=(Ratio b) { return *this = *this - b; }
  friend constexpr bool operator==(Ratio a, Ratio b) { return a.n_ == b.n_ && a.d_ == b.d_; }
  friend constexpr std::strong_ordering operator<=>(Ratio a, Ratio b) {
    const __int128 g = gcd(a.d_, b.d_);
    const __int128 x = mul(a.n_, b.d_ / g), y = mul(b.n_, a.d_ / g);
    return x < y ? std::strong_ordering::less : x > y ? std::strong_ordering::greater : std::strong_ordering::equal;
  }

 private:
  static constexpr __int128 gcd(__int128 a, __int128 b) {
    if (a < 0) a = -a;
    if (b < 0) b = -b;
    while (b != 0) {
      const __int128 r = a % b;
      a = b;
      b = r;
    }
    return a == 0 ? 1 : a;
  }
  static constexpr __int128 mul(__int128 a, __int128 b) {
    __int128 r = 0;
    PLIMSOLL_ASSERT(!__builtin_mul_overflow(a, b, &r));
    return r;
  }
  static constexpr __int128 add(__int128 a, __int128 b) {
    __int128 r = 0;
    PLIMSOLL_ASSERT(!__builtin_add_overflow(a, b, &r));
    return r;
  }
  constexpr void reduce() {
    PLIMSOLL_ASSERT(d_ > 0);
    const __int128 g = gcd(n_, d_);
    n_ /= g;
    d_ /= g;
  }
  __int128 n_ = 0;
  __int128 d_ = 1;
};

constexpr Ratio max(Ratio a, Ratio b) { return a < b ? b : a; }
constexpr Ratio min(Ratio a, Ratio b) { return b < a ? b : a; }

inline constexpr std::int64_t kPicoPerDollar = 1'000'000'000'000;

constexpr Ratio in_dollars(Rate r) { return {r.raw(), kPicoPerDollar}; }
constexpr Ratio in_dollars(Money m) { return {m.raw(), 1'000'000'000}; }
constexpr Ratio in_hours(Duration d) { return {to_microseconds(d), 3'600'000'000}; }
constexpr Ratio in_seconds(Duration d) { return {to_microseconds(d), 1'000'000}; }
constexpr Ratio seconds_as_hours(std::int64_t s) { return {s, 3600}; }
constexpr Ratio in_vcpus(Cpu c) { return {c.raw(), kCpuTicksPerVcpu}; }
/// The GB of AWS bills is 2^30 bytes.
constexpr Ratio in_gb(Bytes b) { return {b.raw(), kGiB}; }
constexpr Ratio fraction(Ppm p) { return {p.raw(), 1'000'000}; }
/// Nano-dollars, halves away from zero.
constexpr Money round_money(Ratio usd) { return Money{static_cast<std::int64_t>((usd * 1'000'000'000).rounded())}; }
/// Pico-dollars, halves away from zero.
constexpr Rate round_rate(Ratio usd) { return Rate{static_cast<std::int64_t>((usd * kPicoPerDollar).rounded())}; }

}  // namespace plimsoll::aws::charges
