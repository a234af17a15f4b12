#include "models/kubernetes/api/object.h"

#include <algorithm>

#include "sim/core/text.h"

namespace plimsoll::kubernetes::api {

using document::Kind;
using document::Node;

Object::Object(const Node& node, document::Diagnostics& diagnostics, std::string path)
    : node_(node), diagnostics_(diagnostics), path_(std::move(path)) {
  if (node.is_mapping() || node.is_null()) return;
  diagnostics_.error(node, "must be an object, not " + std::string(kind_name(node.kind())), {}, path_);
  open_ = false;
}

Object::~Object() {
  if (!open_ || !node_.is_mapping()) return;
  for (const document::Entry& entry : node_.entries()) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    const std::vector<std::string_view> names(known_.begin(), known_.end());
    const std::string close = nearest(entry.key, names);
    diagnostics_.warning(entry.key_mark, "unknown field \"" + path_of(entry.key) + "\", ignored",
                         close.empty() ? std::string() : "did you mean " + close + "?", path_of(entry.key));
  }
}

const Node* Object::get(std::string_view key) {
  known_.emplace_back(key);
  const Node* value = node_.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool Object::has(std::string_view key) const {
  const Node* value = node_.find(key);
  return value != nullptr && !value->is_null();
}

void Object::error(std::string_view key, std::string message) {
  const Node* value = node_.find(key);
  diagnostics_.error(value != nullptr ? *value : node_, std::move(message), {}, path_of(key));
}

void Object::warning(std::string_view key, std::string message) {
  const Node* value = node_.find(key);
  diagnostics_.warning(value != nullptr ? *value : node_, std::move(message), {}, path_of(key));
}

std::optional<std::string> Object::text(std::string_view key) {
  const Node* value = get(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    error(key, "must be a string, not " + std::string(kind_name(value->kind())));
    return std::nullopt;
  }
  return value->text();
}

std::string Object::text_or(std::string_view key, std::string_view fallback) {
  return text(key).value_or(std::string(fallback));
}

std::optional<std::string> Object::scalar(std::string_view key) {
  const Node* value = get(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_scalar()) {
    error(key, "must be a number or a string");
    return std::nullopt;
  }
  return value->text();
}

std::optional<bool> Object::boolean(std::string_view key) {
  const Node* value = get(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind() != Kind::boolean) {
    error(key, "must be true or false");
    return std::nullopt;
  }
  return value->as_boolean();
}

std::optional<std::int64_t> Object::integer(std::string_view key, std::int64_t minimum, std::int64_t maximum) {
  const Node* value = get(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind() != Kind::integer) {
    error(key, "must be an integer");
    return std::nullopt;
  }
  if (value->as_integer() < minimum) {
    error(key, "must be greater than or equal to " + std::to_string(minimum));
    return std::nullopt;
  }
  if (value->as_integer() > maximum) {
    error(key, "must be less than or equal to " + std::to_string(maximum));
    return std::nullopt;
  }
  return value->as_integer();
}

std::vector<Node> Object::list(std::string_view key) {
  const Node* value = get(key);
  if (value == nullptr) return {};
  if (!value->is_sequence()) {
    error(key, "must be a list");
    return {};
  }
  return value->items();
}

std::vector<std::string> Object::texts(std::string_view key) {
  std::vector<std::string> out;
  for (const Node& item : list(key)) {
    if (item.is_string()) {
      out.push_back(item.text());
    } else {
      diagnostics_.error(item, "must be a string", {}, path_of(key));
    }
  }
  return out;
}

TextMap Object::map(std::string_view key) {
  TextMap out;
  const Node* value = get(key);
  if (value == nullptr) return out;
  if (!value->is_mapping()) {
    error(key, "must be an object of strings");
    return out;
  }
  for (const document::Entry& entry : value->entries()) {
    if (entry.value.is_string()) {
      out.emplace_back(entry.key, entry.value.text());
    } else {
      diagnostics_.error(entry.value, "must be a string (quote it)", {}, document::join_path(path_of(key), entry.key));
    }
  }
  return out;
}

std::optional<std::size_t> Object::pick(std::string_view key, const std::vector<std::string_view>& words) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == *value) return i;
  }
  std::string list;
  for (const std::string_view w : words) list += (list.empty() ? "\"" : ", \"") + std::string(w) + "\"";
  error(key, "Unsupported value: \"" + *value + "\": supported values: " + list);
  return std::nullopt;
}

void Object::ignore(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) known_.emplace_back(key);
}

void Object::not_modelled(std::string_view key, std::string_view what) {
  const Node* value = get(key);
  if (value == nullptr) return;
  const bool empty = (value->kind() == Kind::boolean && !value->as_boolean()) ||
                     (value->is_string() && value->text().empty()) || (!value->is_scalar() && value->size() == 0);
  if (!empty) warning(key, std::string(what) + " is not modelled and has no effect");
}

}  // namespace plimsoll::kubernetes::api
