#include "sim/document/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sim/core/assert.h"
#include "sim/core/text.h"
#include "sim/document/fields_internal.h"

namespace plimsoll::document {

namespace {

/// What is wrong with one value.
struct Fault {
  std::string message;
  std::string hint;
};

/// A number without a unit, quoted or not.
bool is_bare_number(const Node& node) {
  const Kind kind = node.is_string() ? Node::plain(node.text()).kind() : node.kind();
  return kind == Kind::integer || kind == Kind::number;
}

bool is_zero(const Node& node) {
  const Node number = node.is_string() ? Node::plain(node.text()) : node;
  return is_bare_number(number) && number.as_number() == 0;
}

std::string as_sentence_part(std::string error) {
  while (!error.empty() && error.back() == '.') error.pop_back();
  return error;
}

// How each type is named, shown, read and printed.
template <class T>
struct Traits;

template <>
struct Traits<std::string> {
  static constexpr std::string_view kKind = "text";
  static constexpr std::string_view kExamples = "";
  static std::string print(const std::string& v) { return v; }
  static std::optional<std::string> read(const Node& node, Fault& fault) {
    if (node.is_scalar()) return node.text();
    fault = {"must be a text, not " + shown(node), ""};
    return std::nullopt;
  }
};

template <>
struct Traits<bool> {
  static constexpr std::string_view kKind = "boolean";
  static constexpr std::string_view kExamples = "";
  static std::string print(bool v) { return v ? "true" : "false"; }
  static std::optional<bool> read(const Node& node, Fault& fault) {
    if (node.kind() == Kind::boolean) return node.as_boolean();
    fault = {"must be true or false, not " + shown(node), ""};
    const std::string lower = to_lower(node.text());
    if (node.is_string() && (lower == "true" || lower == "false")) fault.hint = "remove the quotes";
    if (lower == "yes" || lower == "on" || lower == "y") fault.hint = "YAML 1.2 writes true";
    if (lower == "no" || lower == "off" || lower == "n") fault.hint = "YAML 1.2 writes false";
    return std::nullopt;
  }
};

template <>
struct Traits<std::int64_t> {
  static constexpr std::string_view kKind = "integer";
  static constexpr std::string_view kExamples = "";
  static std::string print(std::int64_t v) { return std::to_string(v); }
  static std::optional<std::int64_t> read(const Node& node, Fault& fault) {
    if (node.kind() == Kind::integer) return node.as_integer();
    if (node.kind() == Kind::number && node.text().find_first_not_of("+-0123456789") == std::string::npos) {
      fault = {"'" + node.text() + "' does not fit in 64 bits", ""};
      return std::nullopt;
    }
    fault = {"must be a whole number, not " + shown(node), ""};
    if (node.is_string() && Node::plain(node.text()).kind() == Kind::integer) fault.hint = "remove the quotes";
    return std::nullopt;
  }
};

template <>
struct Traits<double> {
  static constexpr std::string_view kKind = "number";
  static constexpr std::string_view kExamples = "";
  static std::string print(double v) { return Node::number(v).text(); }
  static std::optional<double> read(const Node& node, Fault& fault) {
    if (node.kind() == Kind::integer || node.kind() == Kind::number) {
      if (std::isfinite(node.as_number())) return node.as_number();
      fault = {"must be a finite number, not '" + node.text() + "'", ""};
      return std::nullopt;
    }
    fault = {"must be a number, not " + shown(node), ""};
    if (is_bare_number(node)) fault.hint = "remove the quotes";
    return std::nullopt;
  }
};

/// A quantity with a unit. `parse` answers Parsed<T>.
template <class T, class Parse>
std::optional<T> read_quantity(const Node& node, Fault& fault, std::string_view kind, std::string_view examples,
                               Parse parse) {
  const std::string such_as = "write " + std::string(kind) + " such as " + std::string(examples);
  if (!node.is_scalar() || node.is_null() || node.kind() == Kind::boolean) {
    fault = {"must be " + std::string(kind) + ", not " + shown(node), such_as};
    return std::nullopt;
  }
  if (is_zero(node)) return T{};
  if (is_bare_number(node)) {
    fault = {"'" + node.text() + "' has no unit", such_as};
    return std::nullopt;
  }
  auto parsed = parse(node.text());
  if (parsed) return *parsed.value;
  fault = {"'" + node.text() + "' is not " + std::string(kind) +
               (parsed.error.empty() ? "" : ": " + as_sentence_part(parsed.error)),
           such_as};
  return std::nullopt;
}

#define PLIMSOLL_QUANTITY(Type, kind, article_kind, examples, parse)                                                \
  template <>                                                                                                       \
  struct Traits<Type> {                                                                                             \
    static constexpr std::string_view kKind = kind;                                                                 \
    static constexpr std::string_view kExamples = examples;                                                         \
    static std::string print(const Type& v) { return plimsoll::to_string(v); }                                      \
    static std::optional<Type> read(const Node& node, Fault& fault) {                                               \
      return read_quantity<Type>(node, fault, article_kind, examples, [](std::string_view t) { return parse(t); }); \
    }                                                                                                               \
  };
PLIMSOLL_QUANTITY(Cpu, "cpu", "a CPU quantity", "250m, 0.25 vCPU or 256 units", parse_cpu)
PLIMSOLL_QUANTITY(Bytes, "bytes", "a size", "512Mi, 1.5Gi or 0.5 GB", parse_bytes)
PLIMSOLL_QUANTITY(Duration, "duration", "a duration", "90s, 1h30m or 250ms", parse_duration)
PLIMSOLL_QUANTITY(Ppm, "ratio", "a percentage", "60% or 0.5%", parse_ratio)
PLIMSOLL_QUANTITY(Delay, "delay", "a delay",
                  "45s, lognormal(median 45s, cv 0.3), uniform(1s, 3s) or exponential(mean 2s)", parse_delay)
#undef PLIMSOLL_QUANTITY

/// "$0.10/h" without its "/h"; anything else after a slash is a fault.
Parsed<Rate> parse_rate_per(std::string_view text, std::string_view per) {
  const std::size_t slash = text.find('/');
  if (slash != text.npos && trim(text.substr(slash + 1)) != per) {
    return {std::nullopt, "the price is per " + std::string(per)};
  }
  return parse_rate(trim(text.substr(0, slash)));
}

std::optional<Rate> read_rate(const Node& node, Fault& fault, std::string_view per) {
  const std::string examples = "$0.10/" + std::string(per) + " or 0.10 USD";
  return read_quantity<Rate>(node, fault, "a price", examples,
                             [per](std::string_view t) { return parse_rate_per(t, per); });
}

/// Delays have no order; a range of them bounds the mean.
template <class T>
bool less(const T& a, const T& b) {
  return a < b;
}
bool less(const Delay& a, const Delay& b) { return a.mean() < b.mean(); }

template <class T, class Print>
std::string range_fault(const T& value, const Range<T>& range, Print print) {
  const bool low = range.min && less(value, *range.min);
  const bool high = range.max && less(*range.max, value);
  if (!low && !high) return {};
  if (range.min && range.max) return "must be between " + print(*range.min) + " and " + print(*range.max);
  return low ? "must be at least " + print(*range.min) : "must be at most " + print(*range.max);
}

std::string quoted_list(std::span<const std::string_view> names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
    out += names[i];
  }
  return out;
}

template <class T>
std::optional<T> checked(const Node& node, const Reader& reader, const std::string& path, const Range<T>& range) {
  Fault fault;
  std::optional<T> value = Traits<T>::read(node, fault);
  if (value) fault.message = range_fault(*value, range, Traits<T>::print);
  if (fault.message.empty()) return value;
  if (value) fault.message += ", not " + shown(node);
  reader.diagnostics->error(node, std::move(fault.message), std::move(fault.hint), path);
  return std::nullopt;
}

template <class T>
SchemaEntry schema_entry(std::string path, std::string_view doc, const Range<T>& range) {
  SchemaEntry entry;
  entry.path = std::move(path);
  entry.kind = Traits<T>::kKind;
  entry.unit = Traits<T>::kExamples;
  if (range.min) entry.min = Traits<T>::print(*range.min);
  if (range.max) entry.max = Traits<T>::print(*range.max);
  entry.doc = doc;
  return entry;
}

}  // namespace

