#include "sim/load/startup.h"

#include <algorithm>

namespace plimsoll::load {

namespace {

std::int64_t speed(const StartupWork& work, Cpu granted) { return std::min(granted, work.parallelism).raw(); }

}  // namespace

Duration startup_time(const StartupWork& work, Cpu granted) {
  if (work.cpu <= 0) return work.wait;
  const std::int64_t ticks = speed(work, granted);
  if (ticks <= 0) return Duration::max();
  return Duration{div_ceil(work.cpu, ticks)} + work.wait;
}

void Startup::advance(Duration elapsed, Cpu granted) {
  if (left_.cpu > 0) {
    const std::int64_t ticks = speed(left_, granted);
    if (ticks <= 0) return;
    const std::int64_t needed = div_ceil(left_.cpu, ticks);
    if (elapsed.count() < needed) {
      left_.cpu -= ticks * elapsed.count();
      return;
    }
    left_.cpu = 0;
    elapsed -= Duration{needed};
  }
  left_.wait -= std::min(left_.wait, elapsed);
}

}  // namespace plimsoll::load
