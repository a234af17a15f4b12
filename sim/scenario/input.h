#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/document/fields.h"

namespace plimsoll::scenario {

/// One input of an app: its value, where it comes from, and whether a scenario file says it.
template <class T>
struct Input {
  T value{};
  std::string source;
  bool said = false;

  template <class V>
  void from_file(const std::optional<V>& fact, const std::string& file) {
    if (!fact) return;
    value = T(*fact);
    source = file;
  }
  void inherit(const Input& each) {
    if (each.said) *this = each;
  }
};

/// Names stand in tables and files: they are not empty and hold no control characters. What is wrong, or empty.
inline std::string name_fault(std::string_view name) {
  if (name.empty()) return "a name must not be empty";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return "a name must not hold control characters, such as a line break";
  }
  return name.front() == ' ' || name.back() == ' ' ? "a name must not begin or end with a blank" : "";
}

inline std::string place(const document::Mark& mark) {
  return mark.line > 0 ? mark.path() + ":" + std::to_string(mark.line) : mark.path();
}

template <class T>
void read(document::Fields& f, std::string_view key, Input<T>& in, std::string_view doc,
          const document::Range<T>& range = {}) {
  const bool said = f.has(key);
  in.value = f.get<T>(key, in.value, in.source, doc, range);
  if (!said) return;
  in.said = true;
  in.source = place(f.mark_of(key));
}

}  // namespace plimsoll::scenario
