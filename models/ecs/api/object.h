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

namespace plimsoll::ecs::api {

/// Reads one JSON object of an AWS API by its parameters, with the strictness of the AWS command line: a parameter of
/// the wrong type or an unknown one is an error. null reads as absent. Every key is either read, ignored (it cannot
/// change what is simulated) or not modelled (it can, so it earns one warning).
class Object {
 public:
  /// `node` must be a mapping, else one error is reported and the object reads as empty.
  Object(const document::Node& node, document::Diagnostics& diagnostics, std::string path);
  ~Object();
  Object(Object&&) = delete;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  Object& operator=(Object&&) = delete;

  /// The value under the key, null pointer when absent; declares the key.
  const document::Node* get(std::string_view key);
  std::optional<std::string> text(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  /// Out of [minimum, maximum] is an error and reads as absent. Integers of the AWS API have 32 bits.
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t minimum = INT32_MIN,
                                      std::int64_t maximum = INT32_MAX);
  std::optional<double> number(std::string_view key);
  std::vector<document::Node> list(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  /// One of some names; another is an error with the nearest.
  template <class E>
  std::optional<E> choice(std::string_view key, std::initializer_list<std::pair<std::string_view, E>> names) {
    std::vector<std::string_view> texts;
    for (const auto& n : names) texts.push_back(n.first);
    const auto index = pick(key, texts);
    if (!index) return std::nullopt;
    return (names.begin() + static_cast<std::ptrdiff_t>(*index))->second;
  }

  void ignore(std::initializer_list<std::string_view> keys);
  /// Warns once when the key has a value other than null, false, "" and empty collections.
  void not_modelled(std::string_view key, std::string_view what);
  /// Reports unknown keys; the destructor does it too.
  void finish();

  bool has(std::string_view key) const;
  void error(std::string_view key, std::string message, std::string hint = {});
  void warning(std::string_view key, std::string message, std::string hint = {});
  void missing(std::string_view key, std::string_view what);
  const document::Node& node() const { return node_; }
  document::Diagnostics& diagnostics() const { return diagnostics_; }
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view key) const { return document::join_path(path_, key); }

 private:
  std::optional<std::size_t> pick(std::string_view key, const std::vector<std::string_view>& names);
  void wrong_type(std::string_view key, const document::Node& value, std::string_view wanted);

  document::Node node_;
  document::Diagnostics& diagnostics_;
  std::string path_;
  std::vector<std::string> known_;
  bool open_ = true;
};

/// Where a rule that concerns a key of a parsed object is reported: the key's value, else the object.
document::Mark mark_of(const document::Node& object, std::string_view key);

}  // namespace plimsoll::ecs::api
