#include "sim/document/emit.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sim/core/text.h"
#include "sim/document/cursor_internal.h"

namespace plimsoll::document {

namespace {

constexpr char kHex[] = "0123456789abcdef";
/// libyaml reads an implicit key only up to 1,024 characters.
constexpr std::size_t kLongestSimpleKey = 900;

std::string escape_u(std::uint32_t code) {
  std::string out = "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(code >> shift) & 15];
  return out;
}

/// Double-quoted with the escapes that JSON and YAML share; bytes that are not UTF-8 become U+FFFD.
std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const std::size_t length = utf8_length(text, i);
    if (length == 0) {
      out += "\\ufffd";
      ++i;
      continue;
    }
    if (length == 1) {
      if (c == '"' || c == '\\') {
        out += {'\\', c};
      } else if (c == '\n') {
        out += "\\n";
      } else if (c == '\t') {
        out += "\\t";
      } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        out += escape_u(static_cast<unsigned char>(c));
      } else {
        out += c;
      }
    } else {
      const auto byte = [&](std::size_t k) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + k]));
      };
      std::uint32_t code = 0;
      if (length == 2) code = ((byte(0) & 0x1F) << 6) | (byte(1) & 0x3F);
      if (length == 3) code = ((byte(0) & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F);
      // C1 controls, line separators, byte order mark and non-characters are not printable in YAML.
      const bool hidden = (length == 2 && code < 0xA0) || code == 0x2028 || code == 0x2029 || code == 0xFEFF ||
                          code == 0xFFFE || code == 0xFFFF;
      if (hidden) {
        out += escape_u(code);
      } else {
        out += text.substr(i, length);
      }
    }
    i += length;
  }
  return out += '"';
}

/// Words and forms that YAML 1.1 readers take for something else than a text.
bool is_trap(std::string_view text) {
  constexpr std::string_view kWords[] = {"yes", "no", "on", "off", "y", "n", "true", "false", "null"};
  const std::string lower = to_lower(text);
  if (std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords)) return true;
  if (text == "<<" || text == "=" || text == "---" || text == "...") return true;
  // 0644, 1_000, 12:30, 2024-01-01, 0b1, 1e3, .5
  if (std::string_view("0123456789+-.").find(text[0]) == text.npos) return false;
  return text.find_first_not_of("0123456789+-._:xXobeETZabcdfABCDF ") == text.npos;
}

bool is_plain_safe(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (std::string_view("-?:,[]{}#&*!|>'\"%@`").find(text.front()) != text.npos) return false;
  if (text.find(": ") != text.npos || text.find(" #") != text.npos) return false;
  if (text.starts_with("...") || text.starts_with("---")) return false;
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!printable) return false;
  return !is_trap(text) && Node::plain(std::string(text)).is_string();
}

class YamlWriter {
 public:
  explicit YamlWriter(const CommentOf& comment) : comment_(comment) {}

  std::string run(const Node& node) {
    if (node.size() > 0) {
      block(node, 0, "", false);
    } else {
      out_ += yaml_scalar(node);
      end_line("");
    }
    return std::move(out_);
  }

 private:
  void indent(int level) { out_.append(static_cast<std::size_t>(level) * 2, ' '); }

  void end_line(const std::string& path) {
    const std::string note = comment_ ? comment_(path) : std::string();
    if (!note.empty()) out_ += "  # " + note;
    out_ += '\n';
  }

  /// The entries or items of a collection that has some. `inline_first`: the first stands after "- " on this line.
  void block(const Node& node, int level, const std::string& path, bool inline_first) {
    for (const Entry& entry : node.entries()) {
      if (!inline_first) indent(level);
      inline_first = false;
      const std::string key = yaml_scalar(Node::string(entry.key));
      if (key.size() > kLongestSimpleKey) {
        out_ += "? " + key + "\n";
        indent(level);
        out_ += ':';
      } else {
        out_ += key + ":";
      }
      value(entry.value, level, comment_ ? join_path(path, entry.key) : path);
    }
    for (std::size_t i = 0; i < node.items().size(); ++i) {
      if (!inline_first) indent(level);
      inline_first = false;
      out_ += '-';
      const Node& item = node.items()[i];
      const std::string item_path = comment_ ? join_path(path, i) : path;
      if (item.size() > 0) {
        out_ += ' ';
        block(item, level + 1, item_path, true);
      } else {
        value(item, level, item_path);
      }
    }
  }

  void value(const Node& node, int level, const std::string& path) {
    if (node.size() > 0) {
      end_line(path);
      block(node, level + 1, path, false);
    } else {
      out_ += " " + yaml_scalar(node);
      end_line(path);
    }
  }

  const CommentOf& comment_;
  std::string out_;
};

std::string json_scalar(const Node& node) {
  switch (node.kind()) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return node.as_boolean() ? "true" : "false";
    case Kind::integer:
      return std::to_string(node.as_integer());
    case Kind::number: {
      if (!std::isfinite(node.as_number())) return "null";
      char buffer[40];
      const auto result = std::to_chars(buffer, buffer + sizeof buffer, node.as_number());
      return std::string(buffer, result.ptr);
    }
    default:
      return double_quoted(node.text());
  }
}

void json_value(const Node& node, std::size_t level, std::string& out) {
  if (node.size() == 0) {
    out += node.is_mapping() ? "{}" : node.is_sequence() ? "[]" : json_scalar(node);
    return;
  }
  const std::string indent((level + 1) * 2, ' ');
  bool first = true;
  const auto begin = [&] {
    out += first ? "\n" : ",\n";
    first = false;
    out += indent;
  };
  out += node.is_mapping() ? '{' : '[';
  for (const Entry& entry : node.entries()) {
    begin();
    out += double_quoted(entry.key) + ": ";
    json_value(entry.value, level + 1, out);
  }
  for (const Node& item : node.items()) {
    begin();
    json_value(item, level + 1, out);
  }
  out += '\n';
  out.append(level * 2, ' ');
  out += node.is_mapping() ? '}' : ']';
}

}  // namespace

std::string yaml_scalar(const Node& node) {
  if (node.is_mapping()) return "{}";
  if (node.is_sequence()) return "[]";
  if (node.is_null()) return "null";
  if (!node.is_string()) return node.text();
  return is_plain_safe(node.text()) ? node.text() : double_quoted(node.text());
}

std::string to_yaml(const Node& node, const CommentOf& comment) { return YamlWriter(comment).run(node); }

std::string to_json(const Node& node) {
  std::string out;
  json_value(node, 0, out);
  return out + "\n";
}

}  // namespace plimsoll::document
