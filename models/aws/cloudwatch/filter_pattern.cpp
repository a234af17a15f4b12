#include "models/aws/cloudwatch/filter_pattern.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "models/aws/eventbridge/event_pattern.h"
#include "sim/core/text.h"
#include "sim/document/loader.h"

namespace plimsoll::aws {

namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || at != end) return std::nullopt;
  return value;
}

std::optional<document::Node> json_of(std::string_view line) {
  const std::string_view trimmed = trim(line);
  if (trimmed.empty() || trimmed.front() != '{') return std::nullopt;
  document::Diagnostics unheard;
  std::vector<document::Node> documents = document::load_text(trimmed, "line.json", unheard);
  if (unheard.has_errors() || documents.size() != 1) return std::nullopt;
  return std::move(documents[0]);
}

}  // namespace

class FilterPatternParser {
 public:
  explicit FilterPatternParser(std::string_view text) : text_(text) {}

  FilterPattern::Result run() {
    skip();
    if (at_ < text_.size() && text_[at_] == '[') {
      fail("space-delimited patterns are not modelled: use terms or { $.field = value }");
    } else if (text_.find('%') != std::string_view::npos) {
      at_ = text_.find('%');
      fail("regular expressions are not modelled: use terms or { $.field = value }");
    } else if (at_ < text_.size() && text_[at_] == '{') {
      out_.json_ = true;
      ++at_;
      either();
      expect('}', "a } at the end");
      skip();
      if (at_ < text_.size()) fail("nothing may follow the }");
    } else {
      terms();
    }
    FilterPattern::Result result;
    result.error = error_;
    result.position = error_at_;
    if (error_.empty()) result.pattern = std::move(out_);
    return result;
  }

 private:
  void fail(std::string what) {
    if (!error_.empty()) return;
    error_ = std::move(what);
    error_at_ = at_;
  }
  void skip() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool take(std::string_view token) {
    skip();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  void expect(char c, const char* what) {
    skip();
    if (at_ < text_.size() && text_[at_] == c) {
      ++at_;
    } else {
      fail(std::string(what) + " is missing");
    }
  }

  /// A quoted text; \" is a quote.
  std::string quoted() {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out += text_[at_];
    }
    expect('"', "a quote at the end of a text");
    return out;
  }

  void terms() {
    for (skip(); at_ < text_.size() && error_.empty(); skip()) {
      std::vector<std::string>* list = &out_.all_;
      if (text_[at_] == '-') list = &out_.none_;
      if (text_[at_] == '?') list = &out_.any_;
      if (list != &out_.all_) ++at_;
      std::string term;
      if (at_ < text_.size() && text_[at_] == '"') {
        term = quoted();
      } else {
        while (at_ < text_.size() && is_word(text_[at_])) term += text_[at_++];
        if (at_ < text_.size() && !is_blank(text_[at_]))
          fail(std::string("the character ") + text_[at_] + " needs quotes around its term");
      }
      if (term.empty()) fail("a term is missing");
      list->push_back(std::move(term));
    }
  }

  void either() {
    both();
    while (error_.empty() && take("||")) {
      both();
      out_.postfix_.push_back(FilterPattern::kOr);
    }
  }
  void both() {
    one();
    while (error_.empty() && take("&&")) {
      one();
      out_.postfix_.push_back(FilterPattern::kAnd);
    }
  }
  void one() {
    if (++depth_ > kDeepest) fail("too many parentheses");
    if (!error_.empty()) return;
    if (take("(")) {
      either();
      expect(')', "a ) after what stands in parentheses");
    } else {
      comparison();
    }
    --depth_;
  }

