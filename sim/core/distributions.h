#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/core/random.h"
#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll {

/// Every draw is a pure function of (stream, item, sub): no state, the same bits on every machine. The standard
/// library's distributions differ between implementations and are not used. Where one uniform is enough the draw is an
/// inversion, so equal uniforms under two parameter sets stay comparable (common random numbers). `sub` is the first
/// sub-draw used; functions that need more than one use the following ones, and say so.
namespace draw {

/// Uniform in (0, 1): never an end point, so logarithms and quantiles are finite.
double open_uniform(const Stream& stream, std::uint64_t item, std::uint32_t sub = 0);
/// Uniform in [low, high).
double uniform(const Stream& stream, std::uint64_t item, double low, double high, std::uint32_t sub = 0);
/// Exponential with this mean.
double exponential(const Stream& stream, std::uint64_t item, double mean, std::uint32_t sub = 0);
/// Normal by inversion.
double normal(const Stream& stream, std::uint64_t item, double mean, double deviation, std::uint32_t sub = 0);
/// Lognormal with this mean and coefficient of variation: sigma^2 = ln(1 + cv^2), mu = ln mean - sigma^2 / 2.
double lognormal(const Stream& stream, std::uint64_t item, double mean, double cv, std::uint32_t sub = 0);
/// Lognormal with this median and coefficient of variation: mu = ln median.
double lognormal_median(const Stream& stream, std::uint64_t item, double median, double cv, std::uint32_t sub = 0);
/// floor + lognormal whose median is median - floor; cv is that of the part above the floor. @pre median > floor.
double shifted_lognormal(const Stream& stream, std::uint64_t item, double floor, double median, double cv,
                         std::uint32_t sub = 0);
/// Erlang with `phases` phases and this total mean (scv 1/phases). Uses sub .. sub + phases - 1. @pre phases >= 1.
double erlang(const Stream& stream, std::uint64_t item, int phases, double mean, std::uint32_t sub = 0);
/// Weibull: mean scale * Gamma(1 + 1/shape).
double weibull(const Stream& stream, std::uint64_t item, double shape, double scale, std::uint32_t sub = 0);
/// Pareto: mean alpha * minimum / (alpha - 1) for alpha > 1.
double pareto(const Stream& stream, std::uint64_t item, double alpha, double minimum, std::uint32_t sub = 0);
/// Pareto cut to [low, high].
double bounded_pareto(const Stream& stream, std::uint64_t item, double alpha, double low, double high,
                      std::uint32_t sub = 0);
/// Two-phase hyperexponential with balanced means. Uses sub and sub + 1. @pre scv >= 1.
double hyperexponential(const Stream& stream, std::uint64_t item, double mean, double scv, std::uint32_t sub = 0);
/// Poisson count by inversion of one uniform: exact, by sequential search, for a mean below 30; above, floor of the
/// asymptotic expansion of the inverse in powers of 1/sqrt(mean), which is off by one for few uniforms in a thousand
/// at 30 and ever fewer above. @pre 0 <= mean <= 1e9.
/// Source: Giles, "Algorithm 955: approximation of the inverse Poisson cumulative distribution function", TOMS 2016.
std::int64_t poisson(const Stream& stream, std::uint64_t item, double mean, std::uint32_t sub = 0);
/// The same count for a uniform given by the caller. @pre 0 < u < 1.
std::int64_t poisson_quantile(double u, double mean);
/// true with probability p.
bool bernoulli(const Stream& stream, std::uint64_t item, double p, std::uint32_t sub = 0);

}  // namespace draw

/// One delay of the real path (boot, image pull, API call, scrape): a small value that samples and prints itself.
struct Delay {
  enum class Kind : std::uint8_t { constant, uniform, lognormal, exponential };

  Kind kind = Kind::constant;
  Duration value{};  ///< constant: the delay; uniform: the low end; lognormal: the median; exponential: the mean
  Duration high{};   ///< uniform: the high end
  Duration floor{};  ///< lognormal and exponential: the smallest delay; the law's part lies above it
  double cv = 0;     ///< lognormal: standard deviation over mean of the part above the floor

  static Delay constant(Duration d) { return {Kind::constant, d, {}, {}, 0}; }
  static Delay uniform(Duration low, Duration high_end) { return {Kind::uniform, low, high_end, {}, 0}; }
  static Delay lognormal(Duration median, double coefficient, Duration floor_at = {}) {
    return {Kind::lognormal, median, {}, floor_at, coefficient};
  }
  static Delay exponential(Duration mean, Duration floor_at = {}) { return {Kind::exponential, mean, {}, floor_at, 0}; }

  /// The delay of one item: whole microseconds, never negative, one uniform used.
  Duration sample(const Stream& stream, std::uint64_t item, std::uint32_t sub = 0) const;
  /// The law's mean (floor included).
  Duration mean() const;
  /// True when every draw is zero.
  bool is_zero() const { return kind == Kind::constant && value.count() == 0; }
  /// The same law with every time multiplied by `factor`. @pre factor >= 0.
  Delay scaled(double factor) const;

  friend bool operator==(const Delay&, const Delay&) = default;
};

/// "45s", "lognormal(median 45s, cv 0.3)", "lognormal(median 45s, cv 0.3, floor 27s)", "uniform(1s, 3s)",
/// "exponential(mean 2s)", "exponential(mean 2s, floor 1s)". The error is a sentence.
Parsed<Delay> parse_delay(std::string_view text);
/// What parse_delay reads back to an equal value.
std::string to_string(const Delay& delay);

}  // namespace plimsoll
