#include "sim/report/text_table.h"

#include <algorithm>

namespace plimsoll::report {

namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The part of `text` from code point `from`, `count` of them.
std::string_view points(std::string_view text, std::size_t from, std::size_t count) {
  std::size_t begin = text.size(), end = text.size(), seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (continues(text[i])) continue;
    if (seen == from) begin = i;
    if (seen == from + count) {
      end = i;
      break;
    }
    ++seen;
  }
  return text.substr(std::min(begin, end), end - std::min(begin, end));
}

std::vector<std::size_t> widths(const TextTable& table) {
  std::vector<std::size_t> out(table.heads.size(), 0);
  for (std::size_t c = 0; c < table.heads.size(); ++c) {
    for (const std::string& line : table.heads[c]) out[c] = std::max(out[c], display_width(line));
    for (const TextTable::Row& row : table.rows) out[c] = std::max(out[c], display_width(row.cells[c]));
  }
  return out;
}

std::size_t sum(const std::vector<std::size_t>& columns, std::size_t gap) {
  std::size_t total = columns.empty() ? 0 : (columns.size() - 1) * gap;
  for (const std::size_t w : columns) total += w;
  return total;
}

}  // namespace

std::string painted(std::string_view text, Paint paint, bool colour) {
  if (!colour || paint == Paint::plain) return std::string(text);
  const char* code = paint == Paint::bold ? "1" : paint == Paint::good ? "32" : paint == Paint::bad ? "31" : "2";
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string shortened(std::string_view text, std::size_t width) {
  const std::size_t length = display_width(text);
  if (length <= width || width < 3) return std::string(text);
  const std::size_t head = width / 2, tail = width - head - 1;
  return std::string(points(text, 0, head)) + "…" + std::string(points(text, length - tail, tail));
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t length = display_width(word);
    if (column > 0 && column + 1 + length > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += length;
  }
  return out;
}

std::size_t TextTable::width(std::size_t gap) const { return sum(widths(*this), gap); }

std::string TextTable::render(std::size_t limit, bool colour) const {
  std::vector<std::size_t> w = widths(*this);
  const std::size_t gap = sum(w, 2) <= limit ? 2 : 1;
  if (const std::size_t total = sum(w, gap); total > limit) {
    const std::size_t over = total - limit;
    w[0] = std::max<std::size_t>(w[0] > over ? w[0] - over : 0, 10);
  }
  std::string out;
  const auto line = [&](const auto& cell_of, Paint paint) {
    std::string text;
    for (std::size_t c = 0; c < w.size(); ++c) {
      const std::string cell = c == 0 ? shortened(cell_of(c), w[0]) : std::string(cell_of(c));
      const std::size_t length = display_width(cell);
      const std::string pad(w[c] > length ? w[c] - length : 0, ' ');
      text += c == 0 ? cell + pad : std::string(gap, ' ') + pad + cell;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += painted(text, paint, colour) + '\n';
  };
  std::size_t depth = 0;
  for (const auto& head : heads) depth = std::max(depth, head.size());
  for (std::size_t k = 0; k < depth; ++k) {
    line(
        [&](std::size_t c) {
          const std::size_t missing = depth - heads[c].size();
          return k < missing ? std::string() : heads[c][k - missing];
        },
        Paint::dim);
  }
  for (const Row& row : rows) line([&](std::size_t c) { return row.cells[c]; }, row.paint);
  return out;
}

}  // namespace plimsoll::report
