#include "models/ecs/cluster_query_language.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <regex>

// compiled alone: its query tree, declared in the header, holds conditions of an unnamed namespace
namespace plimsoll::ecs {
namespace {

enum class Subject : std::uint8_t {
  attribute,
  agent_connected,
  agent_version,
  ec2_instance_id,
  registered_at,
  running_tasks,
  task_group
};
enum class Op : std::uint8_t {
  equal,
  not_equal,
  greater,
  greater_equal,
  less,
  less_equal,
  match,
  no_match,
  in,
  not_in,
  exists,
  not_exists
};

constexpr unsigned bit(Op op) { return 1u << static_cast<unsigned>(op); }
constexpr unsigned kEqualities = bit(Op::equal) | bit(Op::not_equal);
constexpr unsigned kOrders = bit(Op::greater) | bit(Op::greater_equal) | bit(Op::less) | bit(Op::less_equal);
constexpr unsigned kPatterns = bit(Op::match) | bit(Op::no_match);
constexpr unsigned kLists = bit(Op::in) | bit(Op::not_in);
constexpr unsigned kPresence = bit(Op::exists) | bit(Op::not_exists);

struct SubjectRow {
  std::string_view name;
  Subject subject;
  unsigned operators;
};
constexpr std::array<SubjectRow, 7> kSubjects{{
    {"agentConnected", Subject::agent_connected, kEqualities | kLists | kPatterns},
    {"agentVersion", Subject::agent_version, kEqualities | kOrders},
    {"ec2InstanceId", Subject::ec2_instance_id, kEqualities | kLists | kPatterns},
    {"registeredAt", Subject::registered_at, kEqualities | kOrders},
    {"runningTasksCount", Subject::running_tasks, kEqualities | kOrders},
    {"task:group", Subject::task_group, kEqualities | kLists | kPatterns},
    {"attribute:", Subject::attribute, kEqualities | kOrders | kLists | kPatterns | kPresence},
}};

struct OpRow {
  std::string_view text;
  Op op;
};
// Longest first, so that ">=" is not read as ">".
constexpr std::array<OpRow, 8> kSymbols{{{"==", Op::equal},
                                         {"!=", Op::not_equal},
                                         {">=", Op::greater_equal},
                                         {"<=", Op::less_equal},
                                         {"=~", Op::match},
                                         {"!~", Op::no_match},
                                         {">", Op::greater},
                                         {"<", Op::less}}};
constexpr std::array<OpRow, 14> kWords{{{"equals", Op::equal},
                                        {"not_equals", Op::not_equal},
                                        {"greater_than", Op::greater},
                                        {"greater_than_equal", Op::greater_equal},
                                        {"less_than", Op::less},
                                        {"less_than_equal", Op::less_equal},
                                        {"matches", Op::match},
                                        {"not_matches", Op::no_match},
                                        {"in", Op::in},
                                        {"not_in", Op::not_in},
                                        {"!in", Op::not_in},
                                        {"exists", Op::exists},
                                        {"not_exists", Op::not_exists},
                                        {"!exists", Op::not_exists}}};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_subject_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '/' || c == '\\' || c == ':';
}

std::optional<double> as_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::vector<std::int64_t>> parse_version(std::string_view text) {
  std::vector<std::int64_t> parts;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (true) {
    std::int64_t part = 0;
    const auto [next, error] = std::from_chars(at, end, part);
    if (error != std::errc{} || part < 0) return std::nullopt;
    parts.push_back(part);
    if (next == end) break;
    if (*next != '.') return std::nullopt;
    at = next + 1;
  }
  while (!parts.empty() && parts.back() == 0) parts.pop_back();  // 1.4 is 1.4.0
  return parts;
}

template <class T>
bool compare(Op op, const T& a, const T& b) {
  switch (op) {
    case Op::equal:
      return a == b;
    case Op::not_equal:
      return a != b;
    case Op::greater:
      return a > b;
    case Op::greater_equal:
      return a >= b;
    case Op::less:
      return a < b;
    default:
      return a <= b;
  }
}

struct Condition {
  Subject subject = Subject::attribute;
  Op op = Op::equal;
  std::string attribute;
  std::vector<std::string> values;
  std::int64_t number = 0;            // runningTasksCount, registeredAt
  std::vector<std::int64_t> version;  // agentVersion
  std::optional<std::regex> pattern;

