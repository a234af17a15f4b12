#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/document/object_reader.h"

namespace plimsoll::kubernetes::api {

/// A key and its value, in the order of the file.
using TextMap = std::vector<std::pair<std::string, std::string>>;

/// Reads one object of the Kubernetes API in the words of the API server: an error has the path of its field, and an
/// unknown field earns a warning with the nearest known name.
class Object final : public document::ObjectReader {
 public:
  /// `node` must be a mapping or null, else one error is reported and the object reads as empty.
  Object(const document::Node& node, document::Diagnostics& diagnostics, std::string path);
  ~Object();

  std::string text_or(std::string_view key, std::string_view fallback);
  TextMap map(std::string_view key);
  /// As choice; "" reads as absent, where the API server has a default for an unset string.
  template <class E>
  std::optional<E> choice_or_unset(std::string_view key, std::initializer_list<std::pair<std::string_view, E>> names) {
    const document::Node* value = get(key);
    if (value != nullptr && value->is_string() && value->text().empty()) return std::nullopt;
    return choice<E>(key, names);
  }
  /// A scalar as written, for quantities and IntOrString.
  std::optional<std::string> scalar(std::string_view key);
  /// Warns once when the key has a value other than null, false, "" and empty collections.
  void not_modelled(std::string_view key, std::string_view what);
  /// Fields that are not declared are accepted in silence.
  void allow_unknown() { open_ = false; }

 private:
  void wrong_type(std::string_view key, const document::Node& value, Wanted wanted) override;
  void out_of_range(std::string_view key, std::int64_t value, std::int64_t minimum, std::int64_t maximum) override;
  void no_such_choice(std::string_view key, const std::string& value,
                      const std::vector<std::string_view>& names) override;

  bool open_ = true;
};

}  // namespace plimsoll::kubernetes::api
