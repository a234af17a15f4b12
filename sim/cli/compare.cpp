#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "sim/cli/terminal.h"
#include "sim/cli/verbs.h"
#include "sim/engine/engine.h"
#include "sim/report/page_data.h"
#include "sim/report/table.h"
#include "sim/results/directory.h"
#include "sim/scenario/scenario.h"

namespace plimsoll::cli {

namespace {

std::atomic<bool> g_stop{false};

extern "C" void on_interrupt(int) { g_stop.store(true); }

/// Progress with the time left on a terminal, a line per tenth in a pipe. The wall clock is for people only.
class Progress {
 public:
  explicit Progress(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0), start_(Clock::now()) {}
  void show(std::size_t done, std::size_t total) {
    if (quiet_) return;
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    if (terminal_) {
      if (seconds < 1 && done < total) return;
      const double left = seconds / static_cast<double>(done) * static_cast<double>(total - done);
      std::fprintf(stderr, "\r%zu of %zu runs, %.0f s left \033[K", done, total, left);
      if (done == total) std::fputs("\r\033[K", stderr);
      shown_ = true;
    } else if (seconds >= 1 && done * 10 / total > tenth_) {
      tenth_ = done * 10 / total;
      std::fprintf(stderr, "%zu of %zu runs\n", done, total);
    }
  }

 private:
  using Clock = std::chrono::steady_clock;
  bool quiet_, terminal_, shown_ = false;
  std::size_t tenth_ = 0;
  Clock::time_point start_;
};

}  // namespace

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
  auto scenario = scenario::read_scenario(a.scenario.file, registry, options, diagnostics);
  if (scenario) {
    const auto graph = engine::call_graph(*scenario);
    if (!graph) diagnostics.error("calls: " + graph.error, "lower the number of calls in the ring");
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
  run.stop = &g_stop;
  Progress progress(a.quiet);
  run.progress = [&](std::size_t done, std::size_t total) { progress.show(done, total); };
  g_stop.store(false);
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  results::Comparison comparison = engine::compare(*scenario, run);
  comparison.version = kVersion;
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
  for (const auto& column : comparison.columns) {
    bool kept = true;
    for (const auto& r : column.replications) kept = kept && r.kept_all();
    if (kept) return kDone;
  }
  return kPromiseBroken;
}

}  // namespace plimsoll::cli
