#include <algorithm>
#include <optional>
#include <regex>
#include <string>

#include "models/eks/cluster_autoscaler/expander.h"

namespace plimsoll::eks::ca {

namespace {

/// Longer ones are no names of groups, and the library's compiler recurses into what it is given.
constexpr std::size_t kLongestPattern = 500;

std::regex compile(std::string_view pattern) {
  auto flags = std::regex::ECMAScript;
  if (pattern.starts_with("(?i)")) {
    pattern.remove_prefix(4);
    flags |= std::regex::icase;
  }
  return std::regex(pattern.begin(), pattern.end(), flags);
}

class PriorityExpander final : public Expander {
 public:
  explicit PriorityExpander(const PriorityConfig& config) {
    try {
      for (const auto& [priority, patterns] : config) {
        for (const std::string& pattern : patterns) rules_.emplace_back(priority, compile(pattern));
      }
    } catch (const std::regex_error&) {
      rules_.clear();
    }
  }

  std::string_view name() const override { return "priority"; }
  double score(const ExpansionOption& option) const override {
    const auto priority = priority_of(option.group_id);
    return priority ? -static_cast<double>(*priority) : 0;
  }
  std::vector<std::size_t> best(std::span<const ExpansionOption> options) const override {
    std::optional<std::int64_t> highest;
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < options.size(); ++i) {
      const auto priority = priority_of(options[i].group_id);
      if (!priority || (highest && *priority < *highest)) continue;
      if (!highest || *priority > *highest) out.clear();
      highest = priority;
      out.push_back(i);
    }
    if (out.empty()) {
      for (std::size_t i = 0; i < options.size(); ++i) out.push_back(i);
    }
    return out;
  }

 private:
  std::optional<std::int64_t> priority_of(std::string_view group) const {
    std::optional<std::int64_t> highest;
    for (const auto& [priority, pattern] : rules_) {
      if (highest && *highest >= priority) continue;
      if (std::regex_search(group.begin(), group.end(), pattern)) highest = priority;
    }
    return highest;
  }

  std::vector<std::pair<std::int64_t, std::regex>> rules_;
};

}  // namespace

namespace {

/// Whether a repetition stands where nothing is to be repeated, which Go refuses and the library here does not.
bool repeats_nothing(std::string_view pattern) {
  bool nothing = true, in_brackets = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      ++i;
    } else if (c == '[') {
      in_brackets = true;
    } else if (c == ']') {
      in_brackets = false;
    } else if (!in_brackets && nothing && (c == '*' || c == '+' || c == '?')) {
      const bool group_option = c == '?' && i > 0 && pattern[i - 1] == '(';
      if (!group_option) return true;
    }
    nothing = !in_brackets && (c == '(' || c == '|');
  }
  return false;
}

}  // namespace

std::string pattern_fault(std::string_view pattern) {
  if (pattern.size() > kLongestPattern)
    return "a regular expression of more than " + std::to_string(kLongestPattern) + " characters";
  if (repeats_nothing(pattern))
    return "'" + std::string(pattern) + "' is not a regular expression: nothing stands before *, + or ?";
  try {
    static_cast<void>(compile(pattern));
    return {};
  } catch (const std::regex_error& e) {
    using namespace std::regex_constants;
    const error_type code = e.code();
    const char* why = code == error_paren       ? "parentheses do not match"
                      : code == error_brack     ? "brackets do not match"
                      : code == error_brace     ? "braces do not match"
                      : code == error_badbrace  ? "a count in braces is no range"
                      : code == error_range     ? "a range of characters goes backwards"
                      : code == error_badrepeat ? "nothing stands before *, + or ?"
                      : code == error_escape    ? "an escape is unknown"
                                                : "not understood";
    return "'" + std::string(pattern) + "' is not a regular expression: " + why;
  }
}

std::unique_ptr<Expander> make_priority_expander(const PriorityConfig& config) {
  return std::make_unique<PriorityExpander>(config);
}

}  // namespace plimsoll::eks::ca
