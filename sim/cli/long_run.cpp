#include "sim/cli/long_run.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace plimsoll::cli {

namespace {

std::atomic<bool> g_stop{false};

void on_interrupt(int) { g_stop.store(true); }

}  // namespace

const std::atomic<bool>& catch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  return g_stop;
}

Progress::Progress(bool quiet, std::string unit)
    : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0), unit_(std::move(unit)), start_(Clock::now()) {}

void Progress::show(std::size_t done, std::size_t total) {
  if (quiet_ || done == 0) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  if (seconds < 1) return;
  if (terminal_) {
    const double left = seconds / static_cast<double>(done) * static_cast<double>(total - done);
    std::fprintf(stderr, "\r%zu of %zu %s, %.0f s left \033[K", done, total, unit_.c_str(), left);
    if (done == total) std::fputs("\r\033[K", stderr);
  } else if (done * 10 / total > tenth_) {
    tenth_ = done * 10 / total;
    std::fprintf(stderr, "%zu of %zu %s\n", done, total, unit_.c_str());
  }
}

}  // namespace plimsoll::cli