Fields::Fields(const Node& node, const Reader& reader, std::string path)
    : node_(node), reader_(reader), path_(std::move(path)) {
  PLIMSOLL_ASSERT(reader_.diagnostics != nullptr);
  if (!node_.is_mapping() && !node_.is_null()) {
    reader_.diagnostics->error(node_, "must be a mapping, not " + shown(node_), {}, path_);
    node_ = Node::null(node_.mark());
    muted_ = true;
  }
}

Fields::Fields(Fields&& other) noexcept
    : node_(other.node_),
      reader_(other.reader_),
      path_(std::move(other.path_)),
      known_(std::move(other.known_)),
      open_(other.open_),
      muted_(other.muted_) {
  other.open_ = false;
}

Fields::~Fields() { finish(); }

const Node* Fields::declare(std::string_view key) {
  known_.emplace_back(key);
  const Node* value = node_.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

template <class T>
void Fields::describe(std::string_view key, std::string_view doc, const Range<T>& range, bool is_required,
                      const T* fallback, std::string_view source) {
  if (!describing()) return;
  SchemaEntry entry = schema_entry(path_of(key), doc, range);
  entry.required = is_required;
  if (fallback != nullptr) entry.fallback = Traits<T>::print(*fallback);
  entry.source = source;
  reader_.schema->add(std::move(entry));
}

void Fields::describe_plain(std::string_view key, std::string_view kind, std::string_view doc, bool is_required) {
  if (!describing()) return;
  SchemaEntry entry;
  entry.path = path_of(key);
  entry.kind = kind;
  entry.doc = doc;
  entry.required = is_required;
  reader_.schema->add(std::move(entry));
}

void Fields::missing(std::string_view key, std::string_view kind) {
  if (muted_) return;
  // The line of the mapping is where the key has to be added.
  std::string hint = "add '" + std::string(key) + ": ...'";
  if (!kind.empty()) hint += " (" + std::string(kind) + ")";
  reader_.diagnostics->error(node_, "'" + std::string(key) + "' is missing", std::move(hint), path_);
}

template <class T>
T Fields::get(std::string_view key, const T& fallback, std::string_view source, std::string_view doc,
              const Range<T>& range) {
  describe<T>(key, doc, range, false, &fallback, source);
  const Node* node = declare(key);
  if (node != nullptr) {
    if (std::optional<T> value = checked<T>(*node, reader_, path_of(key), range)) {
      record_value(reader_, path_of(key), *node);
      return *std::move(value);
    }
  }
  record_default(reader_, path_of(key), Traits<T>::print(fallback), source);
  return fallback;
}

template <class T>
T Fields::required(std::string_view key, std::string_view doc, const Range<T>& range) {
  describe<T>(key, doc, range, true, nullptr, {});
  const Node* node = declare(key);
  if (node == nullptr) {
    missing(key, Traits<T>::kExamples.empty() ? Traits<T>::kKind : Traits<T>::kExamples);
    return T{};
  }
  std::optional<T> value = checked<T>(*node, reader_, path_of(key), range);
  if (!value) return T{};
  record_value(reader_, path_of(key), *node);
  return *std::move(value);
}

template <class T>
std::optional<T> Fields::optional(std::string_view key, std::string_view doc, const Range<T>& range) {
  describe<T>(key, doc, range, false, nullptr, {});
  const Node* node = declare(key);
  if (node == nullptr) {
    record_default(reader_, path_of(key), "unset", "optional");
    return std::nullopt;
  }
  std::optional<T> value = checked<T>(*node, reader_, path_of(key), range);
  if (value) record_value(reader_, path_of(key), *node);
  return value;
}

std::optional<Rate> Fields::optional_rate(std::string_view key, std::string_view per, std::string_view doc,
                                          const Range<Rate>& range) {
  const auto print = [per](Rate r) { return "$" + plimsoll::to_string(r) + "/" + std::string(per); };
  if (describing()) {
    SchemaEntry entry;
    entry.path = path_of(key);
    entry.kind = "rate";
    entry.unit = "$0.10/" + std::string(per);
    if (range.min) entry.min = print(*range.min);
    if (range.max) entry.max = print(*range.max);
    entry.doc = doc;
    reader_.schema->add(std::move(entry));
  }
  const Node* node = declare(key);
  if (node == nullptr) return std::nullopt;
  Fault fault;
  const std::optional<Rate> value = read_rate(*node, fault, per);
  if (value) fault.message = range_fault(*value, range, print);
  if (fault.message.empty()) {
    record_value(reader_, path_of(key), *node);
    return value;
  }
  reader_.diagnostics->error(*node, std::move(fault.message), std::move(fault.hint), path_of(key));
  return std::nullopt;
}

Rate Fields::rate(std::string_view key, std::string_view per, Rate fallback, std::string_view source,
                  std::string_view doc, const Range<Rate>& range) {
  const std::optional<Rate> value = optional_rate(key, per, doc, range);
  if (value) return *value;
  record_default(reader_, path_of(key), "$" + plimsoll::to_string(fallback) + "/" + std::string(per), source);
  return fallback;
}

std::optional<std::size_t> Fields::pick(std::string_view key, std::span<const std::string_view> names) {
  const Node* node = declare(key);
  if (node == nullptr) return std::nullopt;
  for (std::size_t i = 0; node->is_scalar() && i < names.size(); ++i) {
    if (node->text() == names[i]) {
      record_value(reader_, path_of(key), *node);
      return i;
    }
  }
  const std::string near = node->is_scalar() ? nearest(node->text(), names) : std::string();
  reader_.diagnostics->error(*node, "must be " + quoted_list(names) + ", not " + shown(*node),
                             near.empty() ? "" : "did you mean '" + near + "'?", path_of(key));
  return std::nullopt;
}

namespace {

SchemaEntry choice_entry(std::string path, std::span<const std::string_view> names, std::string_view doc) {
  SchemaEntry entry;
  entry.path = std::move(path);
  entry.kind = "choice";
  entry.doc = doc;
  entry.choices.assign(names.begin(), names.end());
  return entry;
}

}  // namespace

std::size_t Fields::one_of(std::string_view key, std::span<const std::string_view> names, std::size_t fallback,
                           std::string_view source, std::string_view doc) {
  PLIMSOLL_ASSERT(fallback < names.size());
  if (describing()) {
    SchemaEntry entry = choice_entry(path_of(key), names, doc);
    entry.fallback = names[fallback];
    entry.source = source;
    reader_.schema->add(std::move(entry));
  }
  const std::optional<std::size_t> picked = pick(key, names);
  if (picked) return *picked;
  record_default(reader_, path_of(key), std::string(names[fallback]), source);
  return fallback;
}

std::optional<std::size_t> Fields::optional_one_of(std::string_view key, std::span<const std::string_view> names,
                                                   std::string_view doc) {
  if (describing()) reader_.schema->add(choice_entry(path_of(key), names, doc));
  const std::optional<std::size_t> picked = pick(key, names);
  if (!has(key)) record_default(reader_, path_of(key), "unset", "optional");
  return picked;
}

std::size_t Fields::required_one_of(std::string_view key, std::span<const std::string_view> names,
                                    std::string_view doc) {
  if (describing()) {
    SchemaEntry entry = choice_entry(path_of(key), names, doc);
    entry.required = true;
    reader_.schema->add(std::move(entry));
  }
  const std::optional<std::size_t> picked = pick(key, names);
  if (!has(key)) missing(key, quoted_list(names));
  return picked.value_or(0);
}

template <class T>
std::optional<T> read_value(const Node& node, const Reader& reader, const std::string& path, std::string_view doc,
                            const Range<T>& range) {
  if (reader.schema != nullptr) {
    reader.schema->add(schema_entry(path, doc, range));
    return T{};
  }
  std::optional<T> value = checked<T>(node, reader, path, range);
  if (value) record_value(reader, path, node);
  return value;
}

template <class T>
std::string_view kind_of() {
  return Traits<T>::kKind;
}
template <class T>
std::string_view examples_of() {
  return Traits<T>::kExamples;
}

#define PLIMSOLL_INSTANTIATE(T)                                                                               \
  template T Fields::get<T>(std::string_view, const T&, std::string_view, std::string_view, const Range<T>&); \
  template T Fields::required<T>(std::string_view, std::string_view, const Range<T>&);                        \
  template std::optional<T> Fields::optional<T>(std::string_view, std::string_view, const Range<T>&);         \
  template std::optional<T> read_value<T>(const Node&, const Reader&, const std::string&, std::string_view,   \
                                          const Range<T>&);                                                   \
  template std::string_view kind_of<T>();                                                                     \
  template std::string_view examples_of<T>();
PLIMSOLL_INSTANTIATE(std::string)
PLIMSOLL_INSTANTIATE(bool)
PLIMSOLL_INSTANTIATE(std::int64_t)
PLIMSOLL_INSTANTIATE(double)
PLIMSOLL_INSTANTIATE(Cpu)
PLIMSOLL_INSTANTIATE(Bytes)
PLIMSOLL_INSTANTIATE(Duration)
PLIMSOLL_INSTANTIATE(Ppm)
PLIMSOLL_INSTANTIATE(Delay)
#undef PLIMSOLL_INSTANTIATE

}  // namespace plimsoll::document
