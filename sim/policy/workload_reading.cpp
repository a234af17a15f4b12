#include "sim/policy/workload_reading.h"

namespace plimsoll {

WorkloadReading read_workload(const World& world, WorkloadId id) {
  const Workload& w = world.workload(id);
  WorkloadReading r;
  r.at = world.now();
  r.usage = world.usage[id.index()];
  r.serving = w.serving;
  r.started = w.started;
  r.pending = static_cast<std::int64_t>(w.pods.size()) - w.started - w.stopping;
  r.desired = w.desired;
  return r;
}

double mean_memory(const Workload& workload, const WorkloadReading& before, const WorkloadReading& now) {
  const auto span = static_cast<double>((now.at - before.at).count());
  if (span <= 0) return 0;
  const auto pods = static_cast<double>(now.usage.started_time - before.usage.started_time) / span;
  const auto in_flight = static_cast<double>(now.usage.in_flight - before.usage.in_flight) / span / 1e6;
  return pods * static_cast<double>(workload.memory_used.raw()) +
         in_flight * static_cast<double>(workload.memory_per_request.raw());
}

double measure(Measure what, const Workload& workload, const WorkloadReading& before, const WorkloadReading& now) {
  const auto span = static_cast<double>((now.at - before.at).count());
  const auto rate = [&](std::int64_t a, std::int64_t b) { return span > 0 ? static_cast<double>(b - a) / span : 0.0; };
  switch (what) {
    case Measure::arrived:  // micro-requests per microsecond are requests a second
      return rate(before.usage.arrived, now.usage.arrived);
    case Measure::served:
      return rate(before.usage.served, now.usage.served);
    case Measure::lost:
      // One that was answered with an error is lost to whoever asked.
      return rate(before.usage.lost + before.usage.failed, now.usage.lost + now.usage.failed);
    case Measure::backlog:
      return static_cast<double>(now.usage.backlog) / 1e6;
    case Measure::in_flight:
      return span > 0 ? static_cast<double>(now.usage.in_flight - before.usage.in_flight) / span / 1e6 : 0.0;
    case Measure::cpu: {
      const __int128 used =
          now.usage.cpu_serving + now.usage.cpu_starting - before.usage.cpu_serving - before.usage.cpu_starting;
      return span > 0 ? static_cast<double>(used) / span / static_cast<double>(kCpuTicksPerVcpu) : 0.0;
    }
    case Measure::memory:
      return mean_memory(workload, before, now);
    case Measure::replicas:
      return static_cast<double>(now.serving);
    case Measure::running:
      return static_cast<double>(now.started);
    case Measure::desired:
      return static_cast<double>(now.desired);
  }
  return 0;
}

}  // namespace plimsoll
