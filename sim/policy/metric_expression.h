#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/units.h"
#include "sim/policy/workload_reading.h"

namespace plimsoll {

/// A formula over measures of applications: numbers, + - * /, parentheses, min(a, b), max(a, b), and APP.MEASURE
/// ("web.backlog / max(web.replicas, 1)"; the measures are those of Measure). A division by zero gives zero. The value
/// is total over the application, not of one pod.
class MetricExpression {
 public:
  /// The error names the place (1 is the first character) and what is allowed there.
  static Parsed<MetricExpression> parse(std::string_view text, std::span<const std::string> apps);

  /// `value(app, measure)` gives the operands; app is the index in what was passed to parse.
  template <class Value>
  double evaluate(Value&& value) const;
  /// Applications that it reads, ascending, each once.
  std::vector<std::size_t> apps() const;

 private:
  friend class MetricParser;
  enum class Op : std::uint8_t { number, read, add, subtract, multiply, divide, min, max, negate };
  struct Step {
    Op op = Op::number;
    Measure measure{};
    std::uint32_t app = 0;
    double number = 0;
  };
  static constexpr std::size_t kDepth = 32;
  std::vector<Step> steps_;  // postfix
};

template <class Value>
double MetricExpression::evaluate(Value&& value) const {
  std::array<double, kDepth> stack{};
  std::size_t top = 0;
  for (const Step& s : steps_) {
    if (s.op == Op::number) {
      stack[top++] = s.number;
      continue;
    }
    if (s.op == Op::read) {
      stack[top++] = value(static_cast<std::size_t>(s.app), s.measure);
      continue;
    }
    if (s.op == Op::negate) {
      stack[top - 1] = -stack[top - 1];
      continue;
    }
    const double b = stack[--top];
    double& a = stack[top - 1];
    switch (s.op) {
      case Op::add:
        a += b;
        break;
      case Op::subtract:
        a -= b;
        break;
      case Op::multiply:
        a *= b;
        break;
      case Op::divide:
        a = b == 0 ? 0 : a / b;
        break;
      case Op::min:
        a = a < b ? a : b;
        break;
      default:
        a = a > b ? a : b;
        break;
    }
  }
  return stack[0];
}

}  // namespace plimsoll
