#include "sim/core/distributions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "sim/core/assert.h"
#include "sim/core/math.h"
#include "sim/core/text.h"

namespace plimsoll {

namespace draw {

double open_uniform(const Stream& stream, std::uint64_t item, std::uint32_t sub) {
  return (static_cast<double>(stream.bits(item, sub) >> 12) + 0.5) * 0x1.0p-52;
}

double uniform(const Stream& stream, std::uint64_t item, double low, double high, std::uint32_t sub) {
  return low + (high - low) * stream.uniform(item, sub);
}

double exponential(const Stream& stream, std::uint64_t item, double mean, std::uint32_t sub) {
  return -mean * math::log(open_uniform(stream, item, sub));
}

double normal(const Stream& stream, std::uint64_t item, double mean, double deviation, std::uint32_t sub) {
  return mean + deviation * math::normal_quantile(open_uniform(stream, item, sub));
}

double lognormal(const Stream& stream, std::uint64_t item, double mean, double cv, std::uint32_t sub) {
  if (mean <= 0) return 0;
  const double variance = math::log1p(cv * cv);
  return lognormal_median(stream, item, mean * math::exp(-0.5 * variance), cv, sub);
}

double lognormal_median(const Stream& stream, std::uint64_t item, double median, double cv, std::uint32_t sub) {
  if (median <= 0) return 0;
  const double sigma = std::sqrt(math::log1p(cv * cv));
  return median * math::exp(sigma * math::normal_quantile(open_uniform(stream, item, sub)));
}

double shifted_lognormal(const Stream& stream, std::uint64_t item, double floor, double median, double cv,
                         std::uint32_t sub) {
  return floor + lognormal_median(stream, item, median - floor, cv, sub);
}

double erlang(const Stream& stream, std::uint64_t item, int phases, double mean, std::uint32_t sub) {
  PLIMSOLL_ASSERT(phases >= 1);
  double sum = 0;
  for (int i = 0; i < phases; ++i) sum += exponential(stream, item, 1.0, sub + static_cast<std::uint32_t>(i));
  return sum * mean / phases;
}

double weibull(const Stream& stream, std::uint64_t item, double shape, double scale, std::uint32_t sub) {
  return scale * math::pow(exponential(stream, item, 1.0, sub), 1.0 / shape);
}

double pareto(const Stream& stream, std::uint64_t item, double alpha, double minimum, std::uint32_t sub) {
  return minimum * math::pow(open_uniform(stream, item, sub), -1.0 / alpha);
}

double bounded_pareto(const Stream& stream, std::uint64_t item, double alpha, double low, double high,
                      std::uint32_t sub) {
  const double cut = 1.0 - math::pow(low / high, alpha);
  const double x = low * math::pow(1.0 - open_uniform(stream, item, sub) * cut, -1.0 / alpha);
  return std::clamp(x, low, high);
}

double hyperexponential(const Stream& stream, std::uint64_t item, double mean, double scv, std::uint32_t sub) {
  PLIMSOLL_ASSERT(scv >= 1.0);
  const double p = 0.5 * (1.0 + std::sqrt((scv - 1.0) / (scv + 1.0)));
  const double branch = stream.uniform(item, sub) < p ? p : 1.0 - p;
  return exponential(stream, item, mean / (2.0 * branch), sub + 1);
}

std::int64_t poisson_quantile(double u, double mean) {
  PLIMSOLL_ASSERT(mean >= 0 && mean <= 1e9);
  if (mean == 0) return 0;
  if (mean < 30) {
    double term = math::exp(-mean);
    double sum = term;
    std::int64_t k = 0;
    // The bound only matters for a uniform so close to 1 that the sum stops growing.
    while (u > sum && k < 1000) {
      ++k;
      term *= mean / static_cast<double>(k);
      sum += term;
    }
    return k;
  }
  const double root = std::sqrt(mean);
  const double z = math::normal_quantile(u);
  const double z2 = z * z;
  const double x = mean + root * z + (1.0 / 3.0 + z2 / 6.0) - z * (1.0 / 36.0 + z2 / 72.0) / root +
                   (-8.0 / 405.0 + z2 * (7.0 / 810.0 + z2 / 270.0)) / mean;
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(x));  // rounded down where it is not negative
}

std::int64_t poisson(const Stream& stream, std::uint64_t item, double mean, std::uint32_t sub) {
  return poisson_quantile(open_uniform(stream, item, sub), mean);
}

bool bernoulli(const Stream& stream, std::uint64_t item, double p, std::uint32_t sub) {
  return stream.uniform(item, sub) < p;
}

}  // namespace draw

