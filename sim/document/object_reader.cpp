#include "sim/document/object_reader.h"

#include <algorithm>

#include "sim/core/text.h"

namespace plimsoll::document {

Mark mark_of(const Node& object, std::string_view key) {
  const Node* value = object.find(key);
  return value != nullptr ? value->mark() : object.mark();
}

const Node* ObjectReader::get(std::string_view key) {
  known_.emplace_back(key);
  const Node* value = node_.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool ObjectReader::has(std::string_view key) const {
  const Node* value = node_.find(key);
  return value != nullptr && !value->is_null();
}

void ObjectReader::error(std::string_view key, std::string message, std::string hint) {
  diagnostics_.error(mark_of(node_, key), std::move(message), std::move(hint), path_of(key));
}

void ObjectReader::warning(std::string_view key, std::string message, std::string hint) {
  diagnostics_.warning(mark_of(node_, key), std::move(message), std::move(hint), path_of(key));
}

const Node* ObjectReader::of_kind(std::string_view key, Wanted wanted) {
  const Node* value = get(key);
  if (value == nullptr) return nullptr;
  const Kind kind = value->kind();
  const bool right = (wanted == Wanted::text && value->is_string()) ||
                     (wanted == Wanted::boolean && kind == Kind::boolean) ||
                     (wanted == Wanted::integer && kind == Kind::integer) ||
                     (wanted == Wanted::number && (kind == Kind::integer || kind == Kind::number)) ||
                     (wanted == Wanted::list && value->is_sequence());
  if (right) return value;
  wrong_type(key, *value, wanted);
  return nullptr;
}

std::optional<std::string> ObjectReader::text(std::string_view key) {
  const Node* value = of_kind(key, Wanted::text);
  return value != nullptr ? std::optional(value->text()) : std::nullopt;
}

std::optional<bool> ObjectReader::boolean(std::string_view key) {
  const Node* value = of_kind(key, Wanted::boolean);
  return value != nullptr ? std::optional(value->as_boolean()) : std::nullopt;
}

std::optional<std::int64_t> ObjectReader::integer(std::string_view key, std::int64_t minimum, std::int64_t maximum) {
  const Node* value = of_kind(key, Wanted::integer);
  if (value == nullptr) return std::nullopt;
  const std::int64_t n = value->as_integer();
  if (n >= minimum && n <= maximum) return n;
  out_of_range(key, n, minimum, maximum);
  return std::nullopt;
}

std::optional<double> ObjectReader::number(std::string_view key) {
  const Node* value = of_kind(key, Wanted::number);
  return value != nullptr ? std::optional(value->as_number()) : std::nullopt;
}

std::vector<Node> ObjectReader::list(std::string_view key) {
  const Node* value = of_kind(key, Wanted::list);
  return value != nullptr ? value->items() : std::vector<Node>();
}

std::vector<std::string> ObjectReader::texts(std::string_view key) {
  std::vector<std::string> out;
  for (const Node& item : list(key)) {
    if (item.is_string()) {
      out.push_back(item.text());
    } else {
      wrong_type(key, item, Wanted::text);
    }
  }
  return out;
}

std::optional<std::size_t> ObjectReader::pick(std::string_view key, const std::vector<std::string_view>& names) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  const auto at = std::find(names.begin(), names.end(), *value);
  if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
  no_such_choice(key, *value, names);
  return std::nullopt;
}

void ObjectReader::ignore(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) known_.emplace_back(key);
}

bool ObjectReader::says_something(std::string_view key) {
  const Node* value = get(key);
  if (value == nullptr) return false;
  if (value->kind() == Kind::boolean) return value->as_boolean();
  if (value->is_string()) return !value->text().empty();
  return value->is_scalar() || value->size() > 0;
}

std::vector<ObjectReader::Unknown> ObjectReader::unknown() const {
  std::vector<Unknown> out;
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const Entry& entry : node_.entries()) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    const std::string near = nearest(entry.key, known);
    out.push_back({&entry, near.empty() ? std::string() : "did you mean " + near + "?"});
  }
  return out;
}

}  // namespace plimsoll::document
