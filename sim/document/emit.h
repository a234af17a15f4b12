#pragma once

#include <functional>
#include <string>

#include "sim/document/node.h"

namespace plimsoll::document {

/// A comment for the value at a key path ("" for none); written after " # " on the line of a scalar or of a key.
using CommentOf = std::function<std::string(const std::string& path)>;

/// YAML in block style, two spaces a level, ends with a newline. Strings are quoted where plain text would be read as
/// something else, by YAML 1.2 or by 1.1 (yes, 0644, 12:30). Loading the result gives the same value.
std::string to_yaml(const Node& node, const CommentOf& comment = {});

/// JSON, two spaces a level, ends with a newline. @pre numbers are finite.
std::string to_json(const Node& node);

/// A scalar as YAML writes it in block context: plain when safe, else double-quoted.
std::string yaml_scalar(const Node& scalar);

}  // namespace plimsoll::document