  bool text_holds(std::string_view value) const {
    if (pattern) return std::regex_match(value.begin(), value.end(), *pattern);
    return std::find(values.begin(), values.end(), value) != values.end();
  }
};

bool is_negative(Op op) {
  return op == Op::not_equal || op == Op::no_match || op == Op::not_in || op == Op::not_exists;
}

bool holds(const Condition& c, const QueryInstance& instance) {
  switch (c.subject) {
    case Subject::attribute: {
      const auto at = std::find_if(instance.attributes.begin(), instance.attributes.end(),
                                   [&](const auto& a) { return a.first == c.attribute; });
      const bool present = at != instance.attributes.end();
      if ((bit(c.op) & kPresence) != 0) return present != is_negative(c.op);
      if (!present) return is_negative(c.op);
      if ((bit(c.op) & kOrders) != 0) {
        const auto a = as_number(at->second);
        const auto b = as_number(c.values[0]);
        if (a && b) return compare(c.op, *a, *b);
        return compare(c.op, at->second, std::string_view{c.values[0]});
      }
      return c.text_holds(at->second) != is_negative(c.op);
    }
    case Subject::agent_connected:
      return c.text_holds(instance.agent_connected ? "true" : "false") != is_negative(c.op);
    case Subject::ec2_instance_id:
      return c.text_holds(instance.ec2_instance_id) != is_negative(c.op);
    case Subject::task_group: {
      const bool any = std::any_of(instance.task_groups.begin(), instance.task_groups.end(),
                                   [&](std::string_view g) { return c.text_holds(g); });
      return any != is_negative(c.op);
    }
    case Subject::agent_version: {
      const auto version = parse_version(instance.agent_version);
      return version ? compare(c.op, *version, c.version) : is_negative(c.op);
    }
    case Subject::registered_at:
      return compare(c.op, instance.registered_at, c.number);
    case Subject::running_tasks:
      return compare(c.op, instance.running_tasks, c.number);
  }
  return false;
}

std::string list_of_subjects() {
  return "attribute:NAME, agentConnected, agentVersion, ec2InstanceId, registeredAt, runningTasksCount, task:group";
}

}  // namespace

/// Nodes in post order: a stack of truth values evaluates them.
struct ClusterQuery::Tree {
  enum class Kind : std::uint8_t { condition, not_, and_, or_ };
  struct Step {
    Kind kind;
    std::uint32_t condition;
  };
  std::vector<Step> steps;
  std::vector<Condition> conditions;
};

class QueryParser {
 public:
  explicit QueryParser(std::string_view text) : text_(text) {}

  QueryParse run() {
    if (parse_or(0)) {
      skip_blanks();
      if (at_ < text_.size()) fail(at_, text_[at_] == ')' ? "this ) closes nothing" : "expected and, or, or the end");
    }
    if (failed_) return {std::nullopt, error_};
    ClusterQuery query;
    query.text_ = text_;
    for (const Condition& c : tree_.conditions) {
      query.depends_on_state_ = query.depends_on_state_ || c.subject == Subject::agent_connected ||
                                c.subject == Subject::agent_version || c.subject == Subject::running_tasks ||
                                c.subject == Subject::task_group;
    }
    query.tree_ = std::make_shared<const ClusterQuery::Tree>(std::move(tree_));
    return {std::move(query), {}};
  }

 private:
  using Kind = ClusterQuery::Tree::Kind;
  static constexpr int kMaxDepth = 200;

