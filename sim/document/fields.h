#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/distributions.h"
#include "sim/core/units.h"
#include "sim/document/diagnostics.h"
#include "sim/document/effective.h"
#include "sim/document/node.h"
#include "sim/document/schema.h"

namespace plimsoll::document {

/// Where a reader reports: always diagnostics, and when present the list of effective values and the schema.
/// A Diagnostics converts to it: Fields f(node, diagnostics, "path").
struct Reader {
  Diagnostics* diagnostics = nullptr;
  Effective* effective = nullptr;
  SchemaSink* schema = nullptr;

  Reader(Diagnostics& d, Effective* e = nullptr, SchemaSink* s = nullptr)  // NOLINT(google-explicit-constructor)
      : diagnostics(&d), effective(e), schema(s) {}
};

/// Closed range of allowed values; an absent end is open.
template <class T>
struct Range {
  std::optional<T> min;
  std::optional<T> max;
};

/// One entry of a map or item of a list.
struct Item {
  std::string name;  ///< key of a map entry; "" for an item of a list
  Node node;
  std::string path;  ///< full key path
  Mark mark;         ///< of the key (map) or of the item (list)
};

/// Reads one mapping by declaring its keys. Every method declares its key (to the schema sink, when there is one),
/// reads it, reports what is wrong and goes on with the default, and records the effective value with its origin. An
/// absent key and a null value are the same. A quantity carries its unit: "90s", "250m", "512Mi", "60%", "$0.10/h"; a
/// bare number other than 0 is an error that says which units there are. Nothing throws.
///
///     Fields f(node, reader, "apps.ui");
///     app.work = f.required_duration("work", "CPU time of one request");
///     app.image = f.bytes("image", mebibytes(300), "assumed", "compressed image size");
///     app.spread = f.choice<Spread>("spread", {{"zone", Spread::zone}, {"none", Spread::none}}, Spread::zone, "ECS
///     default"); for (const Item& call : f.map("calls", "requests to other apps for each request")) { ... } Fields
///     scale = f.child("scale", "one scaling block"); f.finish();   // unknown keys; the destructor does it too
///
/// Methods named after a type come in three forms: plain (default and the source of the default), required_ and
/// optional_.
class Fields {
 public:
  /// `node` must be a mapping or null (read as empty); anything else is one error and reads as empty, without further
  /// errors about keys that are missing in it.
  Fields(const Node& node, const Reader& reader, std::string path = {});
  ~Fields();
  Fields(Fields&& other) noexcept;
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;
  Fields& operator=(Fields&&) = delete;

  // The general form; T is one of bool, std::int64_t, double, std::string, Cpu, Bytes, Ppm, Duration, Delay.
  template <class T>
  T get(std::string_view key, const T& fallback, std::string_view source, std::string_view doc = {},
        const Range<T>& range = {});
  /// An absent key is an error and T{} is returned.
  template <class T>
  T required(std::string_view key, std::string_view doc = {}, const Range<T>& range = {});
  template <class T>
  std::optional<T> optional(std::string_view key, std::string_view doc = {}, const Range<T>& range = {});

#define PLIMSOLL_FIELDS_FORMS(name, Type)                                                                   \
  Type name(std::string_view key, const Type& fallback, std::string_view source, std::string_view doc = {}, \
            const Range<Type>& range = {}) {                                                                \
    return get<Type>(key, fallback, source, doc, range);                                                    \
  }                                                                                                         \
  Type required_##name(std::string_view key, std::string_view doc = {}, const Range<Type>& range = {}) {    \
    return required<Type>(key, doc, range);                                                                 \
  }                                                                                                         \
  std::optional<Type> optional_##name(std::string_view key, std::string_view doc = {},                      \
                                      const Range<Type>& range = {}) {                                      \
    return optional<Type>(key, doc, range);                                                                 \
  }
  PLIMSOLL_FIELDS_FORMS(text, std::string)      ///< any scalar, as written
  PLIMSOLL_FIELDS_FORMS(boolean, bool)          ///< true or false
  PLIMSOLL_FIELDS_FORMS(integer, std::int64_t)  ///< 64 bits, no unit
  PLIMSOLL_FIELDS_FORMS(number, double)         ///< finite, no unit
  PLIMSOLL_FIELDS_FORMS(cpu, Cpu)               ///< "250m", "0.25 vCPU", "1024 units"
  PLIMSOLL_FIELDS_FORMS(bytes, Bytes)           ///< "512Mi", "0.5 GB"
  PLIMSOLL_FIELDS_FORMS(ratio, Ppm)             ///< "60%"
  PLIMSOLL_FIELDS_FORMS(duration, Duration)     ///< "90s", "1h30m"
  PLIMSOLL_FIELDS_FORMS(delay, Delay)           ///< "45s", "lognormal(median 45s, cv 0.3)"
