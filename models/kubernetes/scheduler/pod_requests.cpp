#include "models/kubernetes/scheduler/pod_requests.h"

#include <algorithm>

namespace plimsoll::kubernetes {

namespace {

struct Amounts {
  std::int64_t cpu = 0, memory = 0, ephemeral = 0, nonzero_cpu = 0, nonzero_memory = 0;
  ExtendedResources extended;
};

std::int64_t& entry(ExtendedResources& list, NameId name) {
  const auto at =
      std::lower_bound(list.begin(), list.end(), name, [](const auto& e, NameId key) { return e.first < key; });
  if (at != list.end() && at->first == name) return at->second;
  return list.insert(at, {name, 0})->second;
}

Amounts amounts_of(const ContainerRequests& c) {
  Amounts a;
  a.cpu = c.cpu.value_or(Cpu{}).raw();
  a.memory = c.memory.value_or(Bytes{}).raw();
  a.ephemeral = c.ephemeral_storage.value_or(Bytes{}).raw();
  a.nonzero_cpu = c.cpu.value_or(kDefaultNonzeroCpu).raw();
  a.nonzero_memory = c.memory.value_or(kDefaultNonzeroMemory).raw();
  for (const auto& [name, amount] : c.extended) entry(a.extended, name) += amount;
  return a;
}

template <class F>
void combine(Amounts& into, const Amounts& from, F&& f) {
  f(into.cpu, from.cpu);
  f(into.memory, from.memory);
  f(into.ephemeral, from.ephemeral);
  f(into.nonzero_cpu, from.nonzero_cpu);
  f(into.nonzero_memory, from.nonzero_memory);
  for (const auto& [name, amount] : from.extended) f(entry(into.extended, name), amount);
}

void add(Amounts& into, const Amounts& from) {
  combine(into, from, [](std::int64_t& a, std::int64_t b) { a += b; });
}

}  // namespace

void set_requests(PodShape& shape, std::span<const ContainerRequests> containers,
                  std::span<const ContainerRequests> init_containers, const ContainerRequests& overhead) {
  Amounts sum, sidecars, peak;
  for (const ContainerRequests& c : containers) add(sum, amounts_of(c));
  const auto raise = [](std::int64_t& a, std::int64_t b) { a = std::max(a, b); };
  for (const ContainerRequests& c : init_containers) {
    Amounts during = amounts_of(c);
    if (c.sidecar) {
      add(sidecars, during);
      during = sidecars;
    } else {
      add(during, sidecars);
    }
    combine(peak, during, raise);
  }
  add(sum, sidecars);
  combine(sum, peak, raise);
  // Overhead names what it adds; nothing is defaulted.
  sum.cpu += overhead.cpu.value_or(Cpu{}).raw();
  sum.nonzero_cpu += overhead.cpu.value_or(Cpu{}).raw();
  sum.memory += overhead.memory.value_or(Bytes{}).raw();
  sum.nonzero_memory += overhead.memory.value_or(Bytes{}).raw();
  sum.ephemeral += overhead.ephemeral_storage.value_or(Bytes{}).raw();
  for (const auto& [name, amount] : overhead.extended) entry(sum.extended, name) += amount;

  shape.requests[Resource::cpu] = sum.cpu;
  shape.requests[Resource::memory] = sum.memory;
  shape.requests[Resource::ephemeral_storage] = sum.ephemeral;
  shape.requests[Resource::pods] = 1;
  shape.extended = std::move(sum.extended);
  shape.nonzero_cpu = sum.nonzero_cpu;
  shape.nonzero_memory = sum.nonzero_memory;
  shape.overhead_cpu = overhead.cpu.value_or(Cpu{}).raw();
  shape.requests_anything = sum.cpu > 0 || sum.memory > 0 || sum.ephemeral > 0 || !shape.extended.empty();
  shape.container_count = containers.size();
}

}  // namespace plimsoll::kubernetes
