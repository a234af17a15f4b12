#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/report/compare.h"

namespace plimsoll::report {

/// Where a table goes. The caller asks the terminal: no colour in a pipe or when NO_COLOR is set.
struct TerminalStyle {
  int width = 80;  ///< columns; narrower than 60 is taken as 60
  bool colour = false;
};

enum class Format : std::uint8_t { table, json, csv, markdown };

/// "table", "json", "csv" or "md" ("markdown").
std::optional<Format> parse_format(std::string_view text);

/// What `compare` and `report` print, newline at the end. JSON has `format_version` and the keys of summary.json plus
/// the verdict; CSV is one row a column with the unit in each header.
std::string render(const Comparison& comparison, Format format, const TerminalStyle& style = {});

std::string render_table(const Comparison& comparison, const TerminalStyle& style);
std::string render_json(const Comparison& comparison);
std::string render_csv(const Comparison& comparison);
std::string render_markdown(const Comparison& comparison);

/// What the bill holds and leaves out, one sentence a line.
std::vector<std::string> included_lines(const Comparison& comparison);

}  // namespace plimsoll::report
