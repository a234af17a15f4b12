#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll::aws {

/// A metric math expression of CloudWatch: numbers, ids of metrics, + - * / and parentheses, comparisons (1 or 0),
/// AND, OR, lists [m1, m2], METRICS() and METRICS("text") (all metrics, those whose id holds the text), and the
/// functions SUM, AVG, MIN, MAX (over the series of a list, period by period; of one series, a number over all its
/// periods), ABS, CEIL, FLOOR, IF(condition, then[, else]), FILL(series, number | REPEAT | LINEAR), RATE, DIFF, PERIOD
/// and METRIC_COUNT. The whole must be one series.
///
/// A period without a value of an operand has none in the result; functions over a list leave such series out of that
/// period. A division by zero has no value. SOURCE: CloudWatch user guide, "Using math expressions with CloudWatch
/// metrics". Our readings: what a missing condition of IF gives (nothing), and lists in which some series miss.
/// Left out: ^, STDDEV, RUNNING_SUM, TIME_SERIES, SEARCH, anomaly bands, functions of the clock, SQL.
class MetricMath {
 public:
  using Series = std::vector<std::optional<double>>;

  /// `ids`: what it may name, of which the first `metrics` are metrics, the others expressions. The error names the
  /// place (1 is the first character) and what is allowed.
  static Parsed<MetricMath> parse(std::string_view text, std::span<const std::string> ids, std::size_t metrics);
  static Parsed<MetricMath> parse(std::string_view text, std::span<const std::string> ids) {
    return parse(text, ids, ids.size());
  }

  /// `inputs` by index in the ids, all of one length, oldest period first.
  Series evaluate(std::span<const Series> inputs, Duration period) const;
  /// Indices of the metrics that it reads, ascending, each once.
  std::vector<std::size_t> reads() const;

 private:
  friend class MetricMathParser;
  friend class MetricMathEvaluation;
  enum class Kind : std::uint8_t { number, series, list };
  enum class Op : std::uint8_t {
    number,
    input,
    list,
    negate,
    add,
    subtract,
    multiply,
    divide,
    equal,
    not_equal,
    less,
    less_or_equal,
    greater,
    greater_or_equal,
    both,
    either,
    sum,
    average,
    minimum,
    maximum,
    absolute,
    ceiling,
    floor,
    choose,
    fill_value,
    fill_repeat,
    fill_linear,
    rate,
    difference,
    period,
    count
  };
  struct Node {
    Op op = Op::number;
    Kind kind = Kind::number;
    double number = 0;
    std::size_t input = 0;
    std::vector<std::size_t> of;  // operands, by index in nodes_
  };
  std::vector<Node> nodes_;  // operands before what takes them; the last is the whole
};

}  // namespace plimsoll::aws
