#include "sim/policy/metric_expression.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "sim/core/text.h"

namespace plimsoll {

/// Recursive descent: sum := product (("+" | "-") product)*; product := factor (("*" | "/") factor)*.
class MetricParser {
 public:
  MetricParser(std::string_view text, std::span<const std::string> apps) : text_(text), apps_(apps) {}

  Parsed<MetricExpression> run() {
    sum();
    blanks();
    if (error_.empty() && at_ < text_.size()) fail("an operator is expected");
    if (!error_.empty()) return {std::nullopt, error_};
    return {std::move(out_), {}};
  }

 private:
  using Op = MetricExpression::Op;

  void blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void fail(const std::string& what) {
    if (error_.empty()) error_ = what + " at character " + std::to_string(at_ + 1);
  }
  void push(Op op, std::size_t pops) {
    out_.steps_.push_back({op, {}, 0, 0});
    depth_ = depth_ + 1 - pops;
    if (depth_ > MetricExpression::kDepth) fail("the expression is nested too deep");
  }

  void sum() {
    product();
    while (error_.empty()) {
      if (take('+')) {
        product();
        push(Op::add, 2);
      } else if (take('-')) {
        product();
        push(Op::subtract, 2);
      } else {
        return;
      }
    }
  }
  void product() {
    factor();
    while (error_.empty()) {
      if (take('*')) {
        factor();
        push(Op::multiply, 2);
      } else if (take('/')) {
        factor();
        push(Op::divide, 2);
      } else {
        return;
      }
    }
  }
  void factor() {
    if (++nesting_ > 64) {
      fail("the expression is nested too deep");
      return;
    }
    blanks();
    if (take('-')) {
      factor();
      push(Op::negate, 1);
    } else if (take('(')) {
      sum();
      if (!take(')')) fail("')' is expected");
    } else if (at_ < text_.size() && ((text_[at_] >= '0' && text_[at_] <= '9') || text_[at_] == '.')) {
      number();
    } else {
      name();
    }
    --nesting_;
  }
  void number() {
    double value = 0;
    const auto [end, fault] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (fault != std::errc()) {
      fail("a number is expected");
      return;
    }
    at_ = static_cast<std::size_t>(end - text_.data());
    push(Op::number, 0);
    out_.steps_.back().number = value;
  }
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  /// Names of apps may hold '-'; those of measures do not, so that `web.backlog-1` is a difference.
  std::string_view word(bool dashes) {
    const std::size_t from = at_;
    const auto belongs = [&](char c) {
      return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || (dashes && c == '-');
    };
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }
  void name() {
    const std::size_t from = at_;
    const std::string_view first = word(true);
    if (first.empty()) {
      fail("a number, APP.MEASURE, min(, max( or ( is expected");
      return;
    }
    if ((first == "min" || first == "max") && take('(')) {
      sum();
      if (!take(',')) fail("',' is expected");
      sum();
      if (!take(')')) fail("')' is expected");
      push(first == "min" ? Op::min : Op::max, 2);
      return;
    }
    const auto app = std::find(apps_.begin(), apps_.end(), first);
    if (app == apps_.end()) {
      at_ = from;
      const std::vector<std::string_view> names(apps_.begin(), apps_.end());
      const std::string near = nearest(first, names);
      fail("'" + std::string(first) + "' is no app" + (near.empty() ? "" : " (did you mean '" + near + "'?)"));
      return;
    }
    if (!take('.')) {
      fail("'.' and a measure are expected");
      return;
    }
    const std::size_t second = at_;
    const std::string_view what = word(false);
    const auto* measure = std::find(std::begin(kMeasureNames), std::end(kMeasureNames), what);
    if (measure == std::end(kMeasureNames)) {
      at_ = second;
      std::string all;
      for (const std::string_view m : kMeasureNames) all += (all.empty() ? "" : ", ") + std::string(m);
      fail("'" + std::string(what) + "' is no measure (" + all + ")");
      return;
    }
    push(Op::read, 0);
    out_.steps_.back().app = static_cast<std::uint32_t>(app - apps_.begin());
    out_.steps_.back().measure = static_cast<Measure>(measure - std::begin(kMeasureNames));
  }

  std::string_view text_;
  std::span<const std::string> apps_;
  std::size_t at_ = 0, depth_ = 0, nesting_ = 0;
  MetricExpression out_;
  std::string error_;
};

Parsed<MetricExpression> MetricExpression::parse(std::string_view text, std::span<const std::string> apps) {
  return MetricParser(text, apps).run();
}

std::vector<std::size_t> MetricExpression::apps() const {
  std::vector<std::size_t> out;
  for (const Step& s : steps_) {
    if (s.op == Op::read) out.push_back(s.app);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace plimsoll
