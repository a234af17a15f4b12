#include "models/kubernetes/api/quantity.h"

#include <limits>
#include <string>

namespace plimsoll::kubernetes::api {

namespace {

constexpr std::string_view kRule = "must be a quantity such as 250m, 1.5Gi, 0.5 or 2e3";

struct Suffix {
  std::string_view text;
  int decimal = 0;  // power of ten
  int binary = 0;   // power of 1024
};
constexpr Suffix kSuffixes[] = {{"n", -9, 0}, {"u", -6, 0}, {"m", -3, 0}, {"", 0, 0},   {"k", 3, 0},  {"M", 6, 0},
                                {"G", 9, 0},  {"T", 12, 0}, {"P", 15, 0}, {"E", 18, 0}, {"Ki", 0, 1}, {"Mi", 0, 2},
                                {"Gi", 0, 3}, {"Ti", 0, 4}, {"Pi", 0, 5}, {"Ei", 0, 6}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Parsed<std::int64_t> parse_quantity(std::string_view text, int decimals) {
  const auto fail = [&](std::string_view why) {
    return Parsed<std::int64_t>{{}, "\"" + std::string(text) + "\" " + std::string(why)};
  };
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest[0] == '+' || rest[0] == '-')) {
    negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  // mantissa x 10^exponent
  unsigned __int128 mantissa = 0;
  int exponent = 0;
  bool any = false, point = false;
  constexpr unsigned __int128 kLimit = static_cast<unsigned __int128>(1) << 100;
  while (!rest.empty() && (is_digit(rest[0]) || (rest[0] == '.' && !point))) {
    if (rest[0] == '.') {
      point = true;
    } else {
      any = true;
      if (mantissa >= kLimit) return fail("is too long");
      mantissa = mantissa * 10 + static_cast<unsigned>(rest[0] - '0');
      if (point) --exponent;
    }
    rest.remove_prefix(1);
  }
  if (!any) return fail(kRule);
  int binary = 0;
  if (rest.size() >= 2 && (rest[0] == 'e' || rest[0] == 'E') &&
      (is_digit(rest[1]) || ((rest[1] == '-' || rest[1] == '+') && rest.size() >= 3))) {
    int power = 0;
    const bool minus = rest[1] == '-';
    for (const char c : rest.substr(is_digit(rest[1]) ? 1 : 2)) {
      if (!is_digit(c) || power > 30) return fail(kRule);
      power = power * 10 + (c - '0');
    }
    exponent += minus ? -power : power;
  } else {
    const Suffix* found = nullptr;
    for (const Suffix& suffix : kSuffixes) {
      if (suffix.text == rest) found = &suffix;
    }
    if (found == nullptr) return fail(kRule);
    exponent += found->decimal;
    binary = found->binary;
  }
  exponent += decimals;
  for (; binary > 0; --binary) {
    if (mantissa >= kLimit) return fail("is too large");
    mantissa *= 1024;
  }
  for (; exponent > 0; --exponent) {
    if (mantissa >= kLimit) return fail("is too large");
    mantissa *= 10;
  }
  bool rounded = false;
  for (; exponent < 0; ++exponent) {
    rounded = rounded || mantissa % 10 != 0;
    mantissa /= 10;
  }
  mantissa += rounded ? 1 : 0;
  if (mantissa > static_cast<unsigned __int128>(std::numeric_limits<std::int64_t>::max())) return fail("is too large");
  const auto value = static_cast<std::int64_t>(mantissa);
  return {negative ? -value : value, ""};
}

Parsed<Cpu> parse_cpu_quantity(std::string_view text) {
  const auto millis = parse_quantity(text, 3);
  if (!millis) return {{}, millis.error};
  if (*millis.value > std::numeric_limits<std::int64_t>::max() / kCpuTicksPerMilli) {
    return {{}, "\"" + std::string(text) + "\" is too large"};
  }
  return {cpu_millis(*millis.value), ""};
}

Parsed<Bytes> parse_bytes_quantity(std::string_view text) {
  const auto bytes = parse_quantity(text, 0);
  if (!bytes) return {{}, bytes.error};
  return {Bytes{*bytes.value}, ""};
}

}  // namespace plimsoll::kubernetes::api
