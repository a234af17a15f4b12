#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/aws/cloudwatch/alarm.h"

namespace plimsoll::aws {

struct AlarmRuleParse;

/// The AlarmRule of a composite alarm: an expression over the states of other alarms.
///     expr := and {"OR" and};  and := unary {"AND" unary}
///     unary := "NOT" unary | "(" expr ")" | "TRUE" | "FALSE" | state "(" alarm ")"
///     state := "ALARM" | "OK" | "INSUFFICIENT_DATA"
/// An alarm is named with or without double quotes, by its name or its ARN. SOURCE: CloudWatch API, PutCompositeAlarm
/// (functions, operators, 100 children, 500 elements). Our reading: NOT binds before AND, and AND before OR. Left out:
/// AT_LEAST.
class AlarmRule {
 public:
  static AlarmRuleParse parse(std::string_view text);

  /// The alarms that it names, each once, in order.
  const std::vector<std::string>& alarms() const { return alarms_; }
  /// `states`: of alarms(), in that order.
  bool evaluate(std::span<const AlarmState> states) const;
  const std::string& text() const { return text_; }

 private:
  friend class AlarmRuleParser;
  enum class Op : std::uint8_t { state, constant, negation, conjunction, disjunction };
  struct Term {
    Op op{};
    AlarmState state{};
    std::size_t alarm = 0;
    bool value = false;
  };
  std::string text_;
  std::vector<std::string> alarms_;
  std::vector<Term> terms_;  // postfix
};

struct AlarmRuleParse {
  std::optional<AlarmRule> rule;
  std::string error;         ///< what is wrong, when there is no rule
  std::size_t position = 0;  ///< offset in the text, 0-based
};

}  // namespace plimsoll::aws
