#include "sim/document/overrides.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "sim/core/distributions.h"
#include "sim/core/text.h"
#include "sim/core/units.h"
#include "sim/document/files.h"
#include "sim/document/loader.h"

namespace plimsoll::document {

namespace {

constexpr std::size_t kMaxSteps = 32;

struct Step {
  std::string text;
  bool is_index = false;  ///< [3]
  bool is_quoted = false;
  std::size_t index = 0;

  bool is_wildcard() const { return !is_index && !is_quoted && text.find('*') != std::string::npos; }
};

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == text.npos;
}

std::size_t index_of(std::string_view digits) {
  std::size_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// The steps of a path, or the reason why it is none.
std::string parse_path(std::string_view path, std::vector<Step>& steps) {
  std::size_t i = 0;
  while (i < path.size()) {
    if (steps.size() >= kMaxSteps) return "the path has more than " + std::to_string(kMaxSteps) + " steps";
    Step step;
    if (path[i] == '[') {
      const std::size_t close = path.find(']', i);
      const std::string_view inner = path.substr(i + 1, close == path.npos ? path.npos : close - i - 1);
      if (close == path.npos || !(is_digits(inner) || inner == "*")) return "'[' must be followed by a number and ']'";
      if (steps.empty()) return "the path begins with '['";
      step.is_index = inner != "*";
      step.text = inner;
      step.index = is_digits(inner) ? index_of(inner) : 0;
      i = close + 1;
    } else if (path[i] == '"' || path[i] == '\'') {
      const char quote = path[i++];
      step.is_quoted = true;
      while (i < path.size() && path[i] != quote) {
        if (path[i] == '\\' && i + 1 < path.size()) ++i;
        step.text += path[i++];
      }
      if (i >= path.size()) return "a quoted key does not end";
      ++i;
    } else {
      while (i < path.size() && path[i] != '.' && path[i] != '[') step.text += path[i++];
      if (step.text.empty()) return "a step of the path is empty";
    }
    steps.push_back(std::move(step));
    if (i < path.size() && path[i] == '.') {
      ++i;
      if (i == path.size()) return "the path ends in '.'";
    } else if (i < path.size() && path[i] != '[') {
      return "expected '.' or '[' in the path";
    }
  }
  return steps.empty() ? "the path is empty" : "";
}

Node remarked(const Node& node, const Mark& mark) {
  if (node.is_mapping()) {
    std::vector<Entry> entries;
    for (const Entry& entry : node.entries()) entries.push_back({entry.key, mark, remarked(entry.value, mark)});
    return Node::mapping(std::move(entries), mark);
  }
  if (node.is_sequence()) {
    std::vector<Node> items;
    for (const Node& item : node.items()) items.push_back(remarked(item, mark));
    return Node::sequence(std::move(items), mark);
  }
  return node.with_mark(mark);
}

/// One assignment on its way down a tree.
class Setter {
 public:
  Setter(std::vector<Step> steps, Node value, Mark mark, Diagnostics& diagnostics)
      : steps_(std::move(steps)), value_(std::move(value)), mark_(std::move(mark)), diagnostics_(diagnostics) {
    if (value_.is_string() && value_.style() == Style::plain) {
      if (const auto factor = multiplier(value_.text())) factor_ = std::string(*factor);
    }
  }

  Node run(const Node& root) {
    Node changed = apply(&root, 0, "");
    if (!failed_ && changes_ == 0) {
      if (unmatched_.empty()) {
        fail("there is nothing to multiply here", "the file does not set it; give the value itself", full_path());
      } else {
        fail("nothing matches '*'", {}, unmatched_);
      }
    }
    return failed_ ? root : changed;
  }

 private:
  void fail(std::string message, std::string hint, std::string path) {
    if (!failed_) diagnostics_.error(mark_, std::move(message), std::move(hint), std::move(path));
    failed_ = true;
  }

  std::string full_path() const {
    std::string path;
    for (const Step& step : steps_) {
      path = step.is_index        ? join_path(path, step.index)
             : step.is_wildcard() ? path + (path.empty() ? "" : ".") + step.text
                                  : join_path(path, step.text);
    }
    return path;
  }

  /// The new value of a place. `old` is nullptr where there is nothing yet.
  Node apply(const Node* old, std::size_t depth, const std::string& path) {
    if (failed_) return {};
    if (depth == steps_.size()) return leaf(old, path);
    const Step& step = steps_[depth];
    if (old == nullptr || old->is_null()) {
      if (step.is_wildcard()) {
        if (unmatched_.empty()) unmatched_ = path.empty() ? step.text : path + "." + step.text;
        return old != nullptr ? *old : Node();
      }
      if (step.is_index) {
        fail("there is no list here", {}, path);
        return {};
      }
      if (factor_) return old != nullptr ? *old : Node();
      Node below = apply(nullptr, depth + 1, join_path(path, step.text));
      return Node::mapping({{step.text, mark_, std::move(below)}}, mark_);
    }
    if (old->is_sequence()) return into_sequence(*old, step, depth, path);
    if (old->is_mapping()) return into_mapping(*old, step, depth, path);
    fail("this is " + std::string(kind_name(old->kind())) + " ('" + old->text() + "'), it has no '" + step.text + "'",
         {}, path);
    return {};
  }

  Node into_sequence(const Node& old, const Step& step, std::size_t depth, const std::string& path) {
    std::vector<Node> items = old.items();
    if (step.is_wildcard()) {
      if (items.empty() && unmatched_.empty()) unmatched_ = path + ".*";
      for (std::size_t i = 0; i < items.size(); ++i) {
        const Node item = items[i];
        items[i] = apply(&item, depth + 1, join_path(path, i));
      }
      return Node::sequence(std::move(items), old.mark());
    }
    if (!step.is_index && !is_digits(step.text)) {
      fail("this is a list; its items are " + path + "[0] and so on", {}, path);
      return {};
    }
    const std::size_t index = step.is_index ? step.index : index_of(step.text);
    if (index >= items.size()) {
      fail("the list has only " + std::to_string(items.size()) + " item" + (items.size() == 1 ? "" : "s"), {},
           join_path(path, index));
      return {};
    }
    const Node item = items[index];
    items[index] = apply(&item, depth + 1, join_path(path, index));
    return Node::sequence(std::move(items), old.mark());
  }

  Node into_mapping(const Node& old, const Step& step, std::size_t depth, const std::string& path) {
    if (step.is_index) {
      fail("this is a mapping, not a list", {}, path);
      return {};
    }
    std::vector<Entry> entries = old.entries();
    if (step.is_wildcard()) {
      bool any = false;
      for (Entry& entry : entries) {
        if (!glob_match(step.text, entry.key) || entry.key.starts_with("x-")) continue;
        any = true;
        const Node below = entry.value;
        entry.value = apply(&below, depth + 1, join_path(path, entry.key));
      }
      if (!any && unmatched_.empty()) unmatched_ = path.empty() ? step.text : path + "." + step.text;
      return Node::mapping(std::move(entries), old.mark());
    }
    // A key with dots in it, such as a promise, may be written without quotes where it stands already.
    std::string dotted = step.text;
    for (std::size_t last = depth + 1; last < steps_.size() && old.find(step.text) == nullptr; ++last) {
      if (steps_[last].is_index || steps_[last].is_wildcard()) break;
      dotted += "." + steps_[last].text;
      for (Entry& entry : entries) {
        if (entry.key != dotted) continue;
        const Node below = entry.value;
        entry.value = apply(&below, last + 1, join_path(path, dotted));
        return Node::mapping(std::move(entries), old.mark());
      }
    }
    const std::string below_path = join_path(path, step.text);
    for (Entry& entry : entries) {
      if (entry.key != step.text) continue;
      const Node below = entry.value;
      entry.value = apply(&below, depth + 1, below_path);
      return Node::mapping(std::move(entries), old.mark());
    }
    if (factor_) return old;
    entries.push_back({step.text, mark_, apply(nullptr, depth + 1, below_path)});
    return Node::mapping(std::move(entries), old.mark());
  }

  Node leaf(const Node* old, const std::string& path) {
    if (!factor_) {
      ++changes_;
      return value_;
    }
    if (old == nullptr || old->is_null()) return old != nullptr ? *old : Node();
    if (old->is_scalar()) {
      if (const std::optional<std::string> scaled = scale_quantity(old->text(), *factor_)) {
        ++changes_;
        return old->style() == Style::quoted ? Node::string(*scaled, mark_) : Node::plain(*scaled, mark_);
      }
    }
    const std::string what = old->is_scalar() ? "'" + old->text() + "'" : std::string(kind_name(old->kind()));
    fail("cannot multiply " + what + " by " + *factor_, {}, path);
    return {};
  }

  std::vector<Step> steps_;
  Node value_;
  Mark mark_;
  Diagnostics& diagnostics_;
  std::optional<std::string> factor_;
  std::size_t changes_ = 0;
  std::string unmatched_;
  bool failed_ = false;
};

/// Where the path of "path=value" ends: the first '=' outside quotes.
std::size_t find_equals(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != 0) {
      if (text[i] == quote) quote = 0;
    } else if (text[i] == '"' || text[i] == '\'') {
      quote = text[i];
    } else if (text[i] == '=') {
      return i;
    }
  }
  return text.npos;
}

