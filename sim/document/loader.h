#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::document {

/// What a file may cost us, whoever wrote it.
struct Limits {
  std::size_t bytes = std::size_t{16} << 20;  ///< size of the text
  std::int32_t depth = 64;                    ///< levels of nesting, aliases expanded
  std::uint32_t nodes = 1'000'000;            ///< values in the file
  std::uint32_t alias_nodes = 100'000;        ///< values that aliases and merge keys add by expansion
};

/// Reads every document of a text. A name that ends in .json is read as strict JSON (RFC 8259: no comments, no trailing
/// commas); everything else as YAML 1.2 with the core schema (Node::plain). Empty documents are left out. Aliases are
/// expanded within the limits and may not contain themselves; `<<` merges mappings (the mapping's own keys win, earlier
/// sources win over later). Refused, each with its position: duplicate keys, collections as keys, tags outside the core
/// schema, invalid UTF-8, NUL and other control characters, UTF-16. After an error in syntax the documents before it
/// are returned; the caller asks diagnostics.has_errors().
std::vector<Node> load_text(std::string_view text, std::string_view filename, Diagnostics& diagnostics,
                            const Limits& limits = {});

/// As load_text; a file that cannot be read is one error naming the file and the reason.
std::vector<Node> load_file(const std::string& path, Diagnostics& diagnostics, const Limits& limits = {});

/// The one document of a file; a null node and an error when there are none or several.
Node load_single(const std::string& path, Diagnostics& diagnostics, const Limits& limits = {});

/// Reads a whole file as bytes; false and an error when it cannot be read or is larger than `max_bytes`.
bool read_whole_file(const std::string& path, std::size_t max_bytes, std::string& out, Diagnostics& diagnostics);

}  // namespace plimsoll::document
