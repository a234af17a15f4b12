#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>

namespace plimsoll::cli {

/// From now on Ctrl-C and a request to terminate only set this flag; work that was begun is finished and kept.
const std::atomic<bool>& catch_interrupts();

/// Progress with the time left on a terminal, a line a tenth in a pipe, nothing within the first second. The wall clock
/// is for people only and reaches no result.
class Progress {
 public:
  Progress(bool quiet, std::string unit);
  void show(std::size_t done, std::size_t total);

 private:
  using Clock = std::chrono::steady_clock;
  bool quiet_, terminal_;
  std::string unit_;
  std::size_t tenth_ = 0;
  Clock::time_point start_;
};

}  // namespace plimsoll::cli
