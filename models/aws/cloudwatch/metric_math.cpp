#include "models/aws/cloudwatch/metric_math.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "sim/core/text.h"

namespace plimsoll::aws {

/// Recursive descent: or, and, comparison, sum, product, sign, primary.
class MetricMathParser {
 public:
  MetricMathParser(std::string_view text, std::span<const std::string> ids, std::size_t metrics)
      : text_(text), ids_(ids), metrics_(metrics) {}

  Parsed<MetricMath> run() {
    const std::size_t whole = either();
    blanks();
    if (error_.empty() && at_ < text_.size()) fail("an operator is expected");
    if (error_.empty() && kind(whole) != Kind::series) {
      at_ = 0;
      fail(kind(whole) == Kind::list ? "the expression gives several time series; put them into SUM, AVG, MIN or MAX,"
                                     : "the expression gives a number, not a time series,");
    }
    if (!error_.empty()) return {std::nullopt, error_};
    return {std::move(out_), {}};
  }

 private:
  using Op = MetricMath::Op;
  using Kind = MetricMath::Kind;

  struct Function {
    std::string_view name;
    Op op;
    std::size_t least, most;
    bool takes_list;
  };
  static constexpr std::array<Function, 12> kFunctions{{{"SUM", Op::sum, 1, 1, true},
                                                        {"AVG", Op::average, 1, 1, true},
                                                        {"MIN", Op::minimum, 1, 1, true},
                                                        {"MAX", Op::maximum, 1, 1, true},
                                                        {"ABS", Op::absolute, 1, 1, false},
                                                        {"CEIL", Op::ceiling, 1, 1, false},
                                                        {"FLOOR", Op::floor, 1, 1, false},
                                                        {"IF", Op::choose, 2, 3, false},
                                                        {"RATE", Op::rate, 1, 1, false},
                                                        {"DIFF", Op::difference, 1, 1, false},
                                                        {"PERIOD", Op::period, 1, 1, false},
                                                        {"METRIC_COUNT", Op::count, 1, 1, true}}};