  bool fail(std::size_t position, std::string message) {
    if (!failed_) error_ = {position, std::move(message)};
    failed_ = true;
    return false;
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool take_symbol(std::string_view symbol) {
    if (text_.substr(at_, symbol.size()) != symbol) return false;
    at_ += symbol.size();
    return true;
  }
  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    const std::size_t end = at_ + word.size();
    if (end < text_.size() && is_subject_char(text_[end])) return false;
    at_ = end;
    return true;
  }
  void emit(Kind kind, std::size_t condition = 0) {
    tree_.steps.push_back({kind, static_cast<std::uint32_t>(condition)});
  }

  bool parse_or(int depth) {
    if (!parse_and(depth)) return false;
    while (true) {
      skip_blanks();
      if (!take_symbol("||") && !take_word("or")) return true;
      if (!parse_and(depth)) return false;
      emit(Kind::or_);
    }
  }
  bool parse_and(int depth) {
    if (!parse_unary(depth)) return false;
    while (true) {
      skip_blanks();
      if (!take_symbol("&&") && !take_word("and")) return true;
      if (!parse_unary(depth)) return false;
      emit(Kind::and_);
    }
  }
  bool parse_unary(int depth) {
    if (depth > kMaxDepth) return fail(at_, "nested too deeply");
    skip_blanks();
    if (at_ >= text_.size()) return fail(at_, "a condition is missing at the end");
    if (take_symbol("!") || take_word("not")) {
      if (!parse_unary(depth + 1)) return false;
      emit(Kind::not_);
      return true;
    }
    const std::size_t open = at_;
    if (take_symbol("(")) {
      if (!parse_or(depth + 1)) return false;
      skip_blanks();
      return take_symbol(")") || fail(open, "this ( is not closed");
    }
    return parse_condition();
  }

