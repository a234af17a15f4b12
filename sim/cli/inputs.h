#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "sim/cli/verbs.h"
#include "sim/document/input_files.h"
#include "sim/results/run_result.h"
#include "sim/scenario/scenario.h"

namespace plimsoll::cli {

/// What a run directory keeps so that the run can be made again: the files that were read, and the command line's
/// changes.
results::Inputs kept_inputs(const ScenarioArguments& arguments, const document::InputRecorder& recorder);

/// Tells one set of instance types and prices from another. `dir` as --catalog; empty: the built-in tables.
std::uint64_t catalogue_hash(const std::string& dir);

/// A scenario read from kept files. The folder holds a catalogue that was given by --catalog and goes with this object.
class KeptScenario {
 public:
  /// Faults go to `diagnostics`; then `scenario` is absent.
  KeptScenario(const results::Comparison& stored, const Registry& registry, document::Diagnostics& diagnostics);
  ~KeptScenario();
  KeptScenario(const KeptScenario&) = delete;
  KeptScenario& operator=(const KeptScenario&) = delete;

  std::optional<scenario::Scenario> scenario;
  std::uint64_t catalogue = 0;  ///< its hash now

 private:
  std::filesystem::path folder_;
};

}  // namespace plimsoll::cli