  Kind kind(std::size_t node) const { return out_.nodes_.empty() ? Kind::number : out_.nodes_[node].kind; }
  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  bool take(std::string_view what) {
    blanks();
    if (text_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }
  /// A word that is no part of a longer one.
  bool take_word(std::string_view what) {
    blanks();
    if (text_.substr(at_, what.size()) != what) return false;
    if (at_ + what.size() < text_.size() && belongs(text_[at_ + what.size()])) return false;
    at_ += what.size();
    return true;
  }
  void fail(const std::string& what) {
    if (error_.empty()) error_ = what + " at character " + std::to_string(at_ + 1);
  }
  std::size_t push(MetricMath::Node node) {
    out_.nodes_.push_back(std::move(node));
    return out_.nodes_.size() - 1;
  }
  /// Of operands that are numbers or series.
  std::size_t combine(Op op, std::vector<std::size_t> of, std::size_t from) {
    Kind result = Kind::number;
    for (const std::size_t operand : of) {
      if (kind(operand) == Kind::list) {
        at_ = from;
        fail("a list of time series goes into SUM, AVG, MIN, MAX or METRIC_COUNT only");
      }
      if (kind(operand) == Kind::series) result = Kind::series;
    }
    return push({op, result, 0, 0, std::move(of)});
  }

  std::size_t either() {
    std::size_t left = both();
    while (error_.empty()) {
      const std::size_t from = at_;
      if (!take_word("OR") && !take("||")) break;
      left = combine(Op::either, {left, both()}, from);
    }
    return left;
  }
  std::size_t both() {
    std::size_t left = comparison();
    while (error_.empty()) {
      const std::size_t from = at_;
      if (!take_word("AND") && !take("&&")) break;
      left = combine(Op::both, {left, comparison()}, from);
    }
    return left;
  }
  std::size_t comparison() {
    static constexpr std::array<std::pair<std::string_view, Op>, 6> kSigns{{{"==", Op::equal},
                                                                            {"!=", Op::not_equal},
                                                                            {"<=", Op::less_or_equal},
                                                                            {">=", Op::greater_or_equal},
                                                                            {"<", Op::less},
                                                                            {">", Op::greater}}};
    std::size_t left = sum();
    for (const auto& [sign, op] : kSigns) {
      const std::size_t from = at_;
      if (error_.empty() && take(sign)) return combine(op, {left, sum()}, from);
    }
    return left;
  }
  std::size_t sum() {
    std::size_t left = product();
    while (error_.empty()) {
      const std::size_t from = at_;
      if (take("+")) {
        left = combine(Op::add, {left, product()}, from);
      } else if (take("-")) {
        left = combine(Op::subtract, {left, product()}, from);
      } else {
        break;
      }
    }
    return left;
  }
  std::size_t product() {
    std::size_t left = sign();
    while (error_.empty()) {
      const std::size_t from = at_;
      if (take("*")) {
        left = combine(Op::multiply, {left, sign()}, from);
      } else if (take("/")) {
        left = combine(Op::divide, {left, sign()}, from);
      } else {
        break;
      }
    }
    return left;
  }
  std::size_t sign() {
    if (++nesting_ > 64) fail("the expression is nested too deep");
    const std::size_t from = at_;
    std::size_t node = 0;
    if (!error_.empty()) {
      node = 0;
    } else if (take("-")) {
      node = combine(Op::negate, {sign()}, from);
    } else {
      node = primary();
    }
    --nesting_;
    return node;
  }
  std::size_t primary() {
    blanks();
    if (take("(")) {
      const std::size_t inner = either();
      if (error_.empty() && !take(")")) fail("')' is expected");
      return inner;
    }
    if (take("[")) {
      std::vector<std::size_t> of;
      do {
        const std::size_t from = at_;
        of.push_back(either());
        if (error_.empty() && kind(of.back()) != Kind::series) {
          at_ = from;
          fail("a time series is expected");
        }
      } while (error_.empty() && take(","));
      if (error_.empty() && !take("]")) fail("']' is expected");
      return push({Op::list, Kind::list, 0, 0, std::move(of)});
    }
    if (at_ < text_.size() && ((text_[at_] >= '0' && text_[at_] <= '9') || text_[at_] == '.')) {
      double value = 0;
      const auto [end, fault] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
      if (fault != std::errc()) fail("a number is expected");
      at_ = static_cast<std::size_t>(end - text_.data());
      return push({Op::number, Kind::number, value, 0, {}});
    }
    return name();
  }

  static bool belongs(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }
  std::size_t name() {
    const std::size_t from = at_;
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
    const std::string_view word = text_.substr(from, at_ - from);
    if (word.empty()) {
      fail("a number, a metric's id, a function or ( is expected");
      return 0;
    }
    const bool capital = word.front() >= 'A' && word.front() <= 'Z';
    if (!capital) {
      const auto at = std::find(ids_.begin(), ids_.end(), word);
      if (at != ids_.end()) return push({Op::input, Kind::series, 0, static_cast<std::size_t>(at - ids_.begin()), {}});
      at_ = from;
      const std::vector<std::string_view> names(ids_.begin(), ids_.end());
      const std::string near = nearest(word, names);
      fail("no metric has the id '" + std::string(word) + "'" +
           (near.empty() ? "" : " (did you mean '" + near + "'?)"));
      return 0;
    }
    if (word == "METRICS") return metrics();
    if (word == "FILL") return fill(from);
    const auto known =
        std::find_if(kFunctions.begin(), kFunctions.end(), [&](const Function& f) { return f.name == word; });
    if (known == kFunctions.end()) {
      at_ = from;
      std::string all = "METRICS, FILL";
      for (const Function& f : kFunctions) all += ", " + std::string(f.name);
      fail("no function '" + std::string(word) + "' (" + all + ")");
      return 0;
    }
    if (!take("(")) fail("'(' is expected");
    std::vector<std::size_t> of;
    while (error_.empty()) {
      of.push_back(either());
      if (!error_.empty() || !take(",")) break;
    }
    if (error_.empty() && !take(")")) fail("')' is expected");
    if (error_.empty() && (of.size() < known->least || of.size() > known->most)) {
      at_ = from;
      fail(std::string(word) + " takes " + std::to_string(known->least) +
           (known->most > known->least ? " or " + std::to_string(known->most) : "") + " operands");
    }
    if (!error_.empty()) return 0;
    if (known->takes_list && kind(of[0]) == Kind::list)
      return push({known->op, known->op == Op::count ? Kind::number : Kind::series, 0, 0, std::move(of)});
    if (known->op == Op::sum || known->op == Op::average || known->op == Op::minimum || known->op == Op::maximum ||
        known->op == Op::count || known->op == Op::period) {
      if (kind(of[0]) != Kind::series) {
        at_ = from;
        fail(std::string(word) + " takes a time series" + (known->takes_list ? " or a list of them" : ""));
      }
      return push({known->op, Kind::number, 0, 0, std::move(of)});
    }
    if ((known->op == Op::rate || known->op == Op::difference) && kind(of[0]) != Kind::series) {
      at_ = from;
      fail(std::string(word) + " takes a time series");
    }
    return combine(known->op, std::move(of), from);
  }
  std::size_t metrics() {
    if (!take("(")) fail("'(' is expected");
    std::string_view part;
    blanks();
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      const std::size_t end = text_.find(text_[at_], at_ + 1);
      if (end == std::string_view::npos) {
        fail("the text does not end");
        return 0;
      }
      part = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
    }
    if (error_.empty() && !take(")")) fail("')' is expected");
    std::vector<std::size_t> of;
    for (std::size_t i = 0; i < metrics_; ++i) {
      if (ids_[i].find(part) != std::string::npos) of.push_back(push({Op::input, Kind::series, 0, i, {}}));
    }
    if (error_.empty() && of.empty()) fail("no metric's id holds '" + std::string(part) + "'");
    return push({Op::list, Kind::list, 0, 0, std::move(of)});
  }
  std::size_t fill(std::size_t from) {
    if (!take("(")) fail("'(' is expected");
    std::vector<std::size_t> of{either()};
    if (error_.empty() && kind(of[0]) != Kind::series) {
      at_ = from;
      fail("FILL takes a time series");
    }
    if (error_.empty() && !take(",")) fail("',' is expected");
    Op op = Op::fill_value;
    if (take_word("REPEAT")) {
      op = Op::fill_repeat;
    } else if (take_word("LINEAR")) {
      op = Op::fill_linear;
    } else if (error_.empty()) {
      of.push_back(either());
      if (error_.empty() && kind(of[1]) == Kind::list) fail("FILL takes a number, a time series, REPEAT or LINEAR");
    }
    if (error_.empty() && !take(")")) fail("')' is expected");
    return push({op, Kind::series, 0, 0, std::move(of)});
  }

