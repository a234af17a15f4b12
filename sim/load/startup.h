#pragma once

#include <cstdint>

#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll::load {

/// What an application does before it can answer: CPU work, then waiting that no CPU shortens.
struct StartupWork {
  std::int64_t cpu = 0;            ///< CPU ticks x microseconds
  Cpu parallelism = cpu_cores(1);  ///< most cores that the work can use
  Duration wait{};
};

/// How long the start takes with a constant grant: work / min(granted, parallelism) + wait, rounded up to a
/// microsecond. kTimeNever's span when there is work and no CPU.
Duration startup_time(const StartupWork& work, Cpu granted);

/// A start under a grant that changes: advance() to each change, remaining() tells when it would end.
class Startup {
 public:
  explicit Startup(const StartupWork& work) : left_(work) {}
  /// `granted` held for `elapsed`. CPU work comes first; the wait runs after it.
  void advance(Duration elapsed, Cpu granted);
  /// Time still needed if `granted` holds from now on.
  Duration remaining(Cpu granted) const { return startup_time(left_, granted); }
  bool done() const { return left_.cpu == 0 && left_.wait.count() == 0; }
  /// CPU used so far can be told from this, ticks x microseconds.
  std::int64_t cpu_left() const { return left_.cpu; }

 private:
  StartupWork left_;
};

}  // namespace plimsoll::load
