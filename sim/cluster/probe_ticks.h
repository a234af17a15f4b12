#pragma once
#include <algorithm>
#include <cstdint>

#include "sim/cluster/world.h"

namespace plimsoll {

/// The instants at which a probe looks: a period apart.
struct ProbeTicks {
  Time first;
  Duration period;
  Time at_or_after(Time t) const {
    if (period.count() <= 0) return std::max(first, t);
    if (t <= first) return first;
    return first + period * div_ceil((t - first).count(), period.count());
  }
  /// How many there are before t.
  std::int64_t before(Time t) const {
    return t <= first || period.count() <= 0 ? 0 : div_ceil((t - first).count(), period.count());
  }
  Time nth(std::int64_t n) const { return first + period * n; }
};

/// Ticks from the present run's start on, with a phase of their own drawn in the period.
inline ProbeTicks ticks_of(const World& world, const Pod& pod, const ContainerProbe& probe, std::uint32_t which) {
  std::uint64_t phase = 0;
  const HostProfile& profile = world.host_profiles[static_cast<std::size_t>(world.node(pod.node).host)];
  if (profile.probe_phase_random && probe.period.count() > 0) {
    phase = world.stream(world.entity(pod), Purpose::probe_phase)
                .below(static_cast<std::uint64_t>(probe.period.count()), pod.restarts, which);
  }
  return {pod.running + probe.initial_delay + Duration{static_cast<std::int64_t>(phase)}, probe.period};
}

}  // namespace plimsoll