  bool parse_condition() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_subject_char(text_[at_])) ++at_;
    const std::string_view word = text_.substr(start, at_ - start);
    Condition c;
    const SubjectRow* row = nullptr;
    for (const SubjectRow& s : kSubjects) {
      if (s.subject == Subject::attribute ? word.substr(0, s.name.size()) == s.name : word == s.name) row = &s;
    }
    if (row == nullptr) {
      if (word.empty()) return fail(start, "expected a condition: subject operator argument");
      return fail(start, "unknown subject '" + std::string(word) + "'; there are " + list_of_subjects());
    }
    c.subject = row->subject;
    if (row->subject == Subject::attribute) {
      c.attribute = word.substr(row->name.size());
      if (c.attribute.empty()) return fail(start, "attribute: needs a name");
    }
    skip_blanks();
    const std::size_t op_at = at_;
    std::string op_text;
    if (!parse_operator(c.op, op_text)) return false;
    if ((row->operators & bit(c.op)) == 0) {
      return fail(op_at, "operator " + op_text + " is not allowed for " +
                             std::string(c.subject == Subject::attribute ? "attributes" : row->name));
    }
    if ((bit(c.op) & kPresence) == 0 && !parse_argument(c)) return false;
    tree_.conditions.push_back(std::move(c));
    emit(Kind::condition, tree_.conditions.size() - 1);
    return true;
  }

  bool parse_operator(Op& op, std::string& op_text) {
    const std::size_t start = at_;
    for (const OpRow& row : kWords) {
      if (take_word(row.text)) {
        op = row.op;
        op_text = row.text;
        return true;
      }
    }
    for (const OpRow& row : kSymbols) {
      if (take_symbol(row.text)) {
        op = row.op;
        op_text = row.text;
        return true;
      }
    }
    std::size_t end = start;
    while (end < text_.size() && !is_blank(text_[end])) ++end;
    if (end == start) return fail(start, "an operator is missing");
    return fail(start, "unknown operator " + std::string(text_.substr(start, end - start)));
  }

  bool parse_argument(Condition& c) {
    skip_blanks();
    const std::size_t start = at_;
    if ((bit(c.op) & kLists) != 0) {
      if (!take_symbol("[")) return fail(start, "in and not_in need a list: [a, b]");
      while (true) {
        skip_blanks();
        if (!parse_value(c)) return false;
        skip_blanks();
        if (take_symbol("]")) return check(c, start);
        if (!take_symbol(",")) return fail(at_ < text_.size() ? at_ : start, "expected , or ] in the list");
      }
    }
    return parse_value(c) && check(c, start);
  }

  bool parse_value(Condition& c) {
    const std::size_t start = at_;
    std::string value;
    if (take_symbol("'")) {
      const std::size_t end = text_.find('\'', at_);
      if (end == std::string_view::npos) return fail(start, "this quote is not closed");
      value = text_.substr(at_, end - at_);
      at_ = end + 1;
    } else {
      while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != ',' && text_[at_] != ']' &&
             text_[at_] != ')' && text_[at_] != '(') {
        ++at_;
      }
      value = text_.substr(start, at_ - start);
      if (at_ < text_.size() && text_[at_] == '(') return fail(at_, "a condition cannot contain parentheses");
      if (value.empty()) return fail(start, "an argument is missing");
      if (value[0] == '[') return fail(start, "a list needs the operator in or not_in");
    }
    if (value.find_first_of("()") != std::string::npos) return fail(start, "a condition cannot contain parentheses");
    c.values.push_back(std::move(value));
    return true;
  }

  /// Reads what the subject compares with: numbers, versions, dates, patterns.
  bool check(Condition& c, std::size_t position) {
    const std::string& value = c.values.front();
    switch (c.subject) {
      case Subject::running_tasks: {
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), c.number);
        if (error != std::errc{} || end != value.data() + value.size()) {
          return fail(position, "runningTasksCount compares with a whole number");
        }
        break;
      }
      case Subject::agent_version: {
        const auto version = parse_version(value);
        if (!version) return fail(position, "agentVersion compares with a version such as 1.14.5");
        c.version = *version;
        break;
      }
      case Subject::registered_at: {
        const auto instant = parse_registered_at(value);
        if (!instant) {
          return fail(position, "registeredAt compares with a date such as 2018-06-18 or 2018-06-18T22:28:28Z");
        }
        c.number = *instant;
        break;
      }
      default:
        break;
    }
    if ((bit(c.op) & kPatterns) != 0) {
      try {
        c.pattern.emplace(value, std::regex::ECMAScript);
      } catch (const std::regex_error&) {
        return fail(position, "the pattern '" + value + "' is not valid");
      }
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  ClusterQuery::Tree tree_;
  QueryError error_;
  bool failed_ = false;
};

QueryParse ClusterQuery::parse(std::string_view expression) { return QueryParser(expression).run(); }

bool ClusterQuery::matches(const QueryInstance& instance) const {
  std::vector<bool> stack;
  for (const Tree::Step& step : tree_->steps) {
    if (step.kind == Tree::Kind::condition) {
      stack.push_back(holds(tree_->conditions[step.condition], instance));
    } else if (step.kind == Tree::Kind::not_) {
      stack.back() = !stack.back();
    } else {
      const bool right = stack.back();
      stack.pop_back();
      stack.back() = step.kind == Tree::Kind::and_ ? (stack.back() && right) : (stack.back() || right);
    }
  }
  return stack.back();
}

ClusterQuery ClusterQuery::by_calendar(std::int64_t zero) const {
  constexpr std::int64_t kMicroseconds = 1'000'000;
  Tree shifted = *tree_;
  for (Condition& c : shifted.conditions) {
    if (c.subject == Subject::registered_at) c.number -= zero * kMicroseconds;
  }
  ClusterQuery out = *this;
  out.tree_ = std::make_shared<const Tree>(std::move(shifted));
  return out;
}

