#include <string>
#include <utility>

#include "sim/document/cursor_internal.h"

namespace plimsoll::document {

namespace {

/// Recursive descent over RFC 8259; depth is limited before each descent. After the first fault `failed` stays true.
class JsonReader {
 public:
  JsonReader(std::string_view text, const std::shared_ptr<const std::string>& file, Diagnostics& diagnostics,
             const Limits& limits)
      : text_(text), cursor_(text, file), diagnostics_(diagnostics), limits_(limits) {}

  std::vector<Node> run() {
    skip_blanks();
    if (at_end()) return {};
    Node root = value(0);
    if (failed_) return {};
    skip_blanks();
    if (!at_end()) {
      fail("text after the end of the JSON value");
      return {};
    }
    return {root};
  }

 private:
  bool at_end() const { return offset_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[offset_]; }
  Mark here() { return cursor_.mark_at(offset_); }

  Node fail(std::string message, std::string hint = {}) {
    if (!failed_) diagnostics_.error(here(), std::move(message), std::move(hint));
    failed_ = true;
    return {};
  }

  void skip_blanks() {
    while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++offset_;
  }

  /// What stands here, for messages: one character or the end.
  std::string found() const {
    if (at_end()) return "the end of the file";
    const std::size_t length = utf8_length(text_, offset_);
    return "'" + std::string(text_.substr(offset_, length == 0 ? 1 : length)) + "'";
  }

  Node unexpected(const std::string& wanted) {
    std::string hint;
    if (peek() == '/' || peek() == '#') hint = "JSON has no comments";
    if (peek() == '\'') hint = "JSON strings stand in double quotes";
    return fail("expected " + wanted + ", found " + found(), hint);
  }

  Node value(std::int32_t depth) {
    if (++nodes_ > limits_.nodes) return fail("more than " + std::to_string(limits_.nodes) + " values in one file");
    const Mark mark = here();
    switch (peek()) {
      case '{':
        return depth < limits_.depth ? object(mark, depth) : too_deep();
      case '[':
        return depth < limits_.depth ? array(mark, depth) : too_deep();
      case '"': {
        std::string text = string();
        return failed_ ? Node() : Node::string(std::move(text), mark);
      }
      default:
        return word(mark);
    }
  }

  Node too_deep() { return fail("nested deeper than " + std::to_string(limits_.depth) + " levels"); }

  Node object(const Mark& mark, std::int32_t depth) {
    ++offset_;
    std::vector<Entry> entries;
    skip_blanks();
    while (peek() != '}' || !entries.empty()) {
      if (peek() != '"') {
        if (peek() == '}') return fail("a comma before '}'", "JSON allows no trailing comma");
        return unexpected("a key in double quotes");
      }
      Mark key_mark = here();
      std::string key = string();
      if (failed_) return {};
      skip_blanks();
      if (peek() != ':') return unexpected("':' after the key");
      ++offset_;
      skip_blanks();
      Node held = value(depth + 1);
      if (failed_) return {};
      entries.push_back({std::move(key), std::move(key_mark), std::move(held)});
      skip_blanks();
      if (peek() == '}') break;
      if (peek() != ',') return unexpected("',' or '}'");
      ++offset_;
      skip_blanks();
    }
    ++offset_;
    return make_mapping(std::move(entries), mark, diagnostics_);
  }

  Node array(const Mark& mark, std::int32_t depth) {
    ++offset_;
    std::vector<Node> items;
    skip_blanks();
    while (peek() != ']' || !items.empty()) {
      if (peek() == ']') return fail("a comma before ']'", "JSON allows no trailing comma");
      items.push_back(value(depth + 1));
      if (failed_) return {};
      skip_blanks();
      if (peek() == ']') break;
      if (peek() != ',') return unexpected("',' or ']'");
      ++offset_;
      skip_blanks();
    }
    ++offset_;
    return Node::sequence(std::move(items), mark);
  }