#undef PLIMSOLL_FIELDS_FORMS

  /// A price per `per` ("h", "GB", "GB-month"): "$0.10/h", "0.10 USD"; a different unit after the slash is an error.
  Rate rate(std::string_view key, std::string_view per, Rate fallback, std::string_view source,
            std::string_view doc = {}, const Range<Rate>& range = {});
  std::optional<Rate> optional_rate(std::string_view key, std::string_view per, std::string_view doc = {},
                                    const Range<Rate>& range = {});

  /// Index of the name written; another text is an error with the nearest name.
  std::size_t one_of(std::string_view key, std::span<const std::string_view> names, std::size_t fallback,
                     std::string_view source, std::string_view doc = {});
  std::optional<std::size_t> optional_one_of(std::string_view key, std::span<const std::string_view> names,
                                             std::string_view doc = {});
  /// As optional_one_of, and an absent key is an error; 0 then.
  std::size_t required_one_of(std::string_view key, std::span<const std::string_view> names, std::string_view doc = {});
  /// one_of for an enum.
  template <class E>
  E choice(std::string_view key, std::initializer_list<std::pair<std::string_view, E>> names, E fallback,
           std::string_view source, std::string_view doc = {}) {
    std::vector<std::string_view> texts;
    std::size_t index = 0;
    for (const auto& [text, value] : names) {
      if (value == fallback) index = texts.size();
      texts.push_back(text);
    }
    return (names.begin() + one_of(key, texts, index, source, doc))->second;
  }
  template <class E>
  E required_choice(std::string_view key, std::initializer_list<std::pair<std::string_view, E>> names,
                    std::string_view doc = {}) {
    std::vector<std::string_view> texts;
    for (const auto& [text, value] : names) texts.push_back(text);
    return (names.begin() + required_one_of(key, texts, doc))->second;
  }

  /// A nested mapping; an absent one reads as empty, so that its defaults apply.
  Fields child(std::string_view key, std::string_view doc = {});
  /// Nothing when the key is absent (while describing there is always one).
  std::optional<Fields> optional_child(std::string_view key, std::string_view doc = {});
  Fields required_child(std::string_view key, std::string_view doc = {});
  /// Items of a sequence; an absent key gives none.
  std::vector<Item> list(std::string_view key, std::string_view doc = {});
  std::vector<Item> required_list(std::string_view key, std::string_view doc = {});
  /// Entries of a mapping whose keys the user chooses.
  std::vector<Item> map(std::string_view key, std::string_view doc = {});
  std::vector<Item> required_map(std::string_view key, std::string_view doc = {});
  /// A sequence of scalars, or one scalar.
  std::vector<std::string> texts(std::string_view key, std::string_view doc = {});
  /// A value of several forms, left to the caller; `forms` tells them ("fargate, or a mapping"). nullopt when absent.
  std::optional<Node> any(std::string_view key, std::string_view forms, std::string_view doc = {});

  /// Whether the key stands in the file with a value; does not declare it.
  bool has(std::string_view key) const;
  /// Declares a key without reading it.
  void ignore(std::string_view key);
  /// Keys that are not declared are accepted in silence.
  void allow_unknown();
  /// Reports every unknown key with the nearest valid one; keys that begin with x- are ignored. At most once.
  void finish();

  const Node& node() const { return node_; }
  const Reader& reader() const { return reader_; }
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view key) const { return join_path(path_, key); }
  /// Of the value under the key, or of this mapping when it is absent.
  Mark mark_of(std::string_view key) const;
  /// True when the keys are being described for a schema; values are then meaningless.
  bool describing() const { return reader_.schema != nullptr; }
  void error(std::string_view key, std::string message, std::string hint = {});
  void warning(std::string_view key, std::string message, std::string hint = {});
  /// Records a value that the caller worked out itself (see any).
  void record(std::string_view key, std::string value, std::string source_of_default = {});

 private:
  const Node* declare(std::string_view key);
  template <class T>
  void describe(std::string_view key, std::string_view doc, const Range<T>& range, bool required, const T* fallback,
                std::string_view source);
  void describe_plain(std::string_view key, std::string_view kind, std::string_view doc, bool required);
  std::optional<std::size_t> pick(std::string_view key, std::span<const std::string_view> names);
  void missing(std::string_view key, std::string_view kind);
  Fields nested(const Node* node, std::string_view key, bool muted) const;

  Node node_;
  Reader reader_;
  std::string path_;
  std::vector<std::string> known_;
  bool open_ = true;
  bool muted_ = false;  ///< this mapping is itself missing or of the wrong kind: its missing keys are not news
};

/// Reads one scalar by the rules of Fields (T as in Fields::get), for list items and map values; nothing after an
/// error.
template <class T>
std::optional<T> read_value(const Node& node, const Reader& reader, const std::string& path, std::string_view doc = {},
                            const Range<T>& range = {});

/// What T is called in schema entries and messages ("duration") and what a user may write ("90s, 1h30m, 250ms").
template <class T>
std::string_view kind_of();
template <class T>
std::string_view examples_of();

}  // namespace plimsoll::document
