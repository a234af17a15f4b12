#include "sim/core/math.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "sim/core/hash.h"

namespace plimsoll::math {

TEST_CASE("the wrapped functions agree with libm to a few units in the last place") {
  for (double x = 0.01; x < 30; x *= 1.37) {
    CHECK(exp(-x) == doctest::Approx(std::exp(-x)).epsilon(1e-15));
    CHECK(exp(x) == doctest::Approx(std::exp(x)).epsilon(1e-15));
    CHECK(log(x) == doctest::Approx(std::log(x)).epsilon(1e-14));
    CHECK(log1p(x) == doctest::Approx(std::log1p(x)).epsilon(1e-15));
    CHECK(expm1(-x) == doctest::Approx(std::expm1(-x)).epsilon(1e-15));
    CHECK(pow(x, 1.7) == doctest::Approx(std::pow(x, 1.7)).epsilon(1e-15));
    CHECK(erf(x / 10) == doctest::Approx(std::erf(x / 10)).epsilon(1e-15));
    CHECK(erfc(x / 10) == doctest::Approx(std::erfc(x / 10)).epsilon(1e-14));
    CHECK(lgamma(x) == doctest::Approx(std::lgamma(x)).epsilon(1e-13));
    CHECK(sin(x) == doctest::Approx(std::sin(x)).epsilon(1e-13));
    CHECK(cos(x) == doctest::Approx(std::cos(x)).epsilon(1e-13));
  }
}

TEST_CASE("the bits are the same on every machine") {
  TraceHash hash;
  const auto add = [&hash](double v) { hash.add(std::bit_cast<std::uint64_t>(v)); };
  for (int i = 1; i <= 1'000; ++i) {
    const double x = i * 0.037;
    add(exp(-x));
    add(log(x));
    add(pow(x, 0.31));
    add(normal_quantile(i / 1'001.0));
    add(lgamma(x));
  }
  CHECK(hash.value() == 7547253066201207808ull);
}

TEST_CASE("normal quantiles match printed tables and invert the distribution function") {
  CHECK(normal_quantile(0.5) == 0.0);
  CHECK(normal_quantile(0.975) == doctest::Approx(1.959963984540054).epsilon(1e-15));
  CHECK(normal_quantile(0.999) == doctest::Approx(3.090232306167814).epsilon(1e-15));
  CHECK(normal_quantile(1e-10) == doctest::Approx(-6.361340902404056).epsilon(1e-14));
  CHECK(normal_cdf(normal_quantile(1e-100)) / 1e-100 == doctest::Approx(1.0).epsilon(1e-11));
  CHECK(std::isinf(normal_quantile(0.0)));
  CHECK(normal_quantile(1.0) == std::numeric_limits<double>::infinity());
  for (double p = 0.001; p < 1; p += 0.0173) CHECK(normal_cdf(normal_quantile(p)) == doctest::Approx(p).epsilon(1e-13));
}

TEST_CASE("Student quantiles match printed tables") {
  // 97.5% points; one and two degrees of freedom have closed forms: tan(0.475 pi), and 0.95 sqrt(2 / (1 - 0.95^2)).
  CHECK(student_t_quantile(0.975, 1) == doctest::Approx(12.706204736174698).epsilon(1e-9));
  CHECK(student_t_quantile(0.975, 2) == doctest::Approx(0.95 * std::sqrt(2 / (1 - 0.95 * 0.95))).epsilon(1e-9));
  CHECK(student_t_quantile(0.975, 4) == doctest::Approx(2.7764451051978).epsilon(1e-9));
  CHECK(student_t_quantile(0.975, 9) == doctest::Approx(2.2621571627410).epsilon(1e-9));
  CHECK(student_t_quantile(0.975, 19) == doctest::Approx(2.0930240544083).epsilon(1e-9));
  CHECK(student_t_quantile(0.975, 29) == doctest::Approx(2.0452296421327).epsilon(1e-9));
  CHECK(student_t_quantile(0.995, 9) == doctest::Approx(3.2498355415921).epsilon(1e-9));
  CHECK(student_t_quantile(0.025, 9) == doctest::Approx(-2.2621571627410).epsilon(1e-9));
  CHECK(student_t_quantile(0.5, 3) == 0.0);
  CHECK(student_t_quantile(0.975, 1e6) == doctest::Approx(1.959964).epsilon(1e-5));
  for (const double dof : {1.0, 2.5, 7.0, 40.0}) {
    for (double p = 0.02; p < 1; p += 0.07) {
      CHECK(student_t_cdf(student_t_quantile(p, dof), dof) == doctest::Approx(p).epsilon(1e-10));
    }
  }
}

}  // namespace plimsoll::math
