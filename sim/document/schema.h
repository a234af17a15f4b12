#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/document/node.h"

namespace plimsoll::document {

/// What one key may hold. Paths use "*" for any key of a map and "[]" for the items of a list: "apps.*.calls.*".
struct SchemaEntry {
  std::string path;
  std::string kind;  ///< text, choice, boolean, integer, number, cpu, bytes, duration, delay, rate, ratio, list, map,
                     ///< object, any
  std::string unit;  ///< examples of what is accepted: "250m, 0.25 vCPU"
  std::string min;
  std::string max;
  std::string fallback;  ///< text of the default, "" when there is none
  std::string source;    ///< where the default comes from
  std::string doc;
  std::vector<std::string> choices;
  bool required = false;
};

/// Gathers the keys that readers declare, so that one piece of code reads, documents and validates. Run the reader over
/// an empty mapping with a sink in its Reader: every Fields method then registers its key, lists and maps hand out one
/// made-up item, and all values are defaults to be thrown away.
class SchemaSink {
 public:
  /// The first declaration of a path wins; choices of later ones are added.
  void add(SchemaEntry entry);
  const std::vector<SchemaEntry>& entries() const { return entries_; }

  /// JSON Schema draft-07 (objects closed to unknown keys except x-*), for editors. A mapping that has the key `from`
  /// may inherit: what it and the mappings in it require is required only without `from`, and null takes a key away.
  Node json_schema(std::string_view title) const;

 private:
  std::vector<SchemaEntry> entries_;
  std::map<std::string, std::size_t> index_;
};

}  // namespace plimsoll::document
