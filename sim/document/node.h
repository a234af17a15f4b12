#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::document {

enum class Kind : std::uint8_t { null, boolean, integer, number, string, sequence, mapping };

/// How a scalar was written. Quoted covers '...', "..." and the block forms | and >; a quoted scalar is a string.
enum class Style : std::uint8_t { plain, quoted };

/// "null", "true or false", "integer", ... for messages.
std::string_view kind_name(Kind kind);

/// Where a node or a key begins. line and column are 1-based and count characters, not bytes; line 0 means that the
/// place has no lines (the file then names the source, such as "--set load.scale=2").
struct Mark {
  std::shared_ptr<const std::string> file;
  std::int32_t line = 0;
  std::int32_t column = 0;

  const std::string& path() const;
};

/// A mark without lines, named by `source`.
Mark source_mark(std::string source);
/// "file:line:column", "file" when there are no lines, "" when there is no file.
std::string to_string(const Mark& mark);

struct Entry;

/// One value of a parsed YAML 1.2 or JSON document. Immutable, shared, cheap to copy; safe to read from many threads.
class Node {
 public:
  /// Null without a position.
  Node();

  static Node null(Mark mark = {});
  static Node boolean(bool value, Mark mark = {});
  static Node integer(std::int64_t value, Mark mark = {});
  /// Finite or not: reading a field refuses what is not finite.
  static Node number(double value, Mark mark = {});
  static Node string(std::string text, Mark mark = {}, Style style = Style::quoted);
  static Node sequence(std::vector<Node> items, Mark mark = {});
  /// @pre keys are distinct.
  static Node mapping(std::vector<Entry> entries, Mark mark = {});
  /// A plain scalar by the YAML 1.2 core schema: null, ~, true, false (three capitalisations each), decimal, 0o and 0x
  /// integers, floats, .inf, .nan; all else is a string. "yes" and "off" are strings; 010 is ten; an integer outside
  /// 64 bits is a number. Source: YAML 1.2.2 section 10.3.2.
  static Node plain(std::string text, Mark mark = {});

  Kind kind() const;
  bool is_null() const { return kind() == Kind::null; }
  bool is_mapping() const { return kind() == Kind::mapping; }
  bool is_sequence() const { return kind() == Kind::sequence; }
  bool is_string() const { return kind() == Kind::string; }
  bool is_scalar() const { return kind() < Kind::sequence; }
  const Mark& mark() const;
  Style style() const;

  /// The scalar as written (escapes and folding resolved); "" for collections.
  const std::string& text() const;
  bool as_boolean() const;          ///< @pre kind boolean
  std::int64_t as_integer() const;  ///< @pre kind integer
  double as_number() const;         ///< @pre kind integer or number

  /// Items of a sequence, in order; empty for other kinds.
  const std::vector<Node>& items() const;
  /// Entries of a mapping, in the order written (merged keys last); empty for other kinds.
  const std::vector<Entry>& entries() const;
  /// Number of items or entries; 0 for scalars.
  std::size_t size() const;
  /// The value under a key, or nullptr; also nullptr when this is not a mapping. O(log n). Lives as long as this node.
  const Node* find(std::string_view key) const;
  const Entry* find_entry(std::string_view key) const;
  /// Item of a sequence. @pre index < items().size().
  const Node& at(std::size_t index) const;

  /// The same value at another place.
  Node with_mark(Mark mark) const;

  /// Nodes in this tree with every alias expanded, itself included (saturates at 2^32 - 1).
  std::uint32_t count() const;
  /// Levels of collections: 0 for a scalar.
  std::int32_t height() const;

  /// Same kinds, texts and order of entries; marks and styles do not matter.
  friend bool same_value(const Node& a, const Node& b);

 private:
  struct Data;
  explicit Node(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

struct Entry {
  std::string key;
  Mark key_mark;
  Node value;
};

/// Appends one step to a key path: ("apps", "ui") is "apps.ui"; keys that are not made of letters, digits, _, - and /
/// are quoted: expect."ui.latency.p99".
std::string join_path(std::string_view path, std::string_view key);
/// ("zones", 2) is "zones[2]".
std::string join_path(std::string_view path, std::size_t index);

}  // namespace plimsoll::document
