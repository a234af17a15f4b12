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

namespace plimsoll::document {

/// Reads one object of a real system's API by its keys. null reads as absent, and a value of the wrong type is an error
/// and reads as absent. Every key is either read, ignored (it cannot change what is simulated) or not modelled (it can:
/// one warning). In which words a value is refused, and what becomes of a key that is none of these, each API's own
/// reader says.
class ObjectReader {
 public:
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;

  /// The value under the key, null pointer when absent; declares the key.
  const Node* get(std::string_view key);
  std::optional<std::string> text(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  /// Out of [minimum, maximum] is an error and reads as absent. Integers of both APIs have 32 bits.
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t minimum = INT32_MIN,
                                      std::int64_t maximum = INT32_MAX);
  std::optional<double> number(std::string_view key);
  std::vector<Node> list(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  /// One of some names; another is an error.
  template <class E>
  std::optional<E> choice(std::string_view key, std::initializer_list<std::pair<std::string_view, E>> names) {
    std::vector<std::string_view> texts;
    for (const auto& n : names) texts.push_back(n.first);
    const auto index = pick(key, texts);
    if (!index) return std::nullopt;
    return (names.begin() + static_cast<std::ptrdiff_t>(*index))->second;
  }

  void ignore(std::initializer_list<std::string_view> keys);

  bool has(std::string_view key) const;
  void error(std::string_view key, std::string message, std::string hint = {});
  void warning(std::string_view key, std::string message, std::string hint = {});
  const Node& node() const { return node_; }
  const Mark& mark() const { return node_.mark(); }
  Diagnostics& diagnostics() const { return diagnostics_; }
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view key) const { return join_path(path_, key); }

 protected:
  ObjectReader(Node node, Diagnostics& diagnostics, std::string path)
      : node_(std::move(node)), diagnostics_(diagnostics), path_(std::move(path)) {}
  ~ObjectReader() = default;

  enum class Wanted : std::uint8_t { text, boolean, integer, number, list };
  virtual void wrong_type(std::string_view key, const Node& value, Wanted wanted) = 0;
  virtual void out_of_range(std::string_view key, std::int64_t value, std::int64_t minimum, std::int64_t maximum) = 0;
  virtual void no_such_choice(std::string_view key, const std::string& value,
                              const std::vector<std::string_view>& names) = 0;

  /// Declares the key; whether its value is other than null, false, "" and an empty collection.
  bool says_something(std::string_view key);
  /// The entries whose keys nobody has declared so far, with the nearest declared one.
  struct Unknown {
    const Entry* entry = nullptr;
    std::string hint;  ///< "did you mean name?"; empty when none is near
  };
  std::vector<Unknown> unknown() const;

  Node node_;
  Diagnostics& diagnostics_;
  std::string path_;

 private:
  const Node* of_kind(std::string_view key, Wanted wanted);
  std::optional<std::size_t> pick(std::string_view key, const std::vector<std::string_view>& names);

  std::vector<std::string> known_;
};

/// Where a rule that concerns a key of an object is reported: the key's value, else the object.
Mark mark_of(const Node& object, std::string_view key);

}  // namespace plimsoll::document