/// mantissa / 10^places; at most 18 digits, so that a product of two fits 128 bits.
struct Decimal {
  __int128 mantissa = 0;
  int places = 0;
};

/// Reads digits[.digits] at the start; the number of characters used, 0 for none.
std::size_t read_decimal(std::string_view text, Decimal& out) {
  std::size_t i = 0;
  int digits = 0;
  bool point = false;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !point) {
      point = true;
    } else if (text[i] >= '0' && text[i] <= '9') {
      if (++digits > 18) return 0;
      out.mantissa = out.mantissa * 10 + (text[i] - '0');
      if (point) ++out.places;
    } else {
      break;
    }
  }
  return digits > 0 ? i : 0;
}

std::string print_decimal(Decimal d) {
  while (d.places > 0 && d.mantissa % 10 == 0) {
    d.mantissa /= 10;
    --d.places;
  }
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(d.mantissa % 10)));
    d.mantissa /= 10;
  } while (d.mantissa > 0);
  if (d.places == 0) return digits;
  const auto places = static_cast<std::size_t>(d.places);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  digits.insert(digits.size() - places, ".");
  return digits;
}

__int128 power_of_ten(int n) {
  __int128 p = 1;
  while (n-- > 0) p *= 10;
  return p;
}

/// round(raw x factor) as a T, when it fits 63 bits.
template <class T>
std::optional<std::string> scaled_raw(std::int64_t raw, const Decimal& factor) {
  __int128 product = 0;
  if (__builtin_mul_overflow(static_cast<__int128>(raw), factor.mantissa, &product)) return std::nullopt;
  const __int128 value = div_round(product, power_of_ten(factor.places));
  if (value > INT64_MAX) return std::nullopt;
  return plimsoll::to_string(T{static_cast<std::int64_t>(value)});
}

