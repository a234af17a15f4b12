#include "sim/core/text.h"

#include <algorithm>
#include <vector>

namespace plimsoll {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t columns = b.size() + 1;
  std::vector<std::size_t> before(columns), previous(columns), current(columns);
  for (std::size_t j = 0; j < columns; ++j) current[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(previous);
    previous.swap(current);
    current[0] = i;
    for (std::size_t j = 1; j < columns; ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
  }
  return current[b.size()];
}

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t best_distance = 0;
  bool found = false;
  for (const std::string_view candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= longer || distance > std::max<std::size_t>(1, longer / 3)) continue;
    if (found && distance >= best_distance) continue;
    found = true;
    best = candidate;
    best_distance = distance;
  }
  return std::string(best);
}

Parsed<std::int64_t> parse_count(std::string_view text) {
  const std::string shown = "\"" + std::string(text) + "\"";
  const auto fail = [&](const char* why) { return Parsed<std::int64_t>{std::nullopt, shown + why}; };
  constexpr const char* kNotCount = " is not a whole number: write 1500, 1,500, 1.5k, 2M or 1G";
  text = trim(text);
  if (!text.empty() && text.front() == '-') return fail(" is negative; a count is zero or more");
  std::int64_t multiplier = 1;
  if (!text.empty() && !is_digit(text.back())) {
    switch (text.back()) {
      case 'k':
      case 'K':
        multiplier = 1'000;
        break;
      case 'M':
        multiplier = 1'000'000;
        break;
      case 'G':
        multiplier = 1'000'000'000;
        break;
      default:
        return fail(kNotCount);
    }
    text = trim(text.substr(0, text.size() - 1));
  }
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && fraction.empty())) return fail(kNotCount);

  const char separator = whole.find(',') != std::string_view::npos ? ',' : '_';
  const bool grouped = whole.find(separator) != std::string_view::npos;
  __int128 value = 0;
  std::size_t digits = 0;  // of the present group
  bool first_group = true;
  for (const char c : whole) {
    if (grouped && c == separator) {
      if (digits == 0 || (first_group ? digits > 3 : digits != 3)) return fail(kNotCount);
      first_group = false;
      digits = 0;
    } else if (is_digit(c)) {
      ++digits;
      value = value * 10 + (c - '0');
      if (value > INT64_MAX) return fail(" is too large");
    } else {
      return fail(kNotCount);
    }
  }
  if (grouped && digits != 3) return fail(kNotCount);
  value *= multiplier;
  std::int64_t place = multiplier;
  for (const char c : fraction) {
    if (!is_digit(c)) return fail(kNotCount);
    if (c != '0' && place % 10 != 0) return fail(" is not a whole number");
    place /= 10;
    value += static_cast<__int128>(c - '0') * place;
  }
  if (value > INT64_MAX) return fail(" is too large");
  return {static_cast<std::int64_t>(value), {}};
}

}  // namespace plimsoll
