#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::document {

/// A path written in a file, relative to the directory of that file; absolute paths stay. Values that came from the
/// command line are relative to the working directory.
std::string resolve_path(const Mark& written_at, std::string_view path);

/// Whether `name` matches `pattern`: * is any run of characters, ? is one; neither matches a slash.
bool glob_match(std::string_view pattern, std::string_view name);

/// Files that match a pattern with * and ? in any part (no recursion, hidden files only when asked by a leading dot),
/// sorted by name. A pattern without wildcards gives itself when the file exists.
std::vector<std::string> glob(const std::string& pattern);

/// Resolves and expands the path or pattern in `node`; no match is an error that names the nearest file of the
/// directory. Directories are errors.
std::vector<std::string> find_files(const Node& node, Diagnostics& diagnostics, std::string_view key_path = {});

}  // namespace plimsoll::document
