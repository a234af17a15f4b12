#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::aws {

/// One leaf of an event: a text or a number.
struct EventValue {
  std::string text;
  std::optional<double> number;

  static EventValue of(std::string_view text) { return {std::string(text), std::nullopt}; }
  static EventValue of(std::int64_t value) { return {std::to_string(value), static_cast<double>(value)}; }
};

/// An event as EventBridge hands it to rules, flat: "detail.lastStatus" and its value. An array is one field an item.
struct CloudEvent {
  std::vector<std::pair<std::string, EventValue>> fields;

  void clear() { fields.clear(); }
  template <class T>
  void add(std::string_view path, const T& value) {
    fields.emplace_back(std::string(path), EventValue::of(value));
  }
};

/// An event pattern: every field that it names must match one of its values, fields that it does not name do not
/// matter. Values match exactly, or by prefix, suffix, equals-ignore-case, wildcard, anything-but (values, prefix,
/// suffix), numeric (up to two bounds) and exists; `$or` takes one of several patterns. Of an array one item is enough.
/// A field that is absent matches nothing but {exists: false}. SOURCE: Amazon EventBridge user guide, "Amazon
/// EventBridge event patterns" and "Comparison operators". Left out: cidr.
class EventPattern {
 public:
  /// Reports what is wrong with the place of it; nothing then.
  static std::optional<EventPattern> parse(const document::Node& node, document::Diagnostics& diagnostics,
                                           const std::string& path);
  bool matches(const CloudEvent& event) const { return matches(root_, event); }
  /// False when no event with this source and detail-type can match, so that it need not be made.
  bool may_match(std::string_view source, std::string_view detail_type) const;

 private:
  enum class Op : std::uint8_t { equals, prefix, suffix, equals_ignore_case, wildcard, numeric, exists, absent };
  struct Test {
    Op op = Op::equals;
    EventValue value;
    std::optional<double> above, below;
    bool above_inclusive = false, below_inclusive = false;
  };
  struct FieldTest {
    std::string path;
    std::vector<Test> any;
    std::vector<std::vector<Test>> none;  ///< each an anything-but: a value that none of them matches
  };
  struct Group {
    std::vector<FieldTest> fields;
    std::vector<std::vector<Group>> either;  ///< $or
  };
  class Reader;

  static bool holds(const Test& test, const EventValue& value);
  static bool matches(const FieldTest& field, const CloudEvent& event);
  static bool matches(const Group& group, const CloudEvent& event);

  Group root_;
};

/// Whether `text` matches a pattern in which * stands for any characters.
bool wildcard_match(std::string_view pattern, std::string_view text);

}  // namespace plimsoll::aws
