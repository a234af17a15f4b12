#include "sim/document/node.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "sim/core/assert.h"

namespace plimsoll::document {

namespace {

/// Below this many entries a scan is faster than the index.
constexpr std::size_t kIndexFrom = 12;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_digit_of(char c, int base) {
  if (base == 8) return c >= '0' && c <= '7';
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_one_of(std::string_view text, std::string_view a, std::string_view b, std::string_view c) {
  return text == a || text == b || text == c;
}

enum class NumberForm { none, decimal_integer, based_integer, real, special };

/// [-+]?[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+ | [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? | [-+]?\.inf | \.nan
NumberForm number_form(std::string_view text) {
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'o' || text[1] == 'x')) {
    const int base = text[1] == 'o' ? 8 : 16;
    const bool all = std::all_of(text.begin() + 2, text.end(), [base](char c) { return is_digit_of(c, base); });
    return all ? NumberForm::based_integer : NumberForm::none;
  }
  std::string_view rest = text;
  if (is_one_of(rest, ".nan", ".NaN", ".NAN")) return NumberForm::special;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  if (is_one_of(rest, ".inf", ".Inf", ".INF")) return NumberForm::special;
  const auto digits = [&rest] {
    std::size_t n = 0;
    while (n < rest.size() && is_digit(rest[n])) ++n;
    rest.remove_prefix(n);
    return n;
  };
  const std::size_t whole = digits();
  if (rest.empty()) return whole > 0 ? NumberForm::decimal_integer : NumberForm::none;
  std::size_t fraction = 0;
  if (rest[0] == '.') {
    rest.remove_prefix(1);
    fraction = digits();
  }
  if (whole + fraction == 0) return NumberForm::none;
  if (!rest.empty() && (rest[0] == 'e' || rest[0] == 'E')) {
    rest.remove_prefix(1);
    if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
    if (digits() == 0) return NumberForm::none;
  }
  return rest.empty() ? NumberForm::real : NumberForm::none;
}

double parse_real(std::string_view text) {
  bool negative = false;
  if (text[0] == '-' || text[0] == '+') {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc::result_out_of_range) {
    // Too large or too small to be told apart by from_chars: the sign of the exponent and the digits say which.
    const bool tiny = text.find("e-") != text.npos || text.find("E-") != text.npos || text[0] == '.' || text[0] == '0';
    value = tiny ? 0.0 : std::numeric_limits<double>::infinity();
  }
  return negative ? -value : value;
}

std::string number_text(double value) {
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value < 0 ? "-.inf" : ".inf";
  char buffer[40];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, result.ptr);
  if (text.find_first_of(".eE") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

struct Node::Data {
  Kind kind = Kind::null;
  Style style = Style::plain;
  Mark mark;
  std::string text;
  union {
    std::int64_t integer = 0;
    double number;
    bool boolean;
  };
  std::vector<Node> items;
  std::vector<Entry> entries;
  std::vector<std::uint32_t> by_key;  ///< indices of entries sorted by key, when there are many
  std::uint32_t count = 1;
  std::int32_t height = 0;

  void embrace(const Node& child) {
    const std::uint64_t sum = std::uint64_t{count} + child.count();
    count = static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, std::numeric_limits<std::uint32_t>::max()));
    height = std::max(height, child.height() + 1);
  }
};

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "an integer";
    case Kind::number:
      return "a number";
    case Kind::string:
      return "a text";
    case Kind::sequence:
      return "a list";
    case Kind::mapping:
      return "a mapping";
  }
  return "";
}

const std::string& Mark::path() const {
  static const std::string none;
  return file ? *file : none;
}

Mark source_mark(std::string source) { return {std::make_shared<const std::string>(std::move(source)), 0, 0}; }

std::string to_string(const Mark& mark) {
  if (mark.line == 0) return mark.path();
  return mark.path() + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column);
}

Node::Node() {
  static const std::shared_ptr<const Data> nothing = [] {
    auto data = std::make_shared<Data>();
    data->text = "null";
    return data;
  }();
  data_ = nothing;
}

Node Node::null(Mark mark) {
  auto data = std::make_shared<Data>();
  data->mark = std::move(mark);
  data->text = "null";
  return Node(std::move(data));
}

Node Node::boolean(bool value, Mark mark) {
  auto data = std::make_shared<Data>();
  data->kind = Kind::boolean;
  data->mark = std::move(mark);
  data->text = value ? "true" : "false";
  data->boolean = value;
  return Node(std::move(data));
}

Node Node::integer(std::int64_t value, Mark mark) {
  auto data = std::make_shared<Data>();
  data->kind = Kind::integer;
  data->mark = std::move(mark);
  data->text = std::to_string(value);
  data->integer = value;
  return Node(std::move(data));
}

Node Node::number(double value, Mark mark) {
  auto data = std::make_shared<Data>();
  data->kind = Kind::number;
  data->mark = std::move(mark);
  data->text = number_text(value);
  data->number = value;
  return Node(std::move(data));
}

Node Node::string(std::string text, Mark mark, Style style) {
  auto data = std::make_shared<Data>();
  data->kind = Kind::string;
  data->style = style;
  data->mark = std::move(mark);
  data->text = std::move(text);
  return Node(std::move(data));
}

Node Node::sequence(std::vector<Node> items, Mark mark) {
  auto data = std::make_shared<Data>();
  data->kind = Kind::sequence;
  data->mark = std::move(mark);
  data->height = 1;
  for (const Node& item : items) data->embrace(item);
  data->items = std::move(items);
  return Node(std::move(data));
}