/// One quantity: number and unit. Nothing when it is no quantity.
std::optional<std::string> scale_one(std::string_view text, const Decimal& factor) {
  const std::string_view sign =
      text.starts_with('$') || text.starts_with('-') || text.starts_with('+') ? text.substr(0, 1) : std::string_view();
  Decimal number;
  const std::size_t length = read_decimal(text.substr(sign.size()), number);
  if (length == 0) return std::nullopt;
  const std::string_view unit = text.substr(sign.size() + length);
  // 1e3: the exponent would be taken for a unit.
  if (unit.size() > 1 && (unit[0] == 'e' || unit[0] == 'E') && Node::plain(std::string(text)).kind() != Kind::string) {
    return std::nullopt;
  }
  const bool compound = unit.find_first_of("0123456789") != unit.npos;
  std::string exact;
  if (!compound) {
    exact = std::string(sign) + print_decimal({number.mantissa * factor.mantissa, number.places + factor.places}) +
            std::string(unit);
  }
  const auto cpu = parse_cpu(text);
  const auto bytes = parse_bytes(text);
  const auto duration = parse_duration(text);
  const bool is_quantity = cpu || bytes || duration;
  const bool stays =
      !compound && ((cpu && parse_cpu(exact)) || (bytes && parse_bytes(exact)) || (duration && parse_duration(exact)));
  if (unit.empty() || stays || (!compound && !is_quantity)) return exact;
  if (duration) return scaled_raw<Duration>(duration.value->count(), factor);
  if (bytes) return scaled_raw<Bytes>(bytes.value->raw(), factor);
  if (cpu) return scaled_raw<Cpu>(cpu.value->raw(), factor);
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> multiplier(std::string_view text) {
  if (text.size() < 2 || text[0] != 'x') return std::nullopt;
  const std::string_view factor = text.substr(1);
  Decimal ignored;
  if (read_decimal(factor, ignored) != factor.size()) return std::nullopt;
  return factor;
}

std::optional<std::string> scale_quantity(std::string_view text, std::string_view factor_text) {
  Decimal factor;
  if (factor_text.empty() || read_decimal(factor_text, factor) != factor_text.size()) return std::nullopt;
  if (text.find('(') != text.npos) {
    const Parsed<Delay> delay = parse_delay(text);
    double by = 0;
    std::from_chars(factor_text.data(), factor_text.data() + factor_text.size(), by);
    if (!delay) return std::nullopt;
    return plimsoll::to_string(delay.value->scaled(by));
  }
  // "500m/2Gi" is two quantities, "$0.10/h" one and its unit.
  std::string out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t slash = std::min(text.find('/', begin), text.size());
    const std::string_view part = text.substr(begin, slash - begin);
    const bool is_number = part.find_first_of("0123456789") != part.npos;
    const std::optional<std::string> scaled = scale_one(part, factor);
    if (!scaled && (begin == 0 || is_number)) return std::nullopt;
    out += scaled ? *scaled : std::string(part);
    if (slash < text.size()) out += '/';
    begin = slash + 1;
  }
  return out;
}

