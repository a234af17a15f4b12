#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/policy/registry.h"
#include "sim/results/run_result.h"
#include "sim/scenario/scenario.h"
#include "sim/sweep/design.h"

namespace plimsoll::sweep {

struct Options {
  std::string out;                     ///< directory of sweep.sqlite, sweep.csv and means.csv
  int jobs = 1;                        ///< threads, one world each
  std::vector<std::string> sets;       ///< --set, applied to the base before the axes
  std::vector<std::string> platforms;  ///< columns; all when empty
  std::string catalogue_dir;
  std::string version;                      ///< of the program: results of another one are not mixed in
  const std::atomic<bool>* stop = nullptr;  ///< set: points under way are given up, finished ones are kept
  std::function<void(std::size_t done, std::size_t total)> progress;  ///< points; called by one thread at a time
  /// Runs one column of one replication; empty: engine::run_one.
  std::function<results::RunResult(const scenario::Scenario&, std::size_t column, std::int64_t replication)> run;
};

struct Outcome {
  std::size_t points = 0;    ///< in the design
  std::size_t found = 0;     ///< finished by an earlier run
  std::size_t finished = 0;  ///< in all
  bool interrupted = false;
  std::string text;  ///< the table; the last line is "content hash <hex>", the same for any number of threads
};

/// Reads the base scenario, and once more with each value of each axis, so that every fault is told before anything
/// runs.
bool check(const Design& design, const Registry& registry, const Options& options, document::Diagnostics& diagnostics);

/// Runs the points that are not finished yet. Throws std::runtime_error when the directory cannot be written or holds
/// another sweep, or when a combination of values is at fault.
Outcome run(const Design& design, const Registry& registry, const Options& options);

}  // namespace plimsoll::sweep
