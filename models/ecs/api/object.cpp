#include "models/ecs/api/object.h"

#include <algorithm>

#include "sim/core/text.h"

namespace plimsoll::ecs::api {

using document::Kind;
using document::Node;

Object::Object(const Node& node, document::Diagnostics& diagnostics, std::string path)
    : node_(node), diagnostics_(diagnostics), path_(std::move(path)) {
  if (!node.is_mapping()) {
    diagnostics_.error(node, "expected an object, got " + std::string(document::kind_name(node.kind())), {}, path_);
    node_ = Node();
    open_ = false;
  }
}

Object::~Object() { finish(); }

const Node* Object::get(std::string_view key) {
  known_.emplace_back(key);
  const Node* value = node_.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool Object::has(std::string_view key) const {
  const Node* value = node_.find(key);
  return value != nullptr && !value->is_null();
}

document::Mark mark_of(const Node& object, std::string_view key) {
  const Node* value = object.find(key);
  return value != nullptr ? value->mark() : object.mark();
}

void Object::error(std::string_view key, std::string message, std::string hint) {
  diagnostics_.error(mark_of(node_, key), std::move(message), std::move(hint), path_of(key));
}
void Object::warning(std::string_view key, std::string message, std::string hint) {
  diagnostics_.warning(mark_of(node_, key), std::move(message), std::move(hint), path_of(key));
}
void Object::missing(std::string_view key, std::string_view what) {
  if (node_.is_null()) return;  // already reported
  diagnostics_.error(node_, "missing " + std::string(key) + ": " + std::string(what), {}, path_);
}

void Object::wrong_type(std::string_view key, const Node& value, std::string_view wanted) {
  std::string hint;
  if (wanted == "a string" && value.is_scalar()) hint = "write \"" + value.text() + "\"";
  if (wanted == "an integer" && value.is_string()) hint = "write it without quotes";
  error(key,
        "the AWS API takes " + std::string(wanted) + " here, got " + std::string(document::kind_name(value.kind())),
        std::move(hint));
}

std::optional<std::string> Object::text(std::string_view key) {
  const Node* value = get(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    wrong_type(key, *value, "a string");
    return std::nullopt;
  }
  return value->text();
}

std::optional<bool> Object::boolean(std::string_view key) {
  const Node* value = get(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind() != Kind::boolean) {
    wrong_type(key, *value, "true or false");
    return std::nullopt;
  }
  return value->as_boolean();
}

std::optional<std::int64_t> Object::integer(std::string_view key, std::int64_t minimum, std::int64_t maximum) {
  const Node* value = get(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind() != Kind::integer) {
    wrong_type(key, *value, "an integer");
    return std::nullopt;
  }
  const std::int64_t n = value->as_integer();
  if (n < minimum || n > maximum) {
    const std::string bounds = maximum == INT32_MAX
                                   ? "at least " + std::to_string(minimum)
                                   : "between " + std::to_string(minimum) + " and " + std::to_string(maximum);
    error(key, std::string(key) + " must be " + bounds + ", got " + std::to_string(n));
    return std::nullopt;
  }
  return n;
}

std::optional<double> Object::number(std::string_view key) {
  const Node* value = get(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind() != Kind::integer && value->kind() != Kind::number) {
    wrong_type(key, *value, "a number");
    return std::nullopt;
  }
  return value->as_number();
}

std::vector<Node> Object::list(std::string_view key) {
  const Node* value = get(key);
  if (value == nullptr) return {};
  if (!value->is_sequence()) {
    wrong_type(key, *value, "a list");
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
      wrong_type(key, item, "a string");
    }
  }
  return out;
}

std::optional<std::size_t> Object::pick(std::string_view key, const std::vector<std::string_view>& names) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  const auto at = std::find(names.begin(), names.end(), *value);
  if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
  std::string all;
  for (const std::string_view n : names) all += (all.empty() ? "" : ", ") + std::string(n);
  const std::string near = nearest(*value, names);
  error(key, "'" + *value + "' is none of " + all, near.empty() ? "" : "did you mean " + near + "?");
  return std::nullopt;
}

void Object::ignore(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) known_.emplace_back(key);
}

void Object::not_modelled(std::string_view key, std::string_view what) {
  const Node* value = get(key);
  if (value == nullptr) return;
  const bool says_nothing = (value->kind() == Kind::boolean && !value->as_boolean()) ||
                            (value->is_string() && value->text().empty()) ||
                            (!value->is_scalar() && value->size() == 0);
  if (!says_nothing) warning(key, std::string(key) + " is not modelled: " + std::string(what));
}

void Object::finish() {
  if (!open_) return;
  open_ = false;
  std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const document::Entry& entry : node_.entries()) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    const std::string near = nearest(entry.key, known);
    diagnostics_.error(entry.key_mark, "the AWS API has no parameter " + entry.key + " here",
                       near.empty() ? "" : "did you mean " + near + "?", path_of(entry.key));
  }
}

}  // namespace plimsoll::ecs::api
