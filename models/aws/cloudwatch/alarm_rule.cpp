#include "models/aws/cloudwatch/alarm_rule.h"

#include <algorithm>
#include <utility>

namespace plimsoll::aws {

namespace {

constexpr std::size_t kMostChildren = 100, kMostElements = 500, kMostLetters = 10'240;
/// Deeper nesting than any rule that people write.
constexpr int kMostDepth = 200;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

class AlarmRuleParser {
 public:
  explicit AlarmRuleParser(std::string_view text) : text_(text) { rule_.text_ = std::string(text); }

  AlarmRuleParse run() {
    if (text_.size() > kMostLetters) fail("an AlarmRule has at most 10240 characters");
    if (fine()) disjunction();
    skip();
    if (fine() && at_ < text_.size()) fail("AND, OR or the end is expected here");
    if (fine() && rule_.alarms_.size() > kMostChildren) fail("an AlarmRule names at most 100 alarms");
    if (fine() && elements_ > kMostElements) fail("an AlarmRule has at most 500 elements");
    if (!fine()) return {std::nullopt, error_, error_at_};
    return {std::move(rule_), {}, 0};
  }

 private:
  bool fine() const { return error_.empty(); }
  void fail(std::string what) {
    if (!fine()) return;
    error_ = std::move(what);
    error_at_ = std::min(at_, text_.size());
  }
  void skip() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  /// The word that begins here, which is not taken.
  std::string_view word() {
    skip();
    std::size_t end = at_;
    while (end < text_.size() && ((text_[end] >= 'A' && text_[end] <= 'Z') || text_[end] == '_')) ++end;
    return text_.substr(at_, end - at_);
  }
  bool take(std::string_view wanted) {
    if (word() != wanted) return false;
    at_ += wanted.size();
    return true;
  }

  void disjunction() {
    conjunction();
    while (fine() && take("OR")) {
      conjunction();
      rule_.terms_.push_back({AlarmRule::Op::disjunction});
    }
  }
  void conjunction() {
    unary();
    while (fine() && take("AND")) {
      unary();
      rule_.terms_.push_back({AlarmRule::Op::conjunction});
    }
  }
  void unary() {
    if (++depth_ > kMostDepth) fail("the expression is nested too deeply");
    if (!fine()) return;
    if (take("NOT")) {
      unary();
      rule_.terms_.push_back({AlarmRule::Op::negation});
    } else if (take('(')) {
      elements_ += 2;
      disjunction();
      if (fine() && !take(')')) fail("a closing ) is expected here");
    } else {
      condition();
    }
    --depth_;
  }
  void condition() {
    ++elements_;
    const std::string_view name = word();
    if (name == "TRUE" || name == "FALSE") {
      at_ += name.size();
      rule_.terms_.push_back({AlarmRule::Op::constant, {}, 0, name == "TRUE"});
      return;
    }
    for (const AlarmState state : {AlarmState::ok, AlarmState::alarm, AlarmState::insufficient_data}) {
      if (name != to_string(state)) continue;
      at_ += name.size();
      if (!take('(')) return fail("( and the name of an alarm are expected here");
      alarm(state);
      return;
    }
    if (name == "AT_LEAST") return fail("AT_LEAST is not modelled: write the conditions out with AND and OR");
    fail("ALARM(...), OK(...), INSUFFICIENT_DATA(...), NOT, TRUE, FALSE or ( is expected here");
  }
  void alarm(AlarmState state) {
    skip();
    const bool quoted = take('"');
    const std::size_t end = text_.find(quoted ? '"' : ')', at_);
    if (end == std::string_view::npos)
      return fail(quoted ? "the name of the alarm lacks its closing \"" : "a closing ) is expected");
    std::string_view name = text_.substr(at_, end - at_);
    while (!quoted && !name.empty() && is_blank(name.back())) name.remove_suffix(1);
    // arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME
    if (const std::size_t mark = name.find(":alarm:"); name.starts_with("arn:") && mark != std::string_view::npos)
      name.remove_prefix(mark + 7);
    if (name.empty()) return fail("the name of an alarm is expected here");
    if (!quoted && name.find_first_of("(\"") != std::string_view::npos) return fail("a closing ) is expected here");
    at_ = quoted ? end + 1 : end;
    if (!take(')')) return fail("a closing ) is expected here");
    auto& all = rule_.alarms_;
    const auto known = std::find(all.begin(), all.end(), name);
    const auto index = static_cast<std::size_t>(known - all.begin());
    if (known == all.end()) all.emplace_back(name);
    rule_.terms_.push_back({AlarmRule::Op::state, state, index, false});
  }

  std::string_view text_;
  AlarmRule rule_;
  std::size_t at_ = 0, error_at_ = 0, elements_ = 0;
  int depth_ = 0;
  std::string error_;
};

AlarmRuleParse AlarmRule::parse(std::string_view text) { return AlarmRuleParser(text).run(); }

bool AlarmRule::evaluate(std::span<const AlarmState> states) const {
  std::vector<bool> stack;
  for (const Term& t : terms_) {
    switch (t.op) {
      case Op::state:
        stack.push_back(states[t.alarm] == t.state);
        break;
      case Op::constant:
        stack.push_back(t.value);
        break;
      case Op::negation:
        stack.back() = !stack.back();
        break;
      case Op::conjunction:
      case Op::disjunction: {
        const bool second = stack.back();
        stack.pop_back();
        stack.back() = t.op == Op::conjunction ? stack.back() && second : stack.back() || second;
        break;
      }
    }
  }
  return stack.back();
}

}  // namespace plimsoll::aws
