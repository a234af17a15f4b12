#pragma once

#include <string>
#include <string_view>

#include "sim/document/fields.h"

namespace plimsoll::document {

/// A value as messages show it: the scalar in quotes, else its kind.
std::string shown(const Node& node);

/// Into the list of effective values, when there is one: what the file says, or the default and where it comes from.
void record_value(const Reader& reader, std::string path, const Node& node);
void record_default(const Reader& reader, std::string path, std::string value, std::string_view source);

}  // namespace plimsoll::document
