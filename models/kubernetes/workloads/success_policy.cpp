#include "models/kubernetes/workloads/success_policy.h"

#include <algorithm>
#include <charconv>

namespace plimsoll::kubernetes {

namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty() || out < 0) return std::nullopt;
  return out;
}

}  // namespace

std::optional<IndexRanges> parse_indexes(std::string_view text, std::int64_t completions) {
  IndexRanges out;
  std::int64_t last = -1;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::size_t dash = part.find('-');
    const auto first = whole_number(part.substr(0, dash));
    const auto end = dash == std::string_view::npos ? first : whole_number(part.substr(dash + 1));
    if (!first || !end || *first <= last || *end >= completions) return std::nullopt;
    if (dash != std::string_view::npos && *end <= *first) return std::nullopt;
    out.emplace_back(*first, *end);
    last = *end;
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

bool meets_success_policy(std::span<const SuccessRule> rules, const std::vector<bool>& succeeded) {
  const auto count = [&](std::int64_t first, std::int64_t last) {
    std::int64_t n = 0;
    for (std::int64_t i = first; i <= last && i < static_cast<std::int64_t>(succeeded.size()); ++i)
      n += succeeded[static_cast<std::size_t>(i)] ? 1 : 0;
    return n;
  };
  return std::any_of(rules.begin(), rules.end(), [&](const SuccessRule& rule) {
    if (!rule.indexes) return rule.count && count(0, static_cast<std::int64_t>(succeeded.size()) - 1) >= *rule.count;
    std::int64_t done = 0, all = 0;
    for (const auto& [first, last] : *rule.indexes) {
      done += count(first, last);
      all += last - first + 1;
    }
    return done >= rule.count.value_or(all);
  });
}

}  // namespace plimsoll::kubernetes