namespace {

/// About 31 years: far beyond any run, far below an overflow of the clock.
constexpr double kLongest = 1e15;

Duration whole_microseconds(double us) {
  return Duration{static_cast<std::int64_t>(std::clamp(us, 0.0, kLongest) + 0.5)};
}

}  // namespace

Duration Delay::sample(const Stream& stream, std::uint64_t item, std::uint32_t sub) const {
  const double low = static_cast<double>(floor.count());
  const double centre = static_cast<double>(value.count());
  switch (kind) {
    case Kind::constant:
      return value;
    case Kind::uniform:
      return value + Duration{static_cast<std::int64_t>(
                         stream.below(static_cast<std::uint64_t>((high - value).count()) + 1, item, sub))};
    case Kind::lognormal:
      return whole_microseconds(draw::shifted_lognormal(stream, item, low, centre, cv, sub));
    case Kind::exponential:
      return whole_microseconds(low + draw::exponential(stream, item, centre - low, sub));
  }
  return value;
}

Duration Delay::mean() const {
  switch (kind) {
    case Kind::constant:
    case Kind::exponential:
      return value;
    case Kind::uniform:
      return value + (high - value) / 2;
    case Kind::lognormal:
      // Mean of a lognormal: median * sqrt(1 + cv^2).
      return floor + whole_microseconds(static_cast<double>((value - floor).count()) * std::sqrt(1.0 + cv * cv));
  }
  return value;
}

Delay Delay::scaled(double factor) const {
  PLIMSOLL_ASSERT(factor >= 0);
  Delay out = *this;
  const auto times = [factor](Duration d) { return whole_microseconds(static_cast<double>(d.count()) * factor); };
  out.value = times(value);
  out.high = times(high);
  out.floor = times(floor);
  return out;
}

