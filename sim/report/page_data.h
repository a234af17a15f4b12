#pragma once

#include <filesystem>
#include <string>

#include "sim/results/run_result.h"

namespace plimsoll::report {

/// The JSON that the report page shows: verdict, platforms with metrics and bill lines, series of replication 0 as
/// base64 of little-endian 32-bit floats (thinned to at most 3,000 points), tables of inputs.
std::string page_json(const results::Comparison& comparison);

/// report.html: the page with that data inside.
std::string report_html(const results::Comparison& comparison);

/// A run directory with its report.html. @throws std::runtime_error as results::write_run_directory.
void publish(const results::Comparison& comparison, const std::filesystem::path& directory);

}  // namespace plimsoll::report
