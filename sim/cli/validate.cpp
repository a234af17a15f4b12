#include <cstdio>

#include "sim/cli/verbs.h"
#include "sim/document/effective.h"
#include "sim/engine/engine.h"
#include "sim/scenario/scenario.h"

namespace plimsoll::cli {

int run_validate(const Registry& registry, const ValidateArguments& a) {
  if (a.schema) {
    std::fputs(scenario::scenario_schema(registry).c_str(), stdout);
    return kDone;
  }
  if (a.scenario.file.empty()) {
    std::fputs("error: validate takes a scenario file, or --schema\n", stderr);
    return kBadInput;
  }
  document::Diagnostics diagnostics;
  document::Effective effective;
  scenario::ReadOptions options;
  options.sets = a.scenario.sets;
  options.platforms = a.scenario.platforms;
  options.catalogue_dir = a.scenario.catalogue_dir;
  options.effective = &effective;
  const auto scenario = scenario::read_scenario(a.scenario.file, registry, options, diagnostics);
  if (scenario) {
    const auto graph = engine::call_graph(*scenario);
    if (!graph) diagnostics.error("calls: " + graph.error, "lower the number of calls in the ring");
  }
  std::fputs(diagnostics.text().c_str(), stderr);
  if (!scenario || diagnostics.has_errors()) return kBadInput;
  if (a.print_effective) {
    std::fputs(effective.text().c_str(), stdout);
  } else {
    const std::size_t columns = scenario->columns.size(), apps = scenario->setting.workloads.size();
    std::printf("%s: valid, %zu column%s, %zu application%s\n", a.scenario.file.c_str(), columns,
                columns == 1 ? "" : "s", apps, apps == 1 ? "" : "s");
  }
  return kDone;
}

}  // namespace plimsoll::cli
