#include "models/aws/eventbridge/event_pattern.h"

#include <algorithm>

namespace plimsoll::aws {

namespace {

using document::Node;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

bool wildcard_match(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      // The last * takes one character more.
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

/// Reads a pattern out of its JSON.
class EventPattern::Reader {
 public:
  explicit Reader(document::Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  bool group(const Node& node, const std::string& prefix, const std::string& path, Group& out) {
    if (!node.is_mapping() || node.size() == 0)
      return fail(node, "an event pattern is an object with at least one field", {}, path);
    bool good = true;
    for (const document::Entry& e : node.entries()) {
      const std::string at = document::join_path(path, e.key);
      if (e.key == "$or") {
        good = either(e.value, prefix, at, out) && good;
        continue;
      }
      const std::string name = prefix.empty() ? e.key : prefix + "." + e.key;
      if (e.value.is_mapping()) {
        good = group(e.value, name, at, out) && good;
        continue;
      }
      if (!e.value.is_sequence() || e.value.size() == 0) {
        good = fail(e.value, "match values in an event pattern are a list", "write " + e.key + ": [...]", at);
        continue;
      }
      FieldTest field;
      field.path = name;
      for (std::size_t i = 0; i < e.value.size(); ++i)
        good = value(e.value.at(i), document::join_path(at, i), field) && good;
      out.fields.push_back(std::move(field));
    }
    return good;
  }

 private:
  bool fail(const Node& node, std::string message, std::string hint, const std::string& path) {
    diagnostics_.error(node, std::move(message), std::move(hint), path);
    return false;
  }

  bool either(const Node& node, const std::string& prefix, const std::string& path, Group& out) {
    if (!node.is_sequence() || node.size() < 2)
      return fail(node, "$or takes a list of at least two patterns", {}, path);
    std::vector<Group> groups(node.size());
    bool good = true;
    for (std::size_t i = 0; i < node.size(); ++i)
      good = group(node.at(i), prefix, document::join_path(path, i), groups[i]) && good;
    out.either.push_back(std::move(groups));
    return good;
  }

  static std::optional<EventValue> scalar(const Node& node) {
    if (!node.is_scalar()) return std::nullopt;
    if (node.kind() == document::Kind::integer || node.kind() == document::Kind::number)
      return EventValue{node.text(), node.as_number()};
    return EventValue::of(node.is_null() ? std::string_view("null") : std::string_view(node.text()));
  }

  bool value(const Node& node, const std::string& path, FieldTest& field) {
    Test test;
    if (const auto plain = scalar(node)) {
      test.value = *plain;
      field.any.push_back(std::move(test));
      return true;
    }
    if (!node.is_mapping() || node.size() != 1)
      return fail(node, "a match value is a text, a number or an object with one comparison operator", {}, path);
    const document::Entry& e = node.entries()[0];
    if (e.key == "anything-but") return anything_but(e.value, path, field);
    if (e.key == "exists") {
      if (e.value.kind() != document::Kind::boolean) return fail(e.value, "exists is true or false", {}, path);
      test.op = e.value.as_boolean() ? Op::exists : Op::absent;
    } else if (e.key == "numeric") {
      if (!numeric(e.value, path, test)) return false;
    } else if (!text_operator(e, path, test)) {
      return false;
    }
    field.any.push_back(std::move(test));
    return true;
  }

  bool text_operator(const document::Entry& e, const std::string& path, Test& test) {
    constexpr std::pair<std::string_view, Op> kOps[] = {{"prefix", Op::prefix},
                                                        {"suffix", Op::suffix},
                                                        {"equals-ignore-case", Op::equals_ignore_case},
                                                        {"wildcard", Op::wildcard}};
    for (const auto& [name, op] : kOps) {
      if (e.key != name) continue;
      if (!e.value.is_string()) return fail(e.value, e.key + " takes a text", {}, path);
      test.op = op;
      test.value = EventValue::of(e.value.text());
      return true;
    }
    diagnostics_.error(e.key_mark, "unknown comparison operator '" + e.key + "'",
                       "known: prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, exists", path);
    return false;
  }

  bool anything_but(const Node& node, const std::string& path, FieldTest& field) {
    std::vector<Test> none;
    const auto add = [&](const Node& item) {
      Test test;
      if (const auto plain = scalar(item)) {
        test.value = *plain;
      } else if (!item.is_mapping() || item.size() != 1 || !text_operator(item.entries()[0], path, test)) {
        return fail(item, "anything-but takes texts, numbers, {prefix: ...} or {suffix: ...}", {}, path);
      }
      none.push_back(std::move(test));
      return true;
    };
    bool good = true;
    if (!node.is_sequence()) good = add(node);
    for (const Node& item : node.items()) good = add(item) && good;
    field.none.push_back(std::move(none));
    return good;
  }

  bool numeric(const Node& node, const std::string& path, Test& test) {
    test.op = Op::numeric;
    const bool pairs = node.is_sequence() && (node.size() == 2 || node.size() == 4);
    if (!pairs)
      return fail(node, "numeric takes a comparison and a number, once or twice", "[\">\", 0, \"<=\", 5]", path);
    for (std::size_t i = 0; i < node.size(); i += 2) {
      const Node& number = node.at(i + 1);
      if (number.kind() != document::Kind::integer && number.kind() != document::Kind::number)
        return fail(number, "this must be a number", {}, path);
      const std::string& op = node.at(i).text();
      const double v = number.as_number();
      if (op == ">" || op == ">=") {
        test.above = v;
        test.above_inclusive = op == ">=";
      } else if (op == "<" || op == "<=") {
        test.below = v;
        test.below_inclusive = op == "<=";
      } else if (op == "=") {
        test.above = test.below = v;
        test.above_inclusive = test.below_inclusive = true;
      } else {
        return fail(node.at(i), "'" + op + "' is not a comparison", "one of <, <=, =, >, >=", path);
      }
    }
    return true;
  }

  document::Diagnostics& diagnostics_;
};

std::optional<EventPattern> EventPattern::parse(const Node& node, document::Diagnostics& diagnostics,
                                                const std::string& path) {
  EventPattern out;
  if (!Reader(diagnostics).group(node, "", path, out.root_)) return std::nullopt;
  return out;
}

bool EventPattern::holds(const Test& test, const EventValue& value) {
  switch (test.op) {
    case Op::equals:
      if (test.value.number && value.number) return *test.value.number == *value.number;
      return test.value.number.has_value() == value.number.has_value() && test.value.text == value.text;
    case Op::prefix:
      return std::string_view(value.text).starts_with(test.value.text);
    case Op::suffix:
      return std::string_view(value.text).ends_with(test.value.text);
    case Op::equals_ignore_case:
      return equal_ignoring_case(test.value.text, value.text);
    case Op::wildcard:
      return wildcard_match(test.value.text, value.text);
    case Op::numeric: {
      if (!value.number) return false;
      const double v = *value.number;
      if (test.above && (test.above_inclusive ? v < *test.above : v <= *test.above)) return false;
      return !test.below || (test.below_inclusive ? v <= *test.below : v < *test.below);
    }
    case Op::exists:
      return true;
    case Op::absent:
      return false;
  }
  return false;
}

bool EventPattern::matches(const FieldTest& field, const CloudEvent& event) {
  bool present = false;
  for (const auto& [path, value] : event.fields) {
    if (path != field.path) continue;
    present = true;
    for (const Test& test : field.any) {
      if (holds(test, value)) return true;
    }
    for (const std::vector<Test>& none : field.none) {
      if (std::none_of(none.begin(), none.end(), [&v = value](const Test& t) { return holds(t, v); })) return true;
    }
  }
  return !present && std::any_of(field.any.begin(), field.any.end(), [](const Test& t) { return t.op == Op::absent; });
}

bool EventPattern::matches(const Group& group, const CloudEvent& event) {
  for (const FieldTest& field : group.fields) {
    if (!matches(field, event)) return false;
  }
  for (const std::vector<Group>& either : group.either) {
    if (std::none_of(either.begin(), either.end(), [&](const Group& g) { return matches(g, event); })) return false;
  }
  return true;
}

bool EventPattern::may_match(std::string_view source, std::string_view detail_type) const {
  for (const FieldTest& field : root_.fields) {
    CloudEvent event;
    if (field.path == "source") event.add("source", source);
    if (field.path == "detail-type") event.add("detail-type", detail_type);
    if (!event.fields.empty() && !matches(field, event)) return false;
  }
  return true;
}

}  // namespace plimsoll::aws