namespace {

constexpr std::string_view kForms =
    "a delay such as 45s, uniform(1s, 3s), exponential(mean 2s) or lognormal(median 45s, cv 0.3, floor 27s)";

/// One argument of a law: a name that may be empty, and the text of its value.
struct Argument {
  std::string_view name;
  std::string_view value;
};

std::vector<Argument> split_arguments(std::string_view text) {
  std::vector<Argument> out;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view piece = trim(text.substr(0, comma));
    std::size_t letters = 0;
    while (letters < piece.size() && ((piece[letters] >= 'a' && piece[letters] <= 'z') || piece[letters] == '_')) {
      ++letters;
    }
    std::string_view value = trim(piece.substr(letters));
    if (!value.empty() && (value.front() == '=' || value.front() == ':')) value = trim(value.substr(1));
    out.push_back({piece.substr(0, letters), value});
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

struct LawForm {
  std::string_view name;
  Delay::Kind kind;
  std::array<std::string_view, 3> arguments;  ///< in the order in which they may be given without names
  std::size_t needed;
};

constexpr std::array<LawForm, 4> kLaws{{{"constant", Delay::Kind::constant, {"value", "", ""}, 1},
                                        {"uniform", Delay::Kind::uniform, {"low", "high", ""}, 2},
                                        {"lognormal", Delay::Kind::lognormal, {"median", "cv", "floor"}, 2},
                                        {"exponential", Delay::Kind::exponential, {"mean", "floor", ""}, 1}}};

}  // namespace

Parsed<Delay> parse_delay(std::string_view text) {
  const std::string shown = "\"" + std::string(text) + "\"";
  const auto fail = [&](const std::string& why) { return Parsed<Delay>{std::nullopt, shown + " " + why}; };
  const std::string_view body = trim(text);
  const std::size_t open = body.find('(');
  if (open == std::string_view::npos) {
    const Parsed<Duration> d = parse_duration(body);
    if (!d) return {std::nullopt, d.error};
    return {Delay::constant(*d.value), {}};
  }
  const std::string_view name = trim(body.substr(0, open));
  if (body.back() != ')') return fail("lacks a closing parenthesis");
  const LawForm* law = nullptr;
  std::array<std::string_view, kLaws.size()> names;
  for (std::size_t i = 0; i < kLaws.size(); ++i) {
    names[i] = kLaws[i].name;
    if (kLaws[i].name == name) law = &kLaws[i];
  }
  if (law == nullptr) {
    const std::string close = nearest(name, names);
    return fail("names no known law" + (close.empty() ? "" : "; did you mean " + close + "?") + " Expected " +
                std::string(kForms));
  }
  std::array<std::string_view, 3> given{};
  std::size_t position = 0;
  for (const Argument& argument : split_arguments(body.substr(open + 1, body.size() - open - 2))) {
    std::size_t at = position++;
    if (!argument.name.empty()) {
      for (at = 0; at < 3 && law->arguments[at] != argument.name; ++at) {
      }
      if (at == 3)
        return fail("has an unknown part \"" + std::string(argument.name) + "\"; expected " + std::string(kForms));
    }
    if (at >= 3 || law->arguments[at].empty()) return fail("has too many parts; expected " + std::string(kForms));
    if (argument.value.empty()) return fail("has a part without a value; expected " + std::string(kForms));
    if (!given[at].empty()) return fail("gives " + std::string(law->arguments[at]) + " twice");
    given[at] = argument.value;
  }
  Delay out;
  out.kind = law->kind;
  for (std::size_t i = 0; i < 3; ++i) {
    if (given[i].empty()) {
      if (i < law->needed) return fail("lacks its " + std::string(law->arguments[i]));
      continue;
    }
    if (law->arguments[i] == "cv") {
      double cv = 0;
      const auto [end, error] = std::from_chars(given[i].data(), given[i].data() + given[i].size(), cv);
      if (error != std::errc{} || end != given[i].data() + given[i].size() || !(cv >= 0 && cv <= 100)) {
        return fail("has a cv that is not a number from 0 to 100");
      }
      out.cv = cv;
      continue;
    }
    const Parsed<Duration> d = parse_duration(given[i]);
    if (!d) return {std::nullopt, d.error + " (in " + shown + ")"};
    (law->arguments[i] == "high" ? out.high : law->arguments[i] == "floor" ? out.floor : out.value) = *d.value;
  }
  if (out.kind == Delay::Kind::uniform && out.high < out.value) return fail("has its high end below its low end");
  if (out.floor > out.value) return fail("has a floor above its " + std::string(law->arguments[0]));
  return {out, {}};
}

std::string to_string(const Delay& delay) {
  const std::string floor = delay.floor.count() == 0 ? "" : ", floor " + to_string(delay.floor);
  switch (delay.kind) {
    case Delay::Kind::constant:
      return to_string(delay.value);
    case Delay::Kind::uniform:
      return "uniform(" + to_string(delay.value) + ", " + to_string(delay.high) + ")";
    case Delay::Kind::lognormal: {
      std::array<char, 32> cv{};
      const auto result = std::to_chars(cv.data(), cv.data() + cv.size(), delay.cv);  // shortest exact form
      return "lognormal(median " + to_string(delay.value) + ", cv " + std::string(cv.data(), result.ptr) + floor + ")";
    }
    case Delay::Kind::exponential:
      return "exponential(mean " + to_string(delay.value) + floor + ")";
  }
  return {};
}

}  // namespace plimsoll
