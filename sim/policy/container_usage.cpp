#include "sim/policy/container_usage.h"

#include <algorithm>

namespace plimsoll {

namespace {

/// The smaller of two limits of which 0 is none.
template <class Q>
Q lower(Q a, Q b) {
  if (a.raw() == 0 || b.raw() == 0) return Q{std::max(a.raw(), b.raw())};
  return Q{std::min(a.raw(), b.raw())};
}

std::int64_t scaled(std::int64_t value, std::int64_t times, std::int64_t over) {
  return static_cast<std::int64_t>(static_cast<__int128>(value) * times / over);
}

}  // namespace

PodBounds pod_bounds(const WorkloadSpec& spec, const std::vector<ContainerUsage>& containers, const PodSize& size,
                     bool pod_limits) {
  PodBounds out;
  out.cpu_limit = size.cpu_limit.value_or(Cpu{});
  out.memory_limit = size.memory_limit.value_or(Bytes{});
  out.resident = resident_memory(spec, size);
  out.per_request = spec.per_request;
  if (!spec.containers_said || containers.empty()) return out;
  if (!pod_limits) {
    out.cpu_limit = {};
    out.memory_limit = {};
  }
  out.resident = out.per_request = {};
  for (const ContainerUsage& c : containers) {
    out.resident += c.memory;
    out.per_request += c.per_request;
  }
  for (const ContainerUsage& c : containers) {
    if (c.size.cpu_limit && c.size.cpu_limit->raw() > 0 && c.cpu.raw() > 0)
      out.cpu_limit =
          lower(out.cpu_limit, Cpu{std::max<std::int64_t>(1, scaled(c.size.cpu_limit->raw(), 1'000'000, c.cpu.raw()))});
    if (!c.size.memory_limit || c.size.memory_limit->raw() == 0) continue;
    const std::int64_t room = c.size.memory_limit->raw() - c.memory.raw();
    if (room < 0) {
      out.memory_limit = lower(out.memory_limit, Bytes{std::max<std::int64_t>(1, out.resident.raw() + room)});
    } else if (c.per_request.raw() > 0) {
      const std::int64_t growth = scaled(room, out.per_request.raw(), c.per_request.raw());
      out.memory_limit = lower(out.memory_limit, Bytes{out.resident.raw() + growth});
    }
  }
  return out;
}

}  // namespace plimsoll