  void comparison() {
    FilterPattern::Comparison c;
    skip();
    if (at_ >= text_.size() || text_[at_] != '$') {
      fail("a selector such as $.level is missing");
      return;
    }
    while (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '$' || text_[at_] == '.' || text_[at_] == '[' ||
                                  text_[at_] == ']' || text_[at_] == '-'))
      c.selector += text_[at_++];
    using Op = FilterPattern::Op;
    constexpr std::array<std::pair<std::string_view, Op>, 10> kOps = {{{"IS NULL", Op::is_null},
                                                                       {"IS TRUE", Op::is_true},
                                                                       {"IS FALSE", Op::is_false},
                                                                       {"NOT EXISTS", Op::not_exists},
                                                                       {"!=", Op::differs},
                                                                       {">=", Op::greater_equal},
                                                                       {"<=", Op::less_equal},
                                                                       {"=", Op::equals},
                                                                       {">", Op::greater},
                                                                       {"<", Op::less}}};
    const auto op = std::find_if(kOps.begin(), kOps.end(), [&](const auto& o) { return take(o.first); });
    if (op == kOps.end()) {
      fail("=, !=, <, <=, >, >=, IS NULL, IS TRUE, IS FALSE or NOT EXISTS is missing");
      return;
    }
    c.op = op->second;
    if (c.op <= Op::greater_equal) operand(c);
    out_.postfix_.push_back(static_cast<std::int32_t>(out_.comparisons_.size()));
    out_.comparisons_.push_back(std::move(c));
  }

  void operand(FilterPattern::Comparison& c) {
    skip();
    if (at_ < text_.size() && text_[at_] == '"') {
      c.text = quoted();
      if (c.op > FilterPattern::Op::differs) fail("a text is compared by = or !=");
      return;
    }
    while (at_ < text_.size() && !is_blank(text_[at_]) &&
           std::string_view("(){}&|").find(text_[at_]) == std::string_view::npos)
      c.text += text_[at_++];
    if (c.text.empty()) fail("a value is missing");
    c.number = number_of(c.text);
    if (!c.number && c.op > FilterPattern::Op::differs) fail("'" + c.text + "' is no number to compare with");
  }

  static constexpr int kDeepest = 32;
  std::string_view text_;
  std::size_t at_ = 0, error_at_ = 0;
  int depth_ = 0;
  std::string error_;
  FilterPattern out_;
};

FilterPattern::Result FilterPattern::parse(std::string_view text) { return FilterPatternParser(text).run(); }

const document::Node* FilterPattern::select(const document::Node& root, std::string_view selector) {
  const document::Node* at = &root;
  std::size_t i = 1;  // behind the $
  while (i < selector.size() && at != nullptr) {
    if (selector[i] == '[') {
      const std::size_t close = selector.find(']', i);
      std::size_t index = 0;
      const char* const end = selector.data() + std::min(close, selector.size());
      const auto [stop, error] = std::from_chars(selector.data() + i + 1, end, index);
      if (close == std::string_view::npos || error != std::errc{} || stop != end || !at->is_sequence() ||
          index >= at->size())
        return nullptr;
      at = &at->at(index);
      i = close + 1;
    } else {
      if (selector[i] == '.') ++i;
      const std::size_t end = std::min(selector.find_first_of(".[", i), selector.size());
      at = at->find(selector.substr(i, end - i));
      i = end;
    }
  }
  return at;
}

bool FilterPattern::holds(const Comparison& c, const document::Node& root) {
  const document::Node* value = select(root, c.selector);
  if (c.op == Op::not_exists) return value == nullptr;
  if (value == nullptr) return false;
  if (c.op == Op::is_null) return value->is_null();
  if (c.op == Op::is_true || c.op == Op::is_false)
    return value->kind() == document::Kind::boolean && value->as_boolean() == (c.op == Op::is_true);
  const bool numeric = value->kind() == document::Kind::integer || value->kind() == document::Kind::number;
  if (c.number && numeric) {
    const double v = value->as_number(), w = *c.number;
    switch (c.op) {
      case Op::equals:
        return v == w;
      case Op::differs:
        return v != w;
      case Op::less:
        return v < w;
      case Op::less_equal:
        return v <= w;
      case Op::greater:
        return v > w;
      default:
        return v >= w;
    }
  }
  if (!value->is_scalar() || c.op > Op::differs) return false;
  return wildcard_match(c.text, value->text()) == (c.op == Op::equals);
}

bool FilterPattern::matches(std::string_view line) const {
  if (json_) {
    const std::optional<document::Node> root = json_of(line);
    if (!root) return false;
    std::vector<bool> stack;
    for (const std::int32_t step : postfix_) {
      if (step >= 0) {
        stack.push_back(holds(comparisons_[static_cast<std::size_t>(step)], *root));
        continue;
      }
      const bool b = stack.back();
      stack.pop_back();
      stack.back() = step == kAnd ? stack.back() && b : stack.back() || b;
    }
    return stack.back();
  }
  const auto has = [&](const std::string& term) { return line.find(term) != std::string_view::npos; };
  if (std::any_of(none_.begin(), none_.end(), has)) return false;
  if (!all_.empty() || any_.empty()) return std::all_of(all_.begin(), all_.end(), has);
  return std::any_of(any_.begin(), any_.end(), has);
}

std::optional<double> FilterPattern::number_at(std::string_view selector, std::string_view line) {
  const std::optional<document::Node> root = json_of(line);
  const document::Node* value = root && selector.starts_with("$") ? select(*root, selector) : nullptr;
  if (value == nullptr || !value->is_scalar()) return std::nullopt;
  return number_of(value->text());
}

}  // namespace plimsoll::aws
