#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::report {

enum class Paint : std::uint8_t { plain, bold, good, bad, dim };

/// Text with its terminal colour; as it is when colour is off.
std::string painted(std::string_view text, Paint paint, bool colour);

/// Columns on a terminal that a UTF-8 text takes (one a code point).
std::size_t display_width(std::string_view text);

/// `text` in at most `width` columns: the middle gives way to an ellipsis.
std::string shortened(std::string_view text, std::size_t width);

/// Words broken into lines of at most `width` columns; lines after the first start with `indent` blanks.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

/// A table for terminals: first column left, others right, heads of several lines aligned at the bottom.
struct TextTable {
  struct Row {
    std::vector<std::string> cells;
    Paint paint = Paint::plain;
  };
  std::vector<std::vector<std::string>> heads;  ///< one entry a column: its lines
  std::vector<Row> rows;

  /// Columns taken with `gap` blanks between columns.
  std::size_t width(std::size_t gap) const;
  /// Fits `limit` columns when it can: narrower gaps first, then shorter names in the first column.
  std::string render(std::size_t limit, bool colour) const;
};

}  // namespace plimsoll::report