  std::string_view text_;
  std::span<const std::string> ids_;
  std::size_t metrics_, at_ = 0, nesting_ = 0;
  MetricMath out_;
  std::string error_;
};

Parsed<MetricMath> MetricMath::parse(std::string_view text, std::span<const std::string> ids, std::size_t metrics) {
  return MetricMathParser(text, ids, metrics).run();
}

std::vector<std::size_t> MetricMath::reads() const {
  std::vector<std::size_t> out;
  for (const Node& n : nodes_) {
    if (n.op == Op::input) out.push_back(n.input);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// One evaluation: every node's series; numbers are series of one value that stands for all periods.
class MetricMathEvaluation {
 public:
  using Op = MetricMath::Op;
  using Kind = MetricMath::Kind;
  using Series = MetricMath::Series;
  using Value = std::optional<double>;

  MetricMathEvaluation(const MetricMath& math, std::span<const Series> inputs, Duration period)
      : nodes_(math.nodes_), inputs_(inputs), period_(static_cast<double>(period.count()) / 1e6) {
    length_ = inputs.empty() ? 0 : inputs[0].size();
  }

  Series run() {
    for (const MetricMath::Node& n : nodes_) values_.push_back(value(n));
    return std::move(values_.back());
  }

 private:
  Value of(std::size_t node, std::size_t at) const { return values_[node][nodes_[node].kind == Kind::number ? 0 : at]; }

  static Value binary(Op op, double a, double b) {
    switch (op) {
      case Op::add:
        return a + b;
      case Op::subtract:
        return a - b;
      case Op::multiply:
        return a * b;
      case Op::divide:
        return b == 0 ? Value{} : Value{a / b};
      case Op::equal:
        return a == b ? 1.0 : 0.0;
      case Op::not_equal:
        return a != b ? 1.0 : 0.0;
      case Op::less:
        return a < b ? 1.0 : 0.0;
      case Op::less_or_equal:
        return a <= b ? 1.0 : 0.0;
      case Op::greater:
        return a > b ? 1.0 : 0.0;
      case Op::greater_or_equal:
        return a >= b ? 1.0 : 0.0;
      case Op::both:
        return a != 0 && b != 0 ? 1.0 : 0.0;
      default:
        return a != 0 || b != 0 ? 1.0 : 0.0;
    }
  }
  static double unary(Op op, double a) {
    switch (op) {
      case Op::negate:
        return -a;
      case Op::absolute:
        return a < 0 ? -a : a;
      case Op::ceiling:
        return std::ceil(a);
      default:
        return std::floor(a);
    }
  }

  /// Sum, mean, least or greatest of those that are there.
  template <class Each>
  static Value aggregate(Op op, std::size_t count, Each&& each) {
    double total = 0, least = 0, most = 0;
    std::size_t present = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Value v = each(i);
      if (!v) continue;
      total += *v;
      least = present == 0 ? *v : std::min(least, *v);
      most = present == 0 ? *v : std::max(most, *v);
      ++present;
    }
    if (present == 0) return {};
    if (op == Op::sum) return total;
    if (op == Op::minimum) return least;
    if (op == Op::maximum) return most;
    return total / static_cast<double>(present);
  }

  /// Values between two that are there, on the line through them; before the first and after the last, none.
  Series linear(std::size_t node) const {
    Series out(length_);
    std::optional<std::size_t> before;
    for (std::size_t i = 0; i < length_; ++i) {
      out[i] = of(node, i);
      if (!out[i]) continue;
      for (std::size_t k = before ? *before + 1 : i; k < i; ++k) {
        const double part = static_cast<double>(k - *before) / static_cast<double>(i - *before);
        out[k] = *out[*before] + (*out[i] - *out[*before]) * part;
      }
      before = i;
    }
    return out;
  }

  Series value(const MetricMath::Node& n) const {
    const std::size_t length = n.kind == Kind::number ? 1 : length_;
    Series out(length);
    switch (n.op) {
      case Op::number:
        out[0] = n.number;
        return out;
      case Op::input:
        return inputs_[n.input];
      case Op::list:
        return {};
      case Op::count:
        out[0] = static_cast<double>(nodes_[n.of[0]].op == Op::list ? nodes_[n.of[0]].of.size() : 1);
        return out;
      case Op::period:
        out[0] = period_;
        return out;
      case Op::fill_linear:
        return linear(n.of[0]);
      case Op::sum:
      case Op::average:
      case Op::minimum:
      case Op::maximum: {
        if (nodes_[n.of[0]].kind != Kind::list) {
          out[0] = aggregate(n.op, length_, [&](std::size_t i) { return of(n.of[0], i); });
          return out;
        }
        const std::vector<std::size_t>& members = nodes_[n.of[0]].of;
        for (std::size_t i = 0; i < length; ++i)
          out[i] = aggregate(n.op, members.size(), [&](std::size_t m) { return of(members[m], i); });
        return out;
      }
      default:
        break;
    }
    Value last;  // RATE, DIFF and FILL(REPEAT): the newest value before
    std::size_t last_at = 0;
    for (std::size_t i = 0; i < length; ++i) {
      const Value a = of(n.of[0], i);
      switch (n.op) {
        case Op::negate:
        case Op::absolute:
        case Op::ceiling:
        case Op::floor:
          if (a) out[i] = unary(n.op, *a);
          break;
        case Op::choose:
          if (a && *a != 0) out[i] = of(n.of[1], i);
          if (a && *a == 0 && n.of.size() > 2) out[i] = of(n.of[2], i);
          break;
        case Op::fill_value:
          out[i] = a ? a : of(n.of[1], i);
          break;
        case Op::fill_repeat:
          out[i] = a ? a : last;
          break;
        case Op::difference:
          if (a && last) out[i] = *a - *last;
          break;
        case Op::rate:
          if (a && last) out[i] = (*a - *last) / (static_cast<double>(i - last_at) * period_);
          break;
        default: {
          const Value b = of(n.of[1], i);
          if (a && b) out[i] = binary(n.op, *a, *b);
          break;
        }
      }
      if (a) {
        last = a;
        last_at = i;
      }
    }
    return out;
  }

  const std::vector<MetricMath::Node>& nodes_;
  std::span<const Series> inputs_;
  double period_;
  std::size_t length_ = 0;
  std::vector<Series> values_;
};

MetricMath::Series MetricMath::evaluate(std::span<const Series> inputs, Duration period) const {
  return MetricMathEvaluation(*this, inputs, period).run();
}

}  // namespace plimsoll::aws
