#include <algorithm>

#include "models/ecs/placement.h"

namespace plimsoll::ecs {
namespace {

bool ports_free(const InstanceColumns& instances, const TaskNeed& need, std::size_t i) {
  if (instances.used_ports.empty()) return true;
  const auto& used = instances.used_ports[i];
  return std::none_of(need.host_ports.begin(), need.host_ports.end(),
                      [&](PortKey p) { return std::find(used.begin(), used.end(), p) != used.end(); });
}

bool enough(std::span<const std::int64_t> free, std::int64_t wanted, std::size_t i) {
  return wanted <= 0 || (!free.empty() && free[i] >= wanted);
}

}  // namespace

std::string_view to_string(PlacementReason reason) {
  switch (reason) {
    case PlacementReason::not_active:
      return "NOT_ACTIVE";
    case PlacementReason::other_provider:
      return "OTHER_CAPACITY_PROVIDER";
    case PlacementReason::agent:
      return "AGENT";
    case PlacementReason::attribute:
      return "ATTRIBUTE";
    case PlacementReason::cpu:
      return "RESOURCE:CPU";
    case PlacementReason::memory:
      return "RESOURCE:MEMORY";
    case PlacementReason::gpu:
      return "RESOURCE:GPU";
    case PlacementReason::ports:
      return "RESOURCE:PORTS";
    case PlacementReason::eni:
      return "RESOURCE:ENI";
    case PlacementReason::distinct_instance:
      return "DISTINCT_INSTANCE";
    case PlacementReason::member_of:
      return "MEMBER_OF";
  }
  return "";
}

PlacementReason PlacementFailures::most_frequent() const {
  return static_cast<PlacementReason>(std::max_element(count.begin(), count.end()) - count.begin());
}

void find_feasible(const InstanceColumns& instances, const TaskNeed& need, PlacementScratch& scratch) {
  const std::size_t n = instances.size();
  if (scratch.passing.size() < n) scratch.passing.resize(n);
  std::uint32_t* const passing = scratch.passing.data();
  const std::int64_t cpu = need.cpu.raw();
  const std::int64_t memory = need.memory.raw();
  std::size_t kept = 0;
  // CPU and memory decide nearly always: one pass without branches, then the rest on what is left.
  const auto look_at = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      passing[kept] = static_cast<std::uint32_t>(i);
      const int usable = instances.usable[i] != 0 ? 1 : 0;
      const int has_cpu = instances.free_cpu[i] >= cpu ? 1 : 0;
      const int has_memory = instances.free_memory[i] >= memory ? 1 : 0;
      kept += static_cast<std::size_t>(usable & has_cpu & has_memory);
    }
  };
  if (instances.block_free_cpu.empty()) {
    look_at(0, n);
  } else {
    for (std::size_t b = 0; b * kInstanceBlock < n; ++b) {
      if (instances.block_free_cpu[b] >= cpu) look_at(b * kInstanceBlock, std::min(n, (b + 1) * kInstanceBlock));
    }
  }
  auto& out = scratch.candidates;
  out.assign(passing, passing + kept);
  const auto keep_if = [&out](auto&& holds) {
    std::size_t k = 0;
    for (const std::uint32_t i : out) {
      out[k] = i;
      k += holds(i) ? 1 : 0;
    }
    out.resize(k);
  };
  if (need.enis > 0) keep_if([&](std::uint32_t i) { return enough(instances.free_enis, need.enis, i); });
  if (need.gpus > 0) keep_if([&](std::uint32_t i) { return enough(instances.free_gpus, need.gpus, i); });
  if (!need.host_ports.empty()) keep_if([&](std::uint32_t i) { return ports_free(instances, need, i); });
  if (!need.has_attributes.empty()) keep_if([&](std::uint32_t i) { return need.has_attributes[i] != 0; });
  if (need.distinct_instance) keep_if([&](std::uint32_t i) { return instances.group_tasks[i] == 0; });
  if (!need.member_of.empty()) keep_if([&](std::uint32_t i) { return need.member_of[i] != 0; });
}

std::optional<PlacementReason> first_failure(const InstanceColumns& instances, const TaskNeed& need, std::size_t i) {
  if (instances.usable[i] == 0) {
    const NoCandidate why = instances.no_candidate.empty() ? NoCandidate::no : instances.no_candidate[i];
    return why == NoCandidate::not_active       ? PlacementReason::not_active
           : why == NoCandidate::other_provider ? PlacementReason::other_provider
                                                : PlacementReason::agent;
  }
  if (!need.has_attributes.empty() && need.has_attributes[i] == 0) return PlacementReason::attribute;
  if (instances.free_cpu[i] < need.cpu.raw()) return PlacementReason::cpu;
  if (instances.free_memory[i] < need.memory.raw()) return PlacementReason::memory;
  if (!enough(instances.free_gpus, need.gpus, i)) return PlacementReason::gpu;
  if (!need.host_ports.empty() && !ports_free(instances, need, i)) return PlacementReason::ports;
  if (!enough(instances.free_enis, need.enis, i)) return PlacementReason::eni;
  if (need.distinct_instance && instances.group_tasks[i] > 0) return PlacementReason::distinct_instance;
  if (!need.member_of.empty() && need.member_of[i] == 0) return PlacementReason::member_of;
  return std::nullopt;
}

PlacementFailures explain_failures(const InstanceColumns& instances, const TaskNeed& need) {
  PlacementFailures failures;
  failures.no_active_instances = true;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    if (instances.usable[i] != 0) failures.no_active_instances = false;
    if (const auto reason = first_failure(instances, need, i)) ++failures.count[static_cast<std::size_t>(*reason)];
  }
  return failures;
}

}  // namespace plimsoll::ecs
