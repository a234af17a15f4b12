#include "sim/core/units.h"

#include <array>
#include <limits>
#include <string>

#include "sim/core/text.h"

namespace plimsoll {

namespace {

using Wide = unsigned __int128;

/// digits / 10^places, exact.
struct Decimal {
  Wide digits = 0;
  int places = 0;
};

enum class Read { ok, not_a_number, negative, too_long };

bool is_decimal(char c) { return c >= '0' && c <= '9'; }
std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// Takes a number such as "12", "0.5", ".5", "+1", "3e6" from the front of `text`.
Read take_decimal(std::string_view& text, Decimal& out) {
  std::string_view rest = text;
  if (!rest.empty() && rest.front() == '-') return Read::negative;
  if (!rest.empty() && rest.front() == '+') rest.remove_prefix(1);
  constexpr int kMaxDigits = 30;
  int significant = 0;
  int zeros = 0;  // pending zeros after the point: trailing ones are dropped
  bool any = false;
  bool after_point = false;
  out = Decimal{};
  while (!rest.empty()) {
    const char c = rest.front();
    if (c == '.' && !after_point) {
      after_point = true;
    } else if (is_decimal(c)) {
      any = true;
      if (after_point && c == '0') {
        ++zeros;
      } else {
        for (; zeros > 0; --zeros) {
          if (out.digits != 0 && ++significant > kMaxDigits) return Read::too_long;
          out.digits *= 10;
          if (++out.places > kMaxDigits) return Read::too_long;
        }
        if ((out.digits != 0 || c != '0') && ++significant > kMaxDigits) return Read::too_long;
        out.digits = out.digits * 10 + static_cast<unsigned>(c - '0');
        if (after_point && ++out.places > kMaxDigits) return Read::too_long;
      }
    } else {
      break;
    }
    rest.remove_prefix(1);
  }
  if (!any) return Read::not_a_number;
  // An exponent needs a digit; otherwise the letter is the suffix E.
  if (!rest.empty() && (rest.front() == 'e' || rest.front() == 'E')) {
    std::string_view tail = rest.substr(1);
    const bool minus = !tail.empty() && tail.front() == '-';
    if (!tail.empty() && (tail.front() == '-' || tail.front() == '+')) tail.remove_prefix(1);
    if (!tail.empty() && is_decimal(tail.front())) {
      int exponent = 0;
      while (!tail.empty() && is_decimal(tail.front())) {
        exponent = exponent * 10 + (tail.front() - '0');
        if (exponent > kMaxDigits) return Read::too_long;
        tail.remove_prefix(1);
      }
      rest = tail;
      out.places += minus ? exponent : -exponent;
      for (; out.places < 0; ++out.places) {
        if (out.digits != 0 && ++significant > kMaxDigits) return Read::too_long;
        out.digits *= 10;
      }
      if (out.places > kMaxDigits) return Read::too_long;
    }
  }
  text = rest;
  return Read::ok;
}

enum class Fit { exact, too_fine, too_large };

/// value x numerator / denominator as a whole int64. @pre denominator has no prime factors but 2 and 5.
Fit scale(const Decimal& value, Wide numerator, Wide denominator, std::int64_t& out) {
  Wide digits = value.digits;
  for (int i = 0; i < value.places; ++i) denominator *= 10;
  // Common factors leave first, so that the product stays small.
  for (const Wide p : {Wide{2}, Wide{5}}) {
    while (denominator % p == 0 && digits % p == 0 && digits != 0) {
      denominator /= p;
      digits /= p;
    }
    while (denominator % p == 0 && numerator % p == 0) {
      denominator /= p;
      numerator /= p;
    }
  }
  if (denominator != 1 && digits != 0) return Fit::too_fine;
  Wide product = 0;
  if (__builtin_mul_overflow(digits, numerator, &product) ||
      product > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) {
    return Fit::too_large;
  }
  out = static_cast<std::int64_t>(product);
  return Fit::exact;
}

std::string why_unread(Read read, std::string_view text, std::string_view expected) {
  switch (read) {
    case Read::negative:
      return quoted(text) + " is negative; expected " + std::string(expected);
    case Read::too_long:
      return quoted(text) + " has too many digits";
    default:
      return quoted(text) + " is not " + std::string(expected);
  }
}

std::string why_unfit(Fit fit, std::string_view text, std::string_view finest) {
  if (fit == Fit::too_large) return quoted(text) + " is too large";
  return quoted(text) + " is finer than " + std::string(finest);
}

struct Suffix {
  std::string_view name;
  std::int64_t numerator;
  std::int64_t denominator = 1;
};

template <class T>
Parsed<T> parse_scaled(std::string_view text, std::string_view number, const Suffix* suffixes, std::size_t count,
                       bool any_case, std::string_view expected, std::string_view finest) {
  Decimal value;
  std::string_view rest = number;
  if (const Read read = take_decimal(rest, value); read != Read::ok) {
    return {std::nullopt, why_unread(read, text, expected)};
  }
  rest = trim(rest);
  const std::string name = any_case ? to_lower(rest) : std::string(rest);
  for (std::size_t i = 0; i < count; ++i) {
    if (suffixes[i].name != name) continue;
    std::int64_t raw = 0;
    const Fit fit =
        scale(value, static_cast<Wide>(suffixes[i].numerator), static_cast<Wide>(suffixes[i].denominator), raw);
    if (fit != Fit::exact) return {std::nullopt, why_unfit(fit, text, finest)};
    return {T{raw}, {}};
  }
  return {std::nullopt, quoted(text) + " has an unknown unit " + quoted(rest) + "; expected " + std::string(expected)};
}

/// numerator / 10^places as a decimal, with at least `least` digits after the point.
std::string decimal_text(std::int64_t raw, int places, int least) {
  std::uint64_t magnitude = raw < 0 ? 0 - static_cast<std::uint64_t>(raw) : static_cast<std::uint64_t>(raw);
  std::string digits = std::to_string(magnitude);
  const std::size_t width = static_cast<std::size_t>(places);
  if (digits.size() <= width) digits.insert(0, width + 1 - digits.size(), '0');
  std::string fraction = digits.substr(digits.size() - width);
  digits.resize(digits.size() - width);
  while (fraction.size() > static_cast<std::size_t>(least) && fraction.back() == '0') fraction.pop_back();
  return (raw < 0 ? "-" : "") + digits + (fraction.empty() ? "" : "." + fraction);
}

}  // namespace

Parsed<Cpu> parse_cpu(std::string_view text) {
  static constexpr std::array<Suffix, 10> kSuffixes{{{"", kCpuTicksPerVcpu},
                                                     {"m", kCpuTicksPerMilli},
                                                     {"vcpu", kCpuTicksPerVcpu},
                                                     {"vcpus", kCpuTicksPerVcpu},
                                                     {"cpu", kCpuTicksPerVcpu},
                                                     {"cpus", kCpuTicksPerVcpu},
                                                     {"core", kCpuTicksPerVcpu},
                                                     {"cores", kCpuTicksPerVcpu},
                                                     {"unit", kCpuTicksPerEcsUnit},
                                                     {"units", kCpuTicksPerEcsUnit}}};
  return parse_scaled<Cpu>(text, trim(text), kSuffixes.data(), kSuffixes.size(), true,
                           "an amount of CPU such as 250m, 0.25, 2 cores or 1024 units",
                           "the smallest amount of CPU, 1/1024000 vCPU");
}

Parsed<Bytes> parse_bytes(std::string_view text) {
  constexpr std::int64_t kKilo = 1'000, kMega = 1'000'000, kGiga = 1'000'000'000, kTera = kGiga * 1'000,
                         kPeta = kTera * 1'000, kExa = kPeta * 1'000;
  static constexpr std::array<Suffix, 31> kSuffixes{{{"", 1},
                                                     {"B", 1},
                                                     {"bytes", 1},
                                                     {"m", 1, 1'000},
                                                     {"k", kKilo},
                                                     {"kB", kKilo},
                                                     {"KB", kKilo},
                                                     {"M", kMega},
                                                     {"MB", kMega},
                                                     {"G", kGiga},
                                                     {"GB", kGiga},
                                                     {"T", kTera},
                                                     {"TB", kTera},
                                                     {"P", kPeta},
                                                     {"PB", kPeta},
                                                     {"E", kExa},
                                                     {"EB", kExa},
                                                     {"Ki", kKiB},
                                                     {"KiB", kKiB},
                                                     {"Mi", kMiB},
                                                     {"MiB", kMiB},
                                                     {"Gi", kGiB},
                                                     {"GiB", kGiB},
                                                     {"Ti", kGiB * 1'024},
                                                     {"TiB", kGiB * 1'024},
                                                     {"Pi", kGiB * kMiB},
                                                     {"PiB", kGiB * kMiB},
                                                     {"Ei", kGiB * kGiB},
                                                     {"EiB", kGiB * kGiB},
                                                     {"byte", 1},
                                                     {"b", 1}}};
  return parse_scaled<Bytes>(text, trim(text), kSuffixes.data(), kSuffixes.size(), false,
                             "a size such as 512Mi, 1.5Gi, 512M, 0.5 GB or 1073741824", "a byte");
}

Parsed<Rate> parse_rate(std::string_view text) {
  static constexpr std::array<Suffix, 2> kSuffixes{{{"", 1'000'000'000'000}, {"usd", 1'000'000'000'000}}};
  std::string_view number = trim(text);
  if (!number.empty() && number.front() == '$') number = trim(number.substr(1));
  return parse_scaled<Rate>(text, number, kSuffixes.data(), kSuffixes.size(), true,
                            "a price such as $0.0416, 0.0416 or 0.0416 USD", "a pico-dollar");
}

Parsed<Ppm> parse_ratio(std::string_view text) {
  static constexpr std::array<Suffix, 2> kSuffixes{{{"", 1'000'000}, {"%", 10'000}}};
  return parse_scaled<Ppm>(text, trim(text), kSuffixes.data(), kSuffixes.size(), false, "a ratio such as 60% or 0.6",
                           "a millionth");
}

Parsed<Duration> parse_duration(std::string_view text) {
  constexpr std::string_view kExpected = "a duration such as 90s, 1h30m, 250ms or 2d";
  constexpr std::int64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
  static constexpr std::array<Suffix, 27> kUnits{
      {{"us", 1},           {"\u00b5s", 1},         {"\u03bcs", 1},      {"ms", 1'000},        {"s", kSecond},
       {"sec", kSecond},    {"secs", kSecond},      {"second", kSecond}, {"seconds", kSecond}, {"m", kMinute},
       {"min", kMinute},    {"mins", kMinute},      {"minute", kMinute}, {"minutes", kMinute}, {"h", kHour},
       {"hr", kHour},       {"hrs", kHour},         {"hour", kHour},     {"hours", kHour},     {"d", kDay},
       {"day", kDay},       {"days", kDay},         {"w", 7 * kDay},     {"week", 7 * kDay},   {"weeks", 7 * kDay},
       {"microseconds", 1}, {"milliseconds", 1'000}}};
  std::string_view rest = trim(text);
  if (rest == "0") return {Duration{0}, {}};
  std::int64_t total = 0;
  bool first = true;
  while (first || !rest.empty()) {
    Decimal value;
    if (const Read read = take_decimal(rest, value); read != Read::ok) {
      return {std::nullopt, why_unread(read, text, kExpected)};
    }
    rest = trim(rest);
    std::size_t length = 0;
    while (length < rest.size() && !is_decimal(rest[length]) && rest[length] != '.' && rest[length] != ' ' &&
           rest[length] != '-' && rest[length] != '+') {
      ++length;
    }
    const std::string_view unit = rest.substr(0, length);
    if (unit.empty()) return {std::nullopt, quoted(text) + " has no unit; expected " + std::string(kExpected)};
    const Suffix* known = nullptr;
    for (const Suffix& candidate : kUnits) {
      if (candidate.name == unit) known = &candidate;
    }
    if (known == nullptr) {
      return {std::nullopt,
              quoted(text) + " has an unknown unit " + quoted(unit) + "; expected " + std::string(kExpected)};
    }
    std::int64_t part = 0;
    if (const Fit fit = scale(value, static_cast<Wide>(known->numerator), 1, part); fit != Fit::exact) {
      return {std::nullopt, why_unfit(fit, text, "a microsecond")};
    }
    if (__builtin_add_overflow(total, part, &total)) return {std::nullopt, quoted(text) + " is too large"};
    rest = trim(rest.substr(length));
    first = false;
  }
  return {Duration{total}, {}};
}

std::string to_string(Cpu c) {
  if (c.raw() % kCpuTicksPerVcpu == 0) return std::to_string(c.raw() / kCpuTicksPerVcpu);
  const std::uint64_t magnitude =
      c.raw() < 0 ? 0 - static_cast<std::uint64_t>(c.raw()) : static_cast<std::uint64_t>(c.raw());
  const std::uint64_t millis = magnitude / kCpuTicksPerMilli;
  std::string text = (c.raw() < 0 ? "-" : "") + std::to_string(millis);
  if (const std::uint64_t left = magnitude % kCpuTicksPerMilli; left != 0) {
    // 1/1024 has ten decimal places, so the fraction is exact.
    text += decimal_text(static_cast<std::int64_t>(left * (10'000'000'000ull / 1'024)), 10, 1).substr(1);
  }
  return text + "m";
}

std::string to_string(Bytes b) {
  static constexpr std::array<std::string_view, 7> kNames{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  std::int64_t value = b.raw();
  std::size_t power = 0;
  while (value != 0 && value % 1'024 == 0 && power + 1 < kNames.size()) {
    value /= 1'024;
    ++power;
  }
  return std::to_string(value) + std::string(kNames[power]);
}

std::string to_string(Money m) { return decimal_text(m.raw(), 9, 2); }
std::string to_string(Rate r) { return decimal_text(r.raw(), 12, 2); }
std::string to_string(Ppm p) { return decimal_text(p.raw(), 4, 0) + "%"; }

std::string to_string(Duration d) {
  std::int64_t us = d.count();
  if (us == 0) return "0s";
  std::string text;
  if (us < 0) {
    text = "-";
    if (us == std::numeric_limits<std::int64_t>::min()) return text + to_string(Duration{-(us + 1)});
    us = -us;
  }
  if (us < 1'000) return text + std::to_string(us) + "us";
  if (us < 1'000'000) return text + decimal_text(us, 3, 0) + "ms";
  if (us >= 3'600'000'000) text += std::to_string(us / 3'600'000'000) + "h";
  us %= 3'600'000'000;
  if (us >= 60'000'000) text += std::to_string(us / 60'000'000) + "m";
  us %= 60'000'000;
  if (us > 0) text += decimal_text(us, 6, 0) + "s";
  return text;
}

Money amount(Rate rate, __int128 units_numerator, __int128 units_denominator) {
  return Money{static_cast<std::int64_t>(
      div_round(static_cast<__int128>(rate.raw()) * units_numerator, units_denominator * 1'000))};
}

}  // namespace plimsoll
