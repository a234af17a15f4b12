#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sim/core/units.h"

namespace plimsoll {

/// Edits between two words: insert, delete, replace, swap neighbours (Damerau-Levenshtein, optimal string alignment).
/// ASCII case is ignored.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate closest to `word`, for "did you mean ...?"; empty when nothing is close (more than a third of the
/// longer word would have to change, and at least one edit is always allowed). The first of equals wins.
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

/// A whole number >= 0: "12", "1,500" and "1_500" (groups of three), "3k" (1e3), "2M" (1e6), "1G" (1e9), "1.5k".
Parsed<std::int64_t> parse_count(std::string_view text);

/// Without the ASCII blanks at both ends.
std::string_view trim(std::string_view text);

/// ASCII lower case.
std::string to_lower(std::string_view text);

}  // namespace plimsoll
