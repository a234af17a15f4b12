#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::kubernetes::api {

/// A key and its value, in the order of the file.
using TextMap = std::vector<std::pair<std::string, std::string>>;

/// Reads one object of the Kubernetes API by its fields. A field of the wrong type is an error with its path, in the
/// words of the API server; null reads as absent. Every field is read, ignored (it cannot change what is simulated) or
/// not modelled (it can: one warning); a field that is none of these earns a warning with the nearest known name.
class Object {
 public:
  Object(const document::Node& node, document::Diagnostics& diagnostics, std::string path);
  ~Object();
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  /// The value, null pointer when absent; declares the field.
  const document::Node* get(std::string_view key);
  std::optional<std::string> text(std::string_view key);
  std::string text_or(std::string_view key, std::string_view fallback);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t minimum, std::int64_t maximum = INT32_MAX);
  std::vector<document::Node> list(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  TextMap map(std::string_view key);
  /// A scalar as written, for quantities and IntOrString.
  std::optional<std::string> scalar(std::string_view key);
  /// One of some words; another is an error that lists them.
  template <class E>
  std::optional<E> choice(std::string_view key, std::initializer_list<std::pair<std::string_view, E>> words) {
    std::vector<std::string_view> texts;
    for (const auto& w : words) texts.push_back(w.first);
    const auto index = pick(key, texts);
    if (!index) return std::nullopt;
    return (words.begin() + static_cast<std::ptrdiff_t>(*index))->second;
  }

  void ignore(std::initializer_list<std::string_view> keys);
  void not_modelled(std::string_view key, std::string_view what);
  /// Fields that are not declared are accepted in silence.
  void allow_unknown() { open_ = false; }

  bool has(std::string_view key) const;
  void error(std::string_view key, std::string message);
  void warning(std::string_view key, std::string message);
  const document::Node& node() const { return node_; }
  const document::Mark& mark() const { return node_.mark(); }
  document::Diagnostics& diagnostics() const { return diagnostics_; }
  std::string path_of(std::string_view key) const { return document::join_path(path_, key); }
  const std::string& path() const { return path_; }

 private:
  std::optional<std::size_t> pick(std::string_view key, const std::vector<std::string_view>& words);

  document::Node node_;
  document::Diagnostics& diagnostics_;
  std::string path_;
  std::vector<std::string> known_;
  bool open_ = true;
};

}  // namespace plimsoll::kubernetes::api
