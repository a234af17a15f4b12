#include "models/kubernetes/api/object.h"

namespace plimsoll::kubernetes::api {

using document::Node;

Object::Object(const Node& node, document::Diagnostics& diagnostics, std::string path)
    : ObjectReader(node, diagnostics, std::move(path)) {
  if (node.is_mapping() || node.is_null()) return;
  diagnostics_.error(node, "must be an object, not " + std::string(kind_name(node.kind())), {}, path_);
  open_ = false;
}

Object::~Object() {
  if (!open_ || !node_.is_mapping()) return;
  for (const Unknown& u : unknown()) {
    const std::string path = path_of(u.entry->key);
    diagnostics_.warning(u.entry->key_mark, "unknown field \"" + path + "\", ignored", u.hint, path);
  }
}

void Object::wrong_type(std::string_view key, const Node& value, Wanted wanted) {
  static constexpr std::string_view kWanted[] = {"a string", "true or false", "an integer", "a number", "a list"};
  std::string message = "must be " + std::string(kWanted[static_cast<std::size_t>(wanted)]);
  if (wanted == Wanted::text) message += ", not " + std::string(kind_name(value.kind()));
  diagnostics_.error(value, std::move(message), {}, path_of(key));
}

void Object::out_of_range(std::string_view key, std::int64_t value, std::int64_t minimum, std::int64_t maximum) {
  error(key, value < minimum ? "must be greater than or equal to " + std::to_string(minimum)
                             : "must be less than or equal to " + std::to_string(maximum));
}

void Object::no_such_choice(std::string_view key, const std::string& value,
                            const std::vector<std::string_view>& names) {
  std::string list;
  for (const std::string_view n : names) list += (list.empty() ? "\"" : ", \"") + std::string(n) + "\"";
  error(key, "Unsupported value: \"" + value + "\": supported values: " + list);
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

void Object::not_modelled(std::string_view key, std::string_view what) {
  if (says_something(key)) warning(key, std::string(what) + " is not modelled and has no effect");
}

}  // namespace plimsoll::kubernetes::api