  bool hex4(std::uint32_t& out) {
    out = 0;
    for (int i = 0; i < 4; ++i, ++offset_) {
      const char c = peek();
      const char lower = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9') {
        out = out * 16 + static_cast<std::uint32_t>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        out = out * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
      } else {
        fail("\\u must be followed by four hexadecimal digits");
        return false;
      }
    }
    return true;
  }

  void escape(std::string& out) {
    ++offset_;
    const char c = peek();
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    if (const std::size_t i = kNames.find(c); i != kNames.npos && !at_end()) {
      out += kValues[i];
      ++offset_;
      return;
    }
    if (c != 'u') {
      fail("unknown escape in a string: \\ before " + found());
      return;
    }
    ++offset_;
    std::uint32_t code = 0;
    if (!hex4(code)) return;
    if (code == 0) {
      fail("a string may not contain NUL");
    } else if (code >= 0xD800 && code < 0xDC00) {
      std::uint32_t low = 0;
      if (text_.substr(offset_, 2) != "\\u") {
        fail("half of a surrogate pair");
        return;
      }
      offset_ += 2;
      if (!hex4(low)) return;
      if (low < 0xDC00 || low > 0xDFFF) {
        fail("half of a surrogate pair");
        return;
      }
      append_utf8(out, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
    } else if (code >= 0xDC00 && code < 0xE000) {
      fail("half of a surrogate pair");
    } else {
      append_utf8(out, code);
    }
  }

  std::string string() {
    const Mark opened = here();
    ++offset_;
    std::string out;
    while (!failed_) {
      if (at_end()) {
        diagnostics_.error(opened, "this string does not end");
        failed_ = true;
      } else if (peek() == '"') {
        ++offset_;
        break;
      } else if (peek() == '\\') {
        escape(out);
      } else if (static_cast<unsigned char>(peek()) < 0x20) {
        fail("a string may not hold a line break or a tab; write \\n or \\t", "is the closing quote missing?");
      } else {
        out += text_[offset_++];
      }
    }
    return out;
  }

  /// true, false, null or a number.
  Node word(const Mark& mark) {
    std::size_t end = offset_;
    const auto in_word = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' ||
             c == '.' || c == '_';
    };
    while (end < text_.size() && in_word(text_[end])) ++end;
    const std::string_view word = text_.substr(offset_, end - offset_);
    if (word.empty()) return unexpected("a value");
    if (word == "true" || word == "false" || word == "null" || is_number(word)) {
      offset_ = end;
      return Node::plain(std::string(word), mark);
    }
    if (word == "NaN" || word == "Infinity" || word == "-Infinity") return fail("JSON has no " + std::string(word));
    return fail("not a JSON value: '" + std::string(word) + "'",
                "texts stand in double quotes; numbers have no leading zero, plus sign or bare point");
  }

  /// -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?
  static bool is_number(std::string_view w) {
    std::size_t i = 0;
    const auto digits = [&] {
      const std::size_t from = i;
      while (i < w.size() && w[i] >= '0' && w[i] <= '9') ++i;
      return i - from;
    };
    if (i < w.size() && w[i] == '-') ++i;
    const std::size_t first = i;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && w[first] == '0')) return false;
    if (i < w.size() && w[i] == '.') {
      ++i;
      if (digits() == 0) return false;
    }
    if (i < w.size() && (w[i] == 'e' || w[i] == 'E')) {
      ++i;
      if (i < w.size() && (w[i] == '-' || w[i] == '+')) ++i;
      if (digits() == 0) return false;
    }
    return i == w.size();
  }

  std::string_view text_;
  Cursor cursor_;
  Diagnostics& diagnostics_;
  const Limits& limits_;
  std::size_t offset_ = 0;
  std::uint32_t nodes_ = 0;
  bool failed_ = false;
};

}  // namespace

std::vector<Node> load_json(std::string_view text, const std::shared_ptr<const std::string>& file,
                            Diagnostics& diagnostics, const Limits& limits) {
  return JsonReader(text, file, diagnostics, limits).run();
}

}  // namespace plimsoll::document