Node set_path(const Node& root, std::string_view assignment, Diagnostics& diagnostics, std::string_view origin) {
  const std::string name = origin.empty() ? "--set " + std::string(assignment) : std::string(origin);
  const Mark mark = source_mark(name);
  const std::size_t equals = find_equals(assignment);
  if (equals == assignment.npos) {
    diagnostics.error(mark, "expected path=value", "such as load.scale=2");
    return root;
  }
  const std::string_view text = trim(assignment.substr(equals + 1));
  Node value = Node::plain(std::string(text), mark);
  // Only these begin something else than a plain text; *.json is meant as it stands.
  if (!text.empty() && std::string_view("[{\"'").find(text[0]) != text.npos) {
    const std::size_t errors = diagnostics.error_count();
    const std::vector<Node> parsed = load_text(text, name, diagnostics);
    if (diagnostics.error_count() != errors) return root;
    if (parsed.size() != 1) {
      diagnostics.error(mark, "expected one value after '='");
      return root;
    }
    value = remarked(parsed[0], mark);
  }
  return set_path(root, trim(assignment.substr(0, equals)), value, diagnostics);
}

Node set_path(const Node& root, std::string_view path, const Node& value, Diagnostics& diagnostics) {
  std::vector<Step> steps;
  const std::string fault = parse_path(path, steps);
  if (!fault.empty()) {
    diagnostics.error(value.mark(), fault, "such as apps.ui.work or platforms.*.capacity", std::string(path));
    return root;
  }
  return Setter(std::move(steps), value, value.mark(), diagnostics).run(root);
}

std::vector<std::pair<std::string, Node>> find_path(const Node& root, std::string_view path) {
  std::vector<Step> steps;
  if (!parse_path(path, steps).empty()) return {};
  std::vector<std::pair<std::string, Node>> places = {{"", root}};
  for (const Step& step : steps) {
    std::vector<std::pair<std::string, Node>> next;
    for (const auto& [at, node] : places) {
      if (node.is_sequence()) {
        const bool numbered = step.is_index || is_digits(step.text);
        const std::size_t wanted = step.is_index ? step.index : numbered ? index_of(step.text) : 0;
        for (std::size_t i = 0; i < node.size(); ++i) {
          if (step.is_wildcard() || (numbered && i == wanted)) next.emplace_back(join_path(at, i), node.at(i));
        }
        continue;
      }
      if (step.is_index) continue;
      for (const Entry& entry : node.entries()) {
        const bool matches = step.is_wildcard() ? glob_match(step.text, entry.key) : entry.key == step.text;
        if (matches) next.emplace_back(join_path(at, entry.key), entry.value);
      }
    }
    places = std::move(next);
  }
  return places;
}

Node merge(const Node& base, const Node& overlay, std::span<const std::string_view> whole) {
  if (!base.is_mapping() || !overlay.is_mapping()) return overlay;
  std::vector<Entry> entries;
  for (const Entry& entry : base.entries()) {
    const Entry* over = overlay.find_entry(entry.key);
    if (over == nullptr) {
      entries.push_back(entry);
      continue;
    }
    const bool replace = std::find(whole.begin(), whole.end(), entry.key) != whole.end();
    entries.push_back({over->key, over->key_mark, replace ? over->value : merge(entry.value, over->value, whole)});
  }
  for (const Entry& entry : overlay.entries()) {
    if (base.find(entry.key) == nullptr) entries.push_back(entry);
  }
  return Node::mapping(std::move(entries), overlay.mark());
}

}  // namespace plimsoll::document
