#include <cstdio>

#include "sim/cli/verbs.h"
#include "sim/document/effective.h"
#include "sim/document/loader.h"
#include "sim/engine/call_paths.h"
#include "sim/engine/engine.h"
#include "sim/scenario/scenario.h"
#include "sim/sweep/sweep.h"

namespace plimsoll::cli {

namespace {

/// Faults of the file are told by the one who reads it in earnest.
bool is_sweep(const std::string& file) {
  document::Diagnostics ignored;
  const document::Node root = document::load_single(file, ignored);
  return root.is_mapping() && (root.find("base") != nullptr || root.find("vary") != nullptr);
}

int validate_sweep(const Registry& registry, const ValidateArguments& a) {
  document::Diagnostics diagnostics;
  if (a.print_effective) {
    diagnostics.error(document::source_mark(a.scenario.file), "--print-effective takes a scenario, and this is a sweep",
                      "print that of its base");
  }
  const auto design = sweep::read_design(a.scenario.file, diagnostics);
  sweep::Options options;
  options.sets = a.scenario.sets;
  if (a.scenario.has_seed) options.sets.push_back("seed=" + std::to_string(a.scenario.seed));
  options.platforms = a.scenario.platforms;
  options.catalogue_dir = a.scenario.catalogue_dir;
  const bool good = design && sweep::check(*design, registry, options, diagnostics);
  std::fputs(diagnostics.text().c_str(), stderr);
  if (!good || diagnostics.has_errors()) return kBadInput;
  std::printf("%s: valid, a sweep of %zu point%s\n", a.scenario.file.c_str(), design->size(),
              design->size() == 1 ? "" : "s");
  return kDone;
}

}  // namespace

int run_validate(const Registry& registry, const ValidateArguments& a) {
  if (a.schema) {
    std::fputs(scenario::scenario_schema(registry).c_str(), stdout);
    return kDone;
  }
  if (a.scenario.file.empty()) {
    std::fputs("error: validate takes a scenario file, or --schema\n", stderr);
    return kBadInput;
  }
  if (is_sweep(a.scenario.file)) return validate_sweep(registry, a);
  document::Diagnostics diagnostics;
  document::Effective effective;
  scenario::ReadOptions options;
  options.sets = a.scenario.sets;
  options.platforms = a.scenario.platforms;
  options.catalogue_dir = a.scenario.catalogue_dir;
  options.effective = &effective;
  const auto scenario = scenario::read_scenario(a.scenario.file, registry, options, diagnostics);
  std::fputs(diagnostics.text().c_str(), stderr);
  if (!scenario || diagnostics.has_errors()) return kBadInput;
  const std::string calls = engine::describe_calls(*scenario);
  if (a.print_effective) {
    std::fputs(effective.text().c_str(), stdout);
    std::size_t from = 0;
    for (std::size_t end = calls.find('\n'); end != std::string::npos; end = calls.find('\n', from)) {
      std::fputs(("# " + calls.substr(from, end + 1 - from)).c_str(), stdout);
      from = end + 1;
    }
  } else {
    const std::size_t columns = scenario->columns.size(), apps = scenario->setting.workloads.size();
    std::printf("%s: valid, %zu column%s, %zu application%s\n", a.scenario.file.c_str(), columns,
                columns == 1 ? "" : "s", apps, apps == 1 ? "" : "s");
    std::fputs(calls.c_str(), stdout);
  }
  return kDone;
}

}  // namespace plimsoll::cli
