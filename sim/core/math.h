#pragma once

namespace plimsoll::math {

/// Transcendental functions whose bits do not depend on the CPU, the compiler or the optimisation level. They wrap
/// SLEEF's reproducible scalar functions (SLEEF 3.5 "cinz", within 1.0 ulp; erf and lgamma 1.0 ulp); code that makes
/// results calls these and never those of libm (sqrt, floor and fabs are exact everywhere and need no wrapper).
double exp(double x);
double log(double x);
double log1p(double x);
double expm1(double x);
double pow(double base, double exponent);
double erf(double x);
double erfc(double x);
/// Natural logarithm of |Gamma(x)|.
double lgamma(double x);
double sin(double radians);
double cos(double radians);

/// Distribution function of the standard normal.
double normal_cdf(double x);
/// Inverse of normal_cdf: about 16 digits. p = 0 gives -infinity, p = 1 infinity. @pre 0 <= p <= 1.
/// Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988).
double normal_quantile(double p);

/// Regularised incomplete beta function I_x(a, b). @pre a > 0, b > 0, 0 <= x <= 1.
double incomplete_beta(double a, double b, double x);
/// Distribution function of Student's t. @pre dof > 0.
double student_t_cdf(double t, double dof);
/// Inverse of student_t_cdf, relative error below 1e-9. @pre 0 < p < 1, dof > 0.
double student_t_quantile(double p, double dof);

}  // namespace plimsoll::math
