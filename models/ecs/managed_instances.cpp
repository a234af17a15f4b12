#include "models/ecs/managed_instances.h"

#include <algorithm>

#include "models/ecs/controllers/task_constraints.h"
#include "sim/policy/faults.h"

namespace plimsoll::ecs {

namespace {

constexpr Resource kPacked[] = {Resource::cpu, Resource::memory, Resource::enis};

bool fits(const ResourceVector& room, const ResourceVector& task) {
  return std::all_of(std::begin(kPacked), std::end(kPacked), [&](Resource r) { return task[r] <= room[r]; });
}

void take(ResourceVector& room, const ResourceVector& task) {
  for (const Resource r : kPacked) room[r] -= task[r];
}

/// Largest first: by memory, then CPU.
void sort_tasks(std::vector<ResourceVector>& tasks) {
  std::stable_sort(tasks.begin(), tasks.end(), [](const ResourceVector& a, const ResourceVector& b) {
    if (a.memory() != b.memory()) return a.memory() > b.memory();
    return a.cpu() > b.cpu();
  });
}

/// What an instance of the type registers.
std::vector<std::pair<std::string_view, std::string_view>> attributes_of(const ManagedType& type,
                                                                         std::string_view zone) {
  std::vector<std::pair<std::string_view, std::string_view>> out{
      {"ecs.instance-type", type.type->name},
      {"ecs.availability-zone", zone},
      {"ecs.os-type", "linux"},
      {"ecs.os-family", "LINUX"},
      {kArchitectureAttribute, aws::to_string(type.type->arch)}};
  for (const std::string_view capability : kCapabilities) out.emplace_back(capability, std::string_view{});
  return out;
}

/// Takes room in the first instance that has it.
bool place_one(std::vector<ResourceVector>& free, const ResourceVector& task) {
  for (ResourceVector& room : free) {
    if (!fits(room, task)) continue;
    take(room, task);
    return true;
  }
  return false;
}

}  // namespace

InstanceRequirements InstanceRequirements::read(document::Fields& f) {
  InstanceRequirements r;
  r.vcpu_minimum = f.integer("vCpuCountMin", 1, "assumed; the API requires it", "vCPUs", {1, 1024});
  r.vcpu_maximum = f.integer("vCpuCountMax", 1024, "no limit", "vCPUs", {1, 1024});
  r.memory_minimum = f.bytes("memoryMin", mebibytes(512), "assumed; the API requires it", "memory");
  r.memory_maximum = f.bytes("memoryMax", gibibytes(32768), "no limit", "memory");
  r.allowed = f.texts("allowedInstanceTypes", "types that may be chosen: names, or the start of one and *");
  r.excluded = f.texts("excludedInstanceTypes", "types that may not be chosen");
  if (!r.allowed.empty() && !r.excluded.empty())
    f.error("excludedInstanceTypes", "allowedInstanceTypes and excludedInstanceTypes cannot be given together");
  r.burstable = f.choice<bool>("burstablePerformance", {{"excluded", false}, {"included", true}}, false,
                               "EC2 API default excluded", "T types");
  r.previous_generations =
      f.choice<bool>("instanceGenerations", {{"current", false}, {"any", true}}, false,
                     "current generations; AWS's own default is not published", "generations that may be chosen");
  return r;
}

bool InstanceRequirements::admits(const aws::InstanceType& type) const {
  const auto named = [&](const std::vector<std::string>& patterns) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& p) { return matches_pattern(p, type.name); });
  };
  if (type.arch != architecture || type.bare_metal || type.gpu_count > 0 || type.accelerator_count > 0) return false;
  if (type.vcpu < vcpu_minimum || type.vcpu > vcpu_maximum) return false;
  if (type.memory < memory_minimum || type.memory > memory_maximum) return false;
  if (!allowed.empty()) return named(allowed);
  return !named(excluded) && (burstable || !type.burstable) && (previous_generations || type.current_generation);
}

bool managed_type_meets(const ManagedType& type, std::string_view zone, std::span<const ClusterQuery> expressions,
                        Time registered) {
  const auto attributes = attributes_of(type, zone);
  QueryInstance instance;
  instance.attributes = attributes;
  instance.agent_version = "1.105.1";
  instance.agent_connected = true;
  instance.registered_at = to_microseconds(registered);
  return std::all_of(expressions.begin(), expressions.end(),
                     [&](const ClusterQuery& q) { return q.matches(instance); });
}

bool managed_type_could_meet(const ManagedType& type, std::string_view zone,
                             std::span<const ClusterQuery> expressions) {
  const auto attributes = attributes_of(type, zone);
  QueryInstance instance;
  instance.attributes = attributes;
  return std::all_of(expressions.begin(), expressions.end(),
                     [&](const ClusterQuery& q) { return q.could_match(instance); });
}

bool pack_into(std::vector<ResourceVector>& free, std::vector<ResourceVector> tasks) {
  sort_tasks(tasks);
  return std::all_of(tasks.begin(), tasks.end(), [&](const ResourceVector& t) { return place_one(free, t); });
}

std::optional<ManagedLaunch> plan_managed_launch(std::span<const ManagedType> types,
                                                 std::vector<ResourceVector> tasks) {
  std::erase_if(tasks, [&](const ResourceVector& t) {
    return std::none_of(types.begin(), types.end(), [&](const ManagedType& m) { return fits(m.registered, t); });
  });
  if (tasks.empty()) return std::nullopt;
  sort_tasks(tasks);
  std::optional<ManagedLaunch> best;
  __int128 best_cost = 0;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const ManagedType& type = types[i];
    if (!std::all_of(tasks.begin(), tasks.end(), [&](const ResourceVector& t) { return fits(type.registered, t); }))
      continue;
    std::vector<ResourceVector> bins;
    bool dearer = false;
    for (const ResourceVector& t : tasks) {
      if (place_one(bins, t)) continue;
      bins.push_back(type.registered);
      take(bins.back(), t);
      dearer = best && static_cast<__int128>(type.price.raw()) * static_cast<std::int64_t>(bins.size()) > best_cost;
      if (dearer) break;
    }
    if (dearer) continue;
    const auto count = static_cast<std::int64_t>(bins.size());
    const __int128 cost = static_cast<__int128>(type.price.raw()) * count;
    if (!best || cost < best_cost || (cost == best_cost && count < best->count)) {
      best = ManagedLaunch{i, count};
      best_cost = cost;
    }
  }
  // No single type holds them all: those of the largest task first, the others in the next round.
  if (!best) return plan_managed_launch(types, {tasks.front()});
  return best;
}

}  // namespace plimsoll::ecs
