#include "sim/report/compare.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "sim/cli/inputs.h"
#include "sim/cli/long_run.h"
#include "sim/cli/terminal.h"
#include "sim/cli/verbs.h"
#include "sim/engine/engine.h"
#include "sim/report/page_data.h"
#include "sim/report/table.h"
#include "sim/results/directory.h"
#include "sim/scenario/scenario.h"

namespace plimsoll::cli {

report::TerminalStyle terminal_style() {
  report::TerminalStyle style;
  if (isatty(STDOUT_FILENO) == 0) return style;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.width = size.ws_col;
  style.colour = std::getenv("NO_COLOR") == nullptr;
  return style;
}

int run_compare(const Registry& registry, const CompareArguments& a) {
  document::Diagnostics diagnostics;
  scenario::ReadOptions options;
  options.sets = a.scenario.sets;
  options.platforms = a.scenario.platforms;
  options.catalogue_dir = a.scenario.catalogue_dir;
  const document::InputRecorder recorder;
  auto scenario = scenario::read_scenario(a.scenario.file, registry, options, diagnostics);
  if (scenario) {
    if (a.single && scenario->columns.size() != 1) {
      std::string names;
      for (const auto& c : scenario->columns) names += (names.empty() ? "" : ", ") + c.name;
      diagnostics.error("run takes one column; this scenario has " + names, "add --platform NAME");
    }
  }
  std::fputs(diagnostics.text().c_str(), stderr);
  if (!scenario || diagnostics.has_errors()) return kBadInput;
  if (a.scenario.has_seed) scenario->seed = a.scenario.seed;
  if (!a.out.empty()) {
    try {
      results::check_writable(a.out);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "error: %s\n", e.what());
      return kBadInput;
    }
  }

  engine::CompareOptions run;
  run.replications = a.replications > 0 ? a.replications : (a.single ? 1 : 0);
  run.jobs = a.jobs;
  run.keep_full = !a.out.empty();
  run.stop = &catch_interrupts();
  Progress progress(a.quiet, "runs");
  run.progress = [&](std::size_t done, std::size_t total) { progress.show(done, total); };
  results::Comparison comparison = engine::compare(*scenario, run);
  comparison.version = kVersion;
  if (!a.out.empty()) comparison.inputs = kept_inputs(a.scenario, recorder);
  comparison.catalogue_hash = catalogue_hash(a.scenario.catalogue_dir);
  std::fputs(report::render(comparison, *report::parse_format(a.format), terminal_style()).c_str(), stdout);
  if (!a.out.empty()) {
    try {
      report::publish(comparison, a.out);
    } catch (const std::exception& e) {
      std::fflush(stdout);
      std::fprintf(stderr, "error: %s\n", e.what());
      return kBadInput;
    }
    if (a.format == "table") std::printf("%s\n", (std::filesystem::path(a.out) / "report.html").c_str());
  }
  if (comparison.interrupted) return kInterrupted;
  const report::Figures figures = report::figures(comparison);
  const bool kept =
      std::any_of(figures.columns.begin(), figures.columns.end(), [](const auto& c) { return !c.broken; });
  return kept ? kDone : kPromiseBroken;
}

}  // namespace plimsoll::cli
