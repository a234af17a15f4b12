#include "sim/core/math.h"

#include <sleef.h>

#include <cmath>
#include <limits>

#include "sim/core/assert.h"

namespace plimsoll::math {

double exp(double x) { return Sleef_cinz_expd1_u10purec(x); }
double log(double x) { return Sleef_cinz_logd1_u10purec(x); }
double log1p(double x) { return Sleef_cinz_log1pd1_u10purec(x); }
double expm1(double x) { return Sleef_cinz_expm1d1_u10purec(x); }
double pow(double base, double exponent) { return Sleef_cinz_powd1_u10purec(base, exponent); }
double erf(double x) { return Sleef_cinz_erfd1_u10purec(x); }
double erfc(double x) { return Sleef_cinz_erfcd1_u15purec(x); }
double lgamma(double x) { return Sleef_cinz_lgammad1_u10purec(x); }
double sin(double radians) { return Sleef_cinz_sind1_u10purec(radians); }
double cos(double radians) { return Sleef_cinz_cosd1_u10purec(radians); }

double normal_cdf(double x) { return 0.5 * erfc(-x * 0.70710678118654752440); }

namespace {

/// numerator(r) / denominator(r), both of degree 7, highest coefficient first.
double rational7(const double (&a)[8], const double (&b)[8], double r) {
  double p = a[0];
  double q = b[0];
  for (int i = 1; i < 8; ++i) {
    p = p * r + a[i];
    q = q * r + b[i];
  }
  return p / q;
}

}  // namespace

double normal_quantile(double p) {
  static constexpr double kA[8] = {2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
                                   4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
                                   1.3314166789178437745e+2, 3.3871328727963666080e+0};
  static constexpr double kB[8] = {
      5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4,
      5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1.0};
  static constexpr double kC[8] = {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                                   1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
                                   4.63033784615654529590e+0, 1.42343711074968357734e+0};
  static constexpr double kD[8] = {
      1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
      6.89767334985100004550e-1, 1.67638483018380384940e+0, 2.05319162663775882187e+0, 1.0};
  static constexpr double kE[8] = {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                                   2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
                                   5.46378491116411436990e+0, 6.65790464350110377720e+0};
  static constexpr double kF[8] = {
      2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
      1.48753612908506148525e-2,  1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0};
  PLIMSOLL_ASSERT(p >= 0.0 && p <= 1.0);
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) return q * rational7(kA, kB, 0.180625 - q * q);
  const double tail = q < 0 ? p : 1.0 - p;
  if (tail <= 0.0) return q < 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  const double r = std::sqrt(-log(tail));
  const double x = r <= 5.0 ? rational7(kC, kD, r - 1.6) : rational7(kE, kF, r - 5.0);
  return q < 0 ? -x : x;
}

namespace {

/// Continued fraction of the incomplete beta function, evaluated by Lentz's method. Converges for x < (a+1)/(a+b+2).
/// Source: NIST Digital Library of Mathematical Functions, 8.17.22.
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto guarded = [](double v) { return std::fabs(v) < kTiny ? kTiny : v; };
  double c = 1.0;
  double d = 1.0 / guarded(1.0 - (a + b) * x / (a + 1.0));
  double fraction = d;
  for (int m = 1; m <= 500; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1.0 / guarded(1.0 + even * d);
    c = guarded(1.0 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1.0 / guarded(1.0 + odd * d);
    c = guarded(1.0 + odd / c);
    fraction *= d * c;
    if (std::fabs(d * c - 1.0) < 1e-16) break;
  }
  return fraction;
}

}  // namespace

double incomplete_beta(double a, double b, double x) {
  PLIMSOLL_ASSERT(a > 0 && b > 0 && x >= 0.0 && x <= 1.0);
  if (x == 0.0 || x == 1.0) return x;
  const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
  if (x < (a + 1.0) / (a + b + 2.0)) return front * beta_fraction(a, b, x) / a;
  return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

namespace {

/// P(T > t) for t >= 0, without loss of digits in the tail.
double student_t_tail(double t, double dof) { return 0.5 * incomplete_beta(dof / 2, 0.5, dof / (dof + t * t)); }

}  // namespace

double student_t_cdf(double t, double dof) {
  PLIMSOLL_ASSERT(dof > 0);
  return t < 0 ? student_t_tail(-t, dof) : 1.0 - student_t_tail(t, dof);
}

double student_t_quantile(double p, double dof) {
  PLIMSOLL_ASSERT(p > 0.0 && p < 1.0 && dof > 0);
  if (p == 0.5) return 0.0;
  const double tail = p < 0.5 ? p : 1.0 - p;
  double low = 0.0;
  double high = 1.0;
  while (student_t_tail(high, dof) > tail && high < 1e300) {
    low = high;
    high *= 2;
  }
  // Halving the bracket is slow and certain: at most some 60 steps, and nobody asks in a hot loop.
  while (high - low > 1e-13 * high) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) break;
    (student_t_tail(middle, dof) > tail ? low : high) = middle;
  }
  const double t = 0.5 * (low + high);
  return p < 0.5 ? -t : t;
}

}  // namespace plimsoll::math
