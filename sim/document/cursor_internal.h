#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/loader.h"
#include "sim/document/node.h"

namespace plimsoll::document {

/// Line and column of byte offsets of a text, asked in ascending order; O(length) over all questions.
class Cursor {
 public:
  Cursor(std::string_view text, std::shared_ptr<const std::string> file) : text_(text), file_(std::move(file)) {}
  Mark mark_at(std::size_t offset);

 private:
  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  std::size_t offset_ = 0;
  std::int32_t line_ = 1;
  std::int32_t column_ = 1;
};

/// Length of the valid UTF-8 sequence at `offset` (no overlong forms, no surrogates), or 0.
std::size_t utf8_length(std::string_view text, std::size_t offset);
/// Appends a code point. @pre it is a Unicode scalar value.
void append_utf8(std::string& out, std::uint32_t code_point);

/// A mapping, after refusing duplicate keys (the first of each is kept).
Node make_mapping(std::vector<Entry> entries, Mark mark, Diagnostics& diagnostics);

/// RFC 8259; nothing but an error after the first fault. @pre the text is valid UTF-8.
std::vector<Node> load_json(std::string_view text, const std::shared_ptr<const std::string>& file,
                            Diagnostics& diagnostics, const Limits& limits);
/// @pre the text is valid UTF-8 without a byte order mark.
std::vector<Node> load_yaml(std::string_view text, const std::shared_ptr<const std::string>& file,
                            Diagnostics& diagnostics, const Limits& limits);

}  // namespace plimsoll::document
