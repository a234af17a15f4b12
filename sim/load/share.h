#pragma once

#include <cstdint>

namespace plimsoll::load {

/// a * b / divisor, rounded down, where the product has more than 64 bits and the answer at most 52: from the division
/// of doubles, which is off by a few at most, and its exact remainder. A 128-bit division costs several times it.
/// @pre a, b >= 0, divisor > 0.
constexpr std::int64_t wide_share(std::int64_t a, std::int64_t b, std::int64_t divisor) {
  const double estimate = static_cast<double>(a) * static_cast<double>(b) / static_cast<double>(divisor);
  const __int128 product = static_cast<__int128>(a) * b;
  if (estimate >= 0x1p52) return static_cast<std::int64_t>(product / divisor);
  auto answer = static_cast<std::int64_t>(estimate);
  __int128 rest = product - static_cast<__int128>(answer) * divisor;
  for (; rest < 0; rest += divisor) --answer;
  for (; rest >= divisor; rest -= divisor) ++answer;
  return answer;
}

/// The same, rounded up.
constexpr std::int64_t wide_share_up(std::int64_t a, std::int64_t b, std::int64_t divisor) {
  const std::int64_t down = wide_share(a, b, divisor);
  return down + (static_cast<__int128>(down) * divisor == static_cast<__int128>(a) * b ? 0 : 1);
}

/// A whole that many amounts are divided by: its inverse is found once, each answer is made exact by its remainder.
class Divisor {
 public:
  /// @pre 0 < whole <= 2^60.
  explicit constexpr Divisor(std::int64_t whole) : whole_(whole), inverse_(1 / static_cast<double>(whole)) {}

  /// a * b / whole, rounded down, as `share`. @pre a, b >= 0; the answer fits.
  constexpr std::int64_t down(std::int64_t a, std::int64_t b) const { return divide(a, b).answer; }
  /// The same, rounded up.
  constexpr std::int64_t up(std::int64_t a, std::int64_t b) const {
    const Quotient q = divide(a, b);
    return q.answer + (q.rest == 0 ? 0 : 1);
  }

 private:
  struct Quotient {
    std::int64_t answer = 0, rest = 0;
  };
  constexpr Quotient divide(std::int64_t a, std::int64_t b) const {
    const double estimate = static_cast<double>(a) * static_cast<double>(b) * inverse_;
    if (estimate >= 0x1p52) [[unlikely]] {
      const __int128 product = static_cast<__int128>(a) * b;
      return {static_cast<std::int64_t>(product / whole_), static_cast<std::int64_t>(product % whole_)};
    }
    // Off by three at most, so that the remainder fits in 64 bits, whatever the products' upper halves are.
    auto answer = static_cast<std::int64_t>(estimate);
    auto rest = static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b) -
                                          static_cast<std::uint64_t>(answer) * static_cast<std::uint64_t>(whole_));
    for (; rest < 0; rest += whole_) --answer;
    for (; rest >= whole_; rest -= whole_) ++answer;
    return {answer, rest};
  }

  std::int64_t whole_;
  double inverse_;
};

/// `part` of `whole`s share of an amount, rounded down. @pre whole > 0.
constexpr std::int64_t share(std::int64_t amount, std::int64_t part, std::int64_t whole) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(amount, part, &product)) return product / whole;
  if (amount >= 0 && part >= 0) return wide_share(amount, part, whole);
  return static_cast<std::int64_t>(static_cast<__int128>(amount) * part / whole);
}

/// amount * each / 1,000,000, rounded down: of what is counted in millionths.
constexpr std::int64_t millionths_of(std::int64_t amount, std::int64_t each) {
  constexpr std::int64_t kMillion = 1'000'000;
  // By whole units and the rest: both are divided by a constant.
  std::int64_t units = 0, rest = 0;
  if (amount >= 0 && each >= 0 && !__builtin_mul_overflow(amount / kMillion, each, &units) &&
      !__builtin_mul_overflow(amount % kMillion, each, &rest) &&
      !__builtin_add_overflow(units, rest / kMillion, &units))
    return units;
  return share(amount, each, kMillion);
}

}  // namespace plimsoll::load
