#pragma once

#include <chrono>
#include <cstdint>

namespace plimsoll {

/// The simulation clock: int64 microseconds since the start of the simulated span. It has no now(): time is an
/// argument.
struct SimClock {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<SimClock, duration>;
  static constexpr bool is_steady = true;
};

using Duration = SimClock::duration;
using Time = SimClock::time_point;

inline constexpr Time kTimeZero{};
/// Later than every instant a run can reach.
inline constexpr Time kTimeNever = Time::max();

constexpr Duration microseconds(std::int64_t n) { return Duration{n}; }
constexpr Duration milliseconds(std::int64_t n) { return Duration{n * 1'000}; }
constexpr Duration seconds(std::int64_t n) { return Duration{n * 1'000'000}; }
constexpr Duration minutes(std::int64_t n) { return Duration{n * 60'000'000}; }
constexpr Duration hours(std::int64_t n) { return Duration{n * 3'600'000'000}; }

constexpr std::int64_t to_microseconds(Duration d) { return d.count(); }
constexpr std::int64_t to_microseconds(Time t) { return t.time_since_epoch().count(); }
constexpr double to_seconds(Duration d) { return static_cast<double>(d.count()) * 1e-6; }
constexpr double to_seconds(Time t) { return to_seconds(t.time_since_epoch()); }

/// Nearest microsecond, halves away from zero. @pre s is finite and |s| < 9e12.
constexpr Duration from_seconds(double s) {
  return Duration{static_cast<std::int64_t>(s * 1e6 + (s < 0 ? -0.5 : 0.5))};
}

}  // namespace plimsoll
