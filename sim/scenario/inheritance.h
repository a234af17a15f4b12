#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::scenario {

/// The one mapping of a scenario file, with the files that it inherits from (`from:` at the top) merged beneath it.
/// Mappings merge key by key; `capacity` and `place` are replaced whole, and one kind of load replaces another.
/// `load_kinds`: names of the kinds of load. Null after an error.
document::Node load_tree(const std::string& path, const std::vector<std::string_view>& load_kinds,
                         document::Diagnostics& diagnostics);

/// Columns with `from: other` become whole columns; `from` itself goes away. An unknown or circular `from` is an error.
document::Node resolve_columns(const document::Node& root, document::Diagnostics& diagnostics);

}  // namespace plimsoll::scenario
