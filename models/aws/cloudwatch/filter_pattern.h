#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/document/node.h"

namespace plimsoll::aws {

/// A filter pattern of CloudWatch Logs, as PutMetricFilter takes it: which log events count.
///
/// Of plain text, terms that a line must hold ("ERROR"), must not hold (-Exiting), or of which it must hold one (?ERROR
/// ?WARN; beside other terms the optional ones do nothing); a term of other characters than letters, digits and _ is
/// quoted. Of JSON, { $.level = "error" && ($.latency > 1000 || $.codes[0] NOT EXISTS) } with =, !=, <, <=, >, >=, IS
/// NULL, IS TRUE, IS FALSE and NOT EXISTS; * in a text stands for any characters. Case counts. The empty pattern
/// matches every line. SOURCE: CloudWatch Logs user guide, "Filter pattern syntax for metric filters".
/// Left out: space-delimited patterns ([ip, user, ...]) and regular expressions (%...%), which are refused.
class FilterPattern {
 public:
  struct Result;
  static Result parse(std::string_view text);

  bool matches(std::string_view line) const;
  /// The number that a selector ($.latency) finds in the line; nothing when there is none.
  static std::optional<double> number_at(std::string_view selector, std::string_view line);

 private:
  friend class FilterPatternParser;
  enum class Op : std::uint8_t {
    equals,
    differs,
    less,
    less_equal,
    greater,
    greater_equal,
    is_null,
    is_true,
    is_false,
    not_exists
  };
  struct Comparison {
    std::string selector;
    Op op = Op::equals;
    std::optional<double> number;
    std::string text;
  };
  /// A tree in postfix order: comparisons by index, kAnd and kOr.
  static constexpr std::int32_t kAnd = -1, kOr = -2;

  static const document::Node* select(const document::Node& root, std::string_view selector);
  static bool holds(const Comparison& c, const document::Node& root);

  bool json_ = false;
  std::vector<std::string> all_, none_, any_;
  std::vector<Comparison> comparisons_;
  std::vector<std::int32_t> postfix_;
};

struct FilterPattern::Result {
  std::optional<FilterPattern> pattern;
  std::string error;
  std::size_t position = 0;  ///< of the fault, from 0
};

}  // namespace plimsoll::aws