bool ClusterQuery::mentions_attribute(std::string_view name) const {
  return std::any_of(tree_->conditions.begin(), tree_->conditions.end(),
                     [&](const Condition& c) { return c.subject == Subject::attribute && c.attribute == name; });
}

std::vector<std::string> ClusterQuery::attributes() const {
  std::vector<std::string> out;
  for (const Condition& c : tree_->conditions) {
    if (c.subject == Subject::attribute && std::find(out.begin(), out.end(), c.attribute) == out.end())
      out.emplace_back(c.attribute);
  }
  return out;
}

bool ClusterQuery::could_match(const QueryInstance& instance) const {
  struct Answer {
    bool yes = false, no = false;  ///< what is possible
  };
  std::vector<Answer> stack;
  for (const Tree::Step& step : tree_->steps) {
    if (step.kind == Tree::Kind::condition) {
      const Condition& c = tree_->conditions[step.condition];
      const bool open = c.subject != Subject::attribute;
      const bool now = !open && holds(c, instance);
      stack.push_back({open || now, open || !now});
    } else if (step.kind == Tree::Kind::not_) {
      std::swap(stack.back().yes, stack.back().no);
    } else {
      const Answer right = stack.back();
      stack.pop_back();
      Answer& left = stack.back();
      const bool both = step.kind == Tree::Kind::and_;
      left.yes = both ? left.yes && right.yes : left.yes || right.yes;
      left.no = both ? left.no || right.no : left.no && right.no;
    }
  }
  return stack.back().yes;
}

void member_of_mask(const ClusterQuery& query, std::span<const QueryInstance> instances, std::span<std::uint8_t> mask) {
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = mask[i] != 0 && query.matches(instances[i]) ? 1 : 0;
}

std::optional<std::int64_t> parse_registered_at(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&](std::size_t n) -> std::optional<std::int64_t> {
    if (at + n > text.size()) return std::nullopt;
    std::int64_t value = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const char c = text[at + i];
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    at += n;
    return value;
  };
  const auto mark = [&](char c) { return at < text.size() && text[at] == c ? (++at, true) : false; };

  const auto year = digits(4);
  if (!year || !mark('-')) return std::nullopt;
  const auto month = digits(2);
  if (!month || !mark('-')) return std::nullopt;
  const auto day = digits(2);
  if (!day || *month < 1 || *month > 12) return std::nullopt;
  static constexpr std::array<std::int64_t, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;
  const std::int64_t last = kDays[static_cast<std::size_t>(*month - 1)] + (leap && *month == 2 ? 1 : 0);
  if (*day < 1 || *day > last) return std::nullopt;
  // Days since 1970-01-01 in the proleptic Gregorian calendar, counting years from March.
  const std::int64_t y = *year - (*month <= 2 ? 1 : 0);
  const std::int64_t era = y / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (*month + (*month > 2 ? -3 : 9)) + 2) / 5 + *day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  std::int64_t seconds = (era * 146097 + day_of_era - 719468) * 86400;
  if (at == text.size()) return seconds * 1'000'000;

  if (!mark('T')) return std::nullopt;
  const auto hour = digits(2);
  if (!hour || !mark(':')) return std::nullopt;
  const auto minute = digits(2);
  if (!minute || !mark(':')) return std::nullopt;
  const auto second = digits(2);
  if (!second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  seconds += *hour * 3600 + *minute * 60 + *second;
  if (at == text.size() || (mark('Z') && at == text.size())) return seconds * 1'000'000;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    const std::int64_t sign = text[at++] == '+' ? 1 : -1;
    const auto zone_hour = digits(2);
    if (!zone_hour || !mark(':')) return std::nullopt;
    const auto zone_minute = digits(2);
    if (!zone_minute || at != text.size()) return std::nullopt;
    return (seconds - sign * (*zone_hour * 3600 + *zone_minute * 60)) * 1'000'000;
  }
  return std::nullopt;
}

}  // namespace plimsoll::ecs
