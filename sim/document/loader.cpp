#include "sim/document/loader.h"

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

#include "sim/core/text.h"
#include "sim/document/cursor_internal.h"
#include "sim/document/input_files.h"

namespace plimsoll::document {

namespace {

constexpr char kHex[] = "0123456789ABCDEF";

/// libyaml compares each %TAG directive with all before it; nobody needs more than a few.
constexpr std::size_t kMaxTagDirectives = 16;

std::string hex_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return {'0', 'x', kHex[byte >> 4], kHex[byte & 15]};
}

/// Refuses what no reader may see: invalid UTF-8 and control characters. One error, at the first.
bool check_bytes(std::string_view text, const std::shared_ptr<const std::string>& file, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      if (byte >= 0x20 || byte == '\n' || byte == '\t' || byte == '\r') {
        ++i;
        continue;
      }
      const Mark mark = Cursor(text, file).mark_at(i);
      diagnostics.error(mark, byte == 0 ? "NUL byte" : "control character " + hex_byte(text[i]),
                        byte == 0 ? "is this a text file in UTF-8?" : "");
      return false;
    }
    const std::size_t length = utf8_length(text, i);
    if (length == 0) {
      diagnostics.error(Cursor(text, file).mark_at(i), "invalid UTF-8: byte " + hex_byte(text[i]),
                        "save the file as UTF-8");
      return false;
    }
    i += length;
  }
  return true;
}

bool is_json(std::string_view filename) {
  return filename.size() >= 5 && to_lower(filename.substr(filename.size() - 5)) == ".json";
}

bool check_directives(std::string_view text, const std::shared_ptr<const std::string>& file, Diagnostics& diagnostics) {
  std::size_t found = 0;
  for (std::size_t at = text.find("%TAG"); at != text.npos; at = text.find("%TAG", at + 4)) {
    if (at != 0 && text[at - 1] != '\n' && text[at - 1] != '\r') continue;
    if (++found <= kMaxTagDirectives) continue;
    diagnostics.error(Cursor(text, file).mark_at(at),
                      "more than " + std::to_string(kMaxTagDirectives) + " %TAG directives");
    return false;
  }
  return true;
}

}  // namespace

Mark Cursor::mark_at(std::size_t offset) {
  offset = std::min(offset, text_.size());
  for (; offset_ < offset; ++offset_) {
    const char c = text_[offset_];
    const bool carriage_alone = c == '\r' && (offset_ + 1 >= text_.size() || text_[offset_ + 1] != '\n');
    if (c == '\n' || carriage_alone) {
      ++line_;
      column_ = 1;
    } else if (c != '\r' && (static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++column_;
    }
  }
  return {file_, line_, column_};
}

std::size_t utf8_length(std::string_view text, std::size_t offset) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[offset + i]); };
  const auto follows = [&](std::size_t i) { return offset + i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;   // overlong
    if (first == 0xED && byte(1) >= 0xA0) return 0;  // surrogate
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;   // overlong
    if (first == 0xF4 && byte(1) >= 0x90) return 0;  // beyond U+10FFFF
    return 4;
  }
  return 0;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

Node make_mapping(std::vector<Entry> entries, Mark mark, Diagnostics& diagnostics) {
  std::vector<std::uint32_t> order(entries.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&entries](std::uint32_t a, std::uint32_t b) {
    const int by_key = entries[a].key.compare(entries[b].key);
    return by_key != 0 ? by_key < 0 : a < b;
  });
  std::vector<bool> dropped(entries.size(), false);
  bool any = false;
  for (std::size_t i = 1, first = 0; i < order.size(); ++i) {
    if (entries[order[i]].key != entries[order[first]].key) {
      first = i;
      continue;
    }
    const Entry& again = entries[order[i]];
    diagnostics.error(again.key_mark, "duplicate key '" + again.key + "'",
                      "it was first given at " + to_string(entries[order[first]].key_mark));
    dropped[order[i]] = any = true;
  }
  if (any) {
    std::vector<Entry> kept;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (!dropped[i]) kept.push_back(std::move(entries[i]));
    }
    entries = std::move(kept);
  }
  return Node::mapping(std::move(entries), std::move(mark));
}

std::vector<Node> load_text(std::string_view text, std::string_view filename, Diagnostics& diagnostics,
                            const Limits& limits) {
  const auto file = std::make_shared<const std::string>(filename);
  if (text.size() > limits.bytes) {
    diagnostics.error(Mark{file, 0, 0},
                      "the file is larger than " + to_string(Bytes{static_cast<std::int64_t>(limits.bytes)}));
    return {};
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    diagnostics.error(Mark{file, 1, 1}, "the file is UTF-16", "save the file as UTF-8");
    return {};
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!check_bytes(text, file, diagnostics)) return {};
  if (is_json(filename)) return load_json(text, file, diagnostics, limits);
  if (!check_directives(text, file, diagnostics)) return {};
  return load_yaml(text, file, diagnostics, limits);
}

bool read_whole_file(const std::string& path, std::size_t max_bytes, std::string& out, Diagnostics& diagnostics) {
  const Mark mark = source_mark(path);
  int code = 0;
  if (!read_input(path, max_bytes, out, code)) {
    diagnostics.error(mark, "cannot read the file: " + input_error(code));
    return false;
  }
  if (out.size() > max_bytes) {
    diagnostics.error(mark, "the file is larger than " + to_string(Bytes{static_cast<std::int64_t>(max_bytes)}));
    return false;
  }
  return true;
}

std::vector<Node> load_file(const std::string& path, Diagnostics& diagnostics, const Limits& limits) {
  std::string text;
  if (!read_whole_file(path, limits.bytes, text, diagnostics)) return {};
  return load_text(text, path, diagnostics, limits);
}

Node load_single(const std::string& path, Diagnostics& diagnostics, const Limits& limits) {
  const std::size_t errors = diagnostics.error_count();
  std::vector<Node> documents = load_file(path, diagnostics, limits);
  if (documents.size() == 1) return documents[0];
  if (diagnostics.error_count() == errors) {
    if (documents.empty()) {
      diagnostics.error(source_mark(path), "the file is empty");
    } else {
      diagnostics.error(documents[1], "a second document; this file may hold only one");
    }
  }
  return Node::null(source_mark(path));
}

}  // namespace plimsoll::document
