#include "sim/sweep/sweep.h"

#include <cstdio>
#include <stdexcept>

#include "sim/cli/long_run.h"
#include "sim/cli/verbs.h"
#include "sim/sweep/design.h"

namespace plimsoll::cli {

int run_sweep(const Registry& registry, const SweepArguments& a) {
  document::Diagnostics diagnostics;
  auto design = sweep::read_design(a.file, diagnostics);
  if (design && a.replications > 0) design->replications = document::Node::integer(a.replications);
  sweep::Options options;
  options.out = a.out;
  options.jobs = a.jobs;
  options.sets = a.sets;
  if (a.seed) options.sets.push_back("seed=" + std::to_string(*a.seed));
  options.platforms = a.platforms;
  options.catalogue_dir = a.catalogue_dir;
  options.version = kVersion;
  options.stop = &catch_interrupts();
  Progress progress(a.quiet, "points");
  options.progress = [&](std::size_t done, std::size_t total) { progress.show(done, total); };
  const bool good = design && sweep::check(*design, registry, options, diagnostics);
  std::fputs(diagnostics.text().c_str(), stderr);
  if (!good) return kBadInput;
  try {
    const sweep::Outcome outcome = sweep::run(*design, registry, options);
    std::fputs(outcome.text.c_str(), stdout);
    return outcome.interrupted ? kInterrupted : kDone;
  } catch (const std::runtime_error& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return kBadInput;
  }
}

}  // namespace plimsoll::cli
