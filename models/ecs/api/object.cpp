#include "models/ecs/api/object.h"

#include <utility>

#include "sim/core/text.h"

namespace plimsoll::ecs::api {

using document::Node;

Object::Object(const Node& node, document::Diagnostics& diagnostics, std::string path)
    : ObjectReader(node.is_mapping() ? node : Node(), diagnostics, std::move(path)), open_(node.is_mapping()) {
  if (open_) return;
  diagnostics_.error(node, "expected an object, got " + std::string(document::kind_name(node.kind())), {}, path_);
}

Object::~Object() { finish(); }

void Object::missing(std::string_view key, std::string_view what) {
  if (node_.is_null()) return;  // already reported
  diagnostics_.error(node_, "missing " + std::string(key) + ": " + std::string(what), {}, path_);
}

void Object::wrong_type(std::string_view key, const Node& value, Wanted wanted) {
  static constexpr std::string_view kWanted[] = {"a string", "true or false", "an integer", "a number", "a list"};
  std::string hint;
  if (wanted == Wanted::text && value.is_scalar()) hint = "write \"" + value.text() + "\"";
  if (wanted == Wanted::integer && value.is_string()) hint = "write it without quotes";
  diagnostics_.error(value,
                     "the AWS API takes " + std::string(kWanted[static_cast<std::size_t>(wanted)]) + " here, got " +
                         std::string(document::kind_name(value.kind())),
                     std::move(hint), path_of(key));
}

void Object::out_of_range(std::string_view key, std::int64_t value, std::int64_t minimum, std::int64_t maximum) {
  std::string bounds = "between " + std::to_string(minimum) + " and " + std::to_string(maximum);
  // No limit but that of the type: the end that was passed is the one to tell.
  if (maximum == INT32_MAX)
    bounds = value < minimum ? "at least " + std::to_string(minimum) : "at most " + std::to_string(maximum);
  error(key, std::string(key) + " must be " + bounds + ", got " + std::to_string(value));
}

void Object::no_such_choice(std::string_view key, const std::string& value,
                            const std::vector<std::string_view>& names) {
  std::string all;
  for (const std::string_view n : names) all += (all.empty() ? "" : ", ") + std::string(n);
  const std::string near = nearest(value, names);
  error(key, "'" + value + "' is none of " + all, near.empty() ? "" : "did you mean " + near + "?");
}

void Object::not_modelled(std::string_view key, std::string_view what) {
  if (says_something(key)) warning(key, std::string(key) + " is not modelled: " + std::string(what));
}

void Object::finish() {
  if (!open_) return;
  open_ = false;
  for (const Unknown& u : unknown()) {
    diagnostics_.error(u.entry->key_mark, "the AWS API has no parameter " + u.entry->key + " here", u.hint,
                       path_of(u.entry->key));
  }
}

}  // namespace plimsoll::ecs::api
