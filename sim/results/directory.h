#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/results/run_result.h"

namespace plimsoll::results {

/// A file that somebody else has made (report.html).
struct ExtraFile {
  std::string name, content;
};

/// Writes summary.json, result.sqlite, series.csv, events.csv, costs.focus.csv and `extra` into `directory`. All is
/// written into a hidden sibling directory first and renamed at the end, so a run directory is whole or not there. A
/// run directory that stands there already is replaced, and what else the user has put into it stays; any other
/// directory that holds something is left alone.
/// @throws std::runtime_error "cannot write PATH: reason" (read-only place, full disk, foreign directory).
void write_run_directory(const Comparison& comparison, const std::filesystem::path& directory,
                         const std::vector<ExtraFile>& extra);

/// What such a directory holds, from its result.sqlite.
/// @throws std::runtime_error with path and reason.
Comparison read_run_directory(const std::filesystem::path& directory);

/// Writes one file whole: a temporary sibling, renamed. A link is followed; a pipe or a device is written through.
/// @throws std::runtime_error as above.
void write_file(const std::filesystem::path& path, const std::string& content);

/// Throws, with a clear reason, when a run directory could not be written there. Call it before long work.
void check_writable(const std::filesystem::path& directory);

}  // namespace plimsoll::results