Node Node::mapping(std::vector<Entry> entries, Mark mark) {
  auto data = std::make_shared<Data>();
  data->kind = Kind::mapping;
  data->mark = std::move(mark);
  data->height = 1;
  for (const Entry& entry : entries) data->embrace(entry.value);
  data->entries = std::move(entries);
  if (data->entries.size() >= kIndexFrom) {
    const std::vector<Entry>& all = data->entries;
    data->by_key.resize(all.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) data->by_key[i] = i;
    std::sort(data->by_key.begin(), data->by_key.end(), [&all](std::uint32_t a, std::uint32_t b) {
      const int order = all[a].key.compare(all[b].key);
      return order != 0 ? order < 0 : a < b;
    });
  }
  return Node(std::move(data));
}

Node Node::plain(std::string text, Mark mark) {
  auto data = std::make_shared<Data>();
  data->mark = std::move(mark);
  if (text.empty() || text == "~" || is_one_of(text, "null", "Null", "NULL")) {
    data->kind = Kind::null;
  } else if (is_one_of(text, "true", "True", "TRUE") || is_one_of(text, "false", "False", "FALSE")) {
    data->kind = Kind::boolean;
    data->boolean = text[0] == 't' || text[0] == 'T';
  } else {
    const NumberForm form = number_form(text);
    if (form == NumberForm::none) {
      data->kind = Kind::string;
    } else if (form == NumberForm::special) {
      data->kind = Kind::number;
      data->number = text.find_first_of("nN") == 1 ? std::numeric_limits<double>::quiet_NaN()
                     : text[0] == '-'              ? -std::numeric_limits<double>::infinity()
                                                   : std::numeric_limits<double>::infinity();
    } else if (form == NumberForm::real) {
      data->kind = Kind::number;
      data->number = parse_real(text);
    } else {
      const bool based = form == NumberForm::based_integer;
      const int base = !based ? 10 : text[1] == 'o' ? 8 : 16;
      const char* begin = text.data() + (based ? 2 : text[0] == '+' ? 1 : 0);
      std::int64_t value = 0;
      if (std::from_chars(begin, text.data() + text.size(), value, base).ec == std::errc{}) {
        data->kind = Kind::integer;
        data->integer = value;
      } else {
        data->kind = Kind::number;
        double sum = 0;
        if (based) {
          for (const char c : std::string_view(text).substr(2)) {
            sum = sum * base + (is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
          }
        }
        data->number = based ? sum : parse_real(text);
      }
    }
  }
  data->text = std::move(text);
  return Node(std::move(data));
}

Kind Node::kind() const { return data_->kind; }
const Mark& Node::mark() const { return data_->mark; }
Style Node::style() const { return data_->style; }
const std::string& Node::text() const { return data_->text; }

bool Node::as_boolean() const {
  PLIMSOLL_ASSERT(data_->kind == Kind::boolean);
  return data_->boolean;
}

std::int64_t Node::as_integer() const {
  PLIMSOLL_ASSERT(data_->kind == Kind::integer);
  return data_->integer;
}

double Node::as_number() const {
  PLIMSOLL_ASSERT(data_->kind == Kind::integer || data_->kind == Kind::number);
  return data_->kind == Kind::integer ? static_cast<double>(data_->integer) : data_->number;
}

const std::vector<Node>& Node::items() const { return data_->items; }
const std::vector<Entry>& Node::entries() const { return data_->entries; }
std::size_t Node::size() const { return data_->items.size() + data_->entries.size(); }
std::uint32_t Node::count() const { return data_->count; }
std::int32_t Node::height() const { return data_->height; }

const Entry* Node::find_entry(std::string_view key) const {
  const std::vector<Entry>& all = data_->entries;
  if (data_->by_key.empty()) {
    for (const Entry& entry : all) {
      if (entry.key == key) return &entry;
    }
    return nullptr;
  }
  const auto at = std::lower_bound(data_->by_key.begin(), data_->by_key.end(), key,
                                   [&all](std::uint32_t i, std::string_view k) { return all[i].key < k; });
  return at != data_->by_key.end() && all[*at].key == key ? &all[*at] : nullptr;
}

const Node* Node::find(std::string_view key) const {
  const Entry* entry = find_entry(key);
  return entry != nullptr ? &entry->value : nullptr;
}

const Node& Node::at(std::size_t index) const {
  PLIMSOLL_ASSERT(index < data_->items.size());
  return data_->items[index];
}

Node Node::with_mark(Mark mark) const {
  auto data = std::make_shared<Data>(*data_);
  data->mark = std::move(mark);
  return Node(std::move(data));
}

bool same_value(const Node& a, const Node& b) {
  if (a.data_ == b.data_) return true;
  if (a.kind() != b.kind() || a.size() != b.size()) return false;
  if (a.is_null()) return true;
  if (a.is_scalar()) return a.text() == b.text();
  for (std::size_t i = 0; i < a.items().size(); ++i) {
    if (!same_value(a.items()[i], b.items()[i])) return false;
  }
  for (std::size_t i = 0; i < a.entries().size(); ++i) {
    if (a.entries()[i].key != b.entries()[i].key) return false;
    if (!same_value(a.entries()[i].value, b.entries()[i].value)) return false;
  }
  return true;
}

std::string join_path(std::string_view path, std::string_view key) {
  const bool simple = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '/';
  });
  std::string joined(path);
  if (!joined.empty()) joined += '.';
  if (simple) return joined += key;
  joined += '"';
  for (const char c : key) {
    if (c == '"' || c == '\\') joined += '\\';
    joined += c;
  }
  return joined += '"';
}

std::string join_path(std::string_view path, std::size_t index) {
  return std::string(path) + "[" + std::to_string(index) + "]";
}

}  // namespace plimsoll::document
