#include "sim/core/distributions.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "sim/core/math.h"
#include "sim/core/statistics.h"

namespace plimsoll {

namespace {

const Stream kStream(42, "distributions", Purpose::work);

/// Moments of 40,000 draws.
template <class Draw>
Welford sample(Draw one) {
  Welford w;
  for (std::uint64_t i = 0; i < 40'000; ++i) w.add(one(i));
  return w;
}

/// Mean and standard deviation as expected: the mean within five standard errors, the deviation within 4%.
void has_moments(const Welford& w, double mean, double deviation) {
  CAPTURE(w.mean());
  CAPTURE(w.deviation());
  CHECK(std::abs(w.mean() - mean) < 5 * deviation / std::sqrt(static_cast<double>(w.count())) + 1e-12);
  CHECK(w.deviation() == doctest::Approx(deviation).epsilon(0.04));
}

}  // namespace

TEST_CASE("each law has the mean and the deviation of its formula") {
  has_moments(sample([](auto i) { return draw::uniform(kStream, i, 2, 6); }), 4, 4 / std::sqrt(12.0));
  has_moments(sample([](auto i) { return draw::exponential(kStream, i, 3); }), 3, 3);
  has_moments(sample([](auto i) { return draw::normal(kStream, i, -2, 5); }), -2, 5);
  has_moments(sample([](auto i) { return draw::lognormal(kStream, i, 10, 0.5); }), 10, 5);
  // Median m, cv c: mean m sqrt(1 + c^2), deviation c times the mean.
  has_moments(sample([](auto i) { return draw::lognormal_median(kStream, i, 10, 0.3); }), 10 * std::sqrt(1.09),
              3 * std::sqrt(1.09));
  has_moments(sample([](auto i) { return draw::shifted_lognormal(kStream, i, 27, 45, 0.3); }),
              27 + 18 * std::sqrt(1.09), 5.4 * std::sqrt(1.09));
  has_moments(sample([](auto i) { return draw::erlang(kStream, i, 4, 8); }), 8, 4);
  // Weibull shape 2, scale 1: mean sqrt(pi)/2, variance 1 - pi/4.
  has_moments(sample([](auto i) { return draw::weibull(kStream, i, 2, 1); }), std::sqrt(M_PI) / 2,
              std::sqrt(1 - M_PI / 4));
  // Pareto alpha 5, minimum 1: mean 5/4, variance 5 / (4^2 * 3).
  has_moments(sample([](auto i) { return draw::pareto(kStream, i, 5, 1); }), 1.25, std::sqrt(5.0 / 48));
  has_moments(sample([](auto i) { return draw::hyperexponential(kStream, i, 2, 4); }), 2, 4);
  has_moments(sample([](auto i) { return draw::bernoulli(kStream, i, 0.3) ? 1.0 : 0.0; }), 0.3, std::sqrt(0.21));
  // Bounded Pareto 1..100, alpha 1.5: mean = a L^a (L^(1-a) - H^(1-a)) / ((a-1)(1 - (L/H)^a)) = 1.5 * 0.9 / (0.5 *
  // 0.999). Second moment: a / (2-a) * (H^0.5 - 1) / 0.999 = 3 * 9 / 0.999.
  const double mean = 1.5 * 0.9 / (0.5 * 0.999);
  has_moments(sample([](auto i) { return draw::bounded_pareto(kStream, i, 1.5, 1, 100); }), mean,
              std::sqrt(27 / 0.999 - mean * mean));
}

TEST_CASE("bounded laws stay in their bounds") {
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const double b = draw::bounded_pareto(kStream, i, 1.1, 2, 50);
    REQUIRE(b >= 2);
    REQUIRE(b <= 50);
    const double u = draw::open_uniform(kStream, i);
    REQUIRE(u > 0);
    REQUIRE(u < 1);
    REQUIRE(draw::shifted_lognormal(kStream, i, 27, 45, 2.0) > 27);
  }
}

TEST_CASE("Poisson counts have equal mean and variance, from 0.01 to 1e9") {
  for (const double mean : {0.01, 0.5, 3.0, 29.9, 30.1, 100.0, 5'000.0, 1e6, 1e9}) {
    CAPTURE(mean);
    has_moments(sample([mean](auto i) { return static_cast<double>(draw::poisson(kStream, i, mean)); }), mean,
                std::sqrt(mean));
  }
  CHECK(draw::poisson(kStream, 1, 0.0) == 0);
}

TEST_CASE("Poisson quantiles equal the summed probabilities, but for few and by one") {
  for (const double mean : {30.0, 75.0, 400.0, 3'000.0}) {
    int off = 0;
    double cumulative = 0;
    std::int64_t exact = -1;
    for (int i = 0; i < 10'000; ++i) {
      const double u = (i + 0.5) / 10'000;
      while (cumulative < u) {
        ++exact;
        const double k = static_cast<double>(exact);
        cumulative += math::exp(-mean + k * math::log(mean) - math::lgamma(k + 1));
      }
      const std::int64_t got = draw::poisson_quantile(u, mean);
      REQUIRE(std::abs(got - exact) <= 1);
      off += got != exact;
    }
    CAPTURE(mean);
    CHECK(off <= 20);
  }
}

TEST_CASE("delays are read, printed and read again to the same value") {
  for (const char* text : {"45s", "0s", "lognormal(median 45s, cv 0.3)", "lognormal(median 45s, cv 0.3, floor 27s)",
                           "uniform(1s, 3s)", "exponential(mean 2s)", "exponential(mean 2s, floor 500ms)", "1.5ms"}) {
    CAPTURE(text);
    const Parsed<Delay> parsed = parse_delay(text);
    REQUIRE_MESSAGE(parsed, parsed.error);
    CHECK(to_string(*parsed.value) == text);
    const Parsed<Delay> again = parse_delay(to_string(*parsed.value));
    REQUIRE(again);
    CHECK(*again.value == *parsed.value);
  }
  CHECK(*parse_delay(" lognormal( cv=0.3 , median: 45s ) ").value == Delay::lognormal(seconds(45), 0.3));
  CHECK(*parse_delay("exponential(2s)").value == Delay::exponential(seconds(2)));
  CHECK(*parse_delay("constant(2s)").value == Delay::constant(seconds(2)));
  CHECK(*parse_delay("uniform(low 1s, high 2s)").value == Delay::uniform(seconds(1), seconds(2)));
}

TEST_CASE("a wrong delay is refused in a sentence that says what is wrong") {
  const auto why = [](const char* text) {
    const Parsed<Delay> parsed = parse_delay(text);
    CHECK_FALSE(parsed);
    return parsed.error;
  };
  CHECK(why("lognormal(median 45s)").find("lacks its cv") != std::string::npos);
  CHECK(why("lognormal(median 45s, cv 0.3, floor 50s)").find("floor above its median") != std::string::npos);
  CHECK(why("lognormal(median 45s, cv many)").find("cv that is not a number") != std::string::npos);
  CHECK(why("lognormla(median 45s, cv 1)").find("did you mean lognormal?") != std::string::npos);
  CHECK(why("uniform(3s, 1s)").find("high end below") != std::string::npos);
  CHECK(why("uniform(1s").find("closing parenthesis") != std::string::npos);
  CHECK(why("uniform(1s, 2s, 3s)").find("too many parts") != std::string::npos);
  CHECK(why("exponential(average 2s)").find("unknown part \"average\"") != std::string::npos);
  CHECK(why("exponential(mean 2s, mean 3s)").find("twice") != std::string::npos);
  CHECK(why("exponential()").find("without a value") != std::string::npos);
  CHECK(why("45").find("has no unit") != std::string::npos);
  CHECK(why("uniform(1, 3s)").find("has no unit") != std::string::npos);
}

TEST_CASE("delays sample their law, never below the floor") {
  const auto moments = [](const Delay& delay) {
    return sample([&delay](auto i) { return to_seconds(delay.sample(kStream, i)); });
  };
  CHECK(Delay::constant(seconds(45)).sample(kStream, 3) == seconds(45));
  has_moments(moments(Delay::uniform(seconds(1), seconds(3))), 2, 2 / std::sqrt(12.0));
  has_moments(moments(Delay::exponential(seconds(2))), 2, 2);
  has_moments(moments(Delay::exponential(seconds(2), seconds(1))), 2, 1);
  const Delay boot = Delay::lognormal(seconds(45), 0.3, seconds(27));
  has_moments(moments(boot), to_seconds(boot.mean()), 5.4 * std::sqrt(1.09));
  for (std::uint64_t i = 0; i < 5'000; ++i) REQUIRE(boot.sample(kStream, i) >= seconds(27));
  // Half of the draws lie below the median.
  int below = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) below += boot.sample(kStream, i) < seconds(45);
  CHECK(std::abs(below - 5'000) < 250);
  CHECK(Delay::uniform(seconds(1), seconds(1)).sample(kStream, 9) == seconds(1));
  CHECK(boot.scaled(2).mean().count() == doctest::Approx(2 * static_cast<double>(boot.mean().count())).epsilon(1e-6));
  CHECK(Delay{}.is_zero());
  CHECK_FALSE(boot.is_zero());
}

TEST_CASE("a sample is a pure function of stream, item and sub-draw") {
  const Delay boot = Delay::lognormal(seconds(45), 0.3, seconds(27));
  CHECK(boot.sample(kStream, 17) == boot.sample(Stream(42, "distributions", Purpose::work), 17));
  CHECK(boot.sample(kStream, 17) != boot.sample(kStream, 18));
  CHECK(boot.sample(kStream, 17, 0) != boot.sample(kStream, 17, 1));
}

}  // namespace plimsoll
