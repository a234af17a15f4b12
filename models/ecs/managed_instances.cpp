#include "models/ecs/managed_instances.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <type_traits>

#include "models/ecs/controllers/task_constraints.h"
#include "sim/core/text.h"
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

/// Reads {min, max}, either of which may be absent; whether the key is there.
template <class T>
bool read_between(document::Fields& f, const char* key, const char* doc, Between<T>& out) {
  auto b = f.optional_child(key, doc);
  if (!b) return false;
  const auto end = [&](const char* name, const char* what) {
    if constexpr (std::is_same_v<T, double>) {
      return b->optional_number(name, what, {0, 1e9});
    } else {
      return b->optional_integer(name, what, {0, INT64_C(1'000'000'000'000)});
    }
  };
  out = {};
  if (const auto least = end("min", "at least")) out.minimum = *least;
  if (const auto most = end("max", "at most; without it no limit")) out.maximum = *most;
  if (out.minimum > out.maximum) b->error("max", "max is below min");
  return f.has(key);
}

/// One or several of these words.
std::vector<std::string> words(document::Fields& f, const char* key, std::initializer_list<std::string_view> known) {
  std::string forms;
  for (const std::string_view word : known) forms += (forms.empty() ? "" : ", ") + std::string(word);
  std::vector<std::string> out = f.texts(key, "one or several of " + forms);
  if (f.describing()) return {};
  for (const std::string& word : out) {
    if (std::find(known.begin(), known.end(), word) == known.end())
      f.error(key, "'" + word + "' is none of " + forms,
              "did you mean '" + nearest(word, std::vector<std::string_view>(known)) + "'?");
  }
  return out;
}

/// What the API has and no type is judged by.
void warn_of_others(document::Fields& f) {
  std::string there;
  for (const char* key : {"acceleratorTypes", "acceleratorCount", "acceleratorManufacturers", "acceleratorNames",
                          "acceleratorTotalMemoryMiB", "localStorageTypes", "requireHibernateSupport",
                          "spotMaxPricePercentageOverLowestPrice", "onDemandMaxPricePercentageOverLowestPrice",
                          "maxSpotPriceAsPercentageOfOptimalOnDemandPrice"}) {
    if (f.has(key)) there += (there.empty() ? "" : ", ") + std::string(key);
    f.ignore(key);
  }
  if (!there.empty() && !f.describing())
    f.warning("", there +
                      " of instanceRequirements is not modelled: types are chosen without it, by price alone and "
                      "without accelerators");
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
  r.vcpu.minimum = f.integer("vCpuCountMin", 1, "assumed; the API requires it", "vCPUs", {1, 1024});
  r.vcpu.maximum = f.integer("vCpuCountMax", 1024, "no limit", "vCPUs", {1, 1024});
  r.memory.minimum = f.bytes("memoryMin", mebibytes(512), "assumed; the API requires it", "memory");
  r.memory.maximum = f.bytes("memoryMax", gibibytes(32768), "no limit", "memory");
  // The same two in the API's own form.
  read_between(f, "vCpuCount", "{min, max}, as the API has it", r.vcpu);
  Between<std::int64_t> mib;
  if (read_between(f, "memoryMiB", "{min, max}, as the API has it", mib))
    r.memory = {mebibytes(mib.minimum), mebibytes(std::min<std::int64_t>(mib.maximum, 32768LL * 1024))};
  for (const auto& [own, other] : {std::pair("vCpuCount", "vCpuCountMin"), std::pair("vCpuCount", "vCpuCountMax"),
                                   std::pair("memoryMiB", "memoryMin"), std::pair("memoryMiB", "memoryMax")}) {
    if (f.has(own) && f.has(other)) f.error(other, std::string(own) + " says it already", "remove one of the two");
  }
  read_between(f, "memoryGiBPerVCpu", "{min, max}", r.memory_per_vcpu);
  read_between(f, "networkInterfaceCount", "{min, max}", r.interfaces);
  read_between(f, "networkBandwidthGbps", "{min, max} of the baseline", r.network_gbps);
  read_between(f, "baselineEbsBandwidthMbps", "{min, max}", r.ebs_mbps);
  read_between(f, "totalLocalStorageGB", "{min, max}", r.local_gb);
  r.allowed = f.texts("allowedInstanceTypes", "types that may be chosen: names, or the start of one and *");
  r.excluded = f.texts("excludedInstanceTypes", "types that may not be chosen");
  if (!r.allowed.empty() && !r.excluded.empty())
    f.error("excludedInstanceTypes", "allowedInstanceTypes and excludedInstanceTypes cannot be given together");
  r.manufacturers = words(f, "cpuManufacturers", {"intel", "amd", "amazon-web-services"});
  const auto inclusion = [&f](const char* key, Inclusion fallback, const char* doc) {
    return f.choice<Inclusion>(
        key, {{"excluded", Inclusion::excluded}, {"included", Inclusion::included}, {"required", Inclusion::required}},
        fallback, "EC2 API default", doc);
  };
  const Inclusion burstable = inclusion("burstablePerformance", Inclusion::excluded, "T types");
  if (f.has("burstablePerformance")) r.burstable = burstable;
  r.bare_metal = inclusion("bareMetal", Inclusion::excluded, "types without a hypervisor");
  r.local_storage = inclusion("localStorage", Inclusion::included, "types with disks of their own");
  const std::vector<std::string> generations = words(f, "instanceGenerations", {"current", "previous", "any"});
  if (!generations.empty()) {
    const auto says = [&](const char* word) {
      return std::find(generations.begin(), generations.end(), word) != generations.end();
    };
    r.current_generations = says("current") || says("any");
    r.previous_generations = says("previous") || says("any");
  }
  warn_of_others(f);
  return r;
}

bool InstanceRequirements::admits(const aws::InstanceType& type) const {
  const auto named = [&](const std::vector<std::string>& patterns) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& p) { return matches_pattern(p, type.name); });
  };
  const auto agrees = [](Inclusion wanted, bool is) {
    return wanted == Inclusion::included || is == (wanted == Inclusion::required);
  };
  if (type.arch != architecture || type.gpu_count > 0 || type.accelerator_count > 0) return false;
  if (!vcpu.holds(type.vcpu) || !memory.holds(type.memory)) return false;
  const double gib = static_cast<double>(type.memory.raw()) / static_cast<double>(kMiB * 1024);
  if (!memory_per_vcpu.holds(gib / static_cast<double>(std::max<std::int64_t>(type.vcpu, 1)))) return false;
  if (!interfaces.holds(type.total_enis) || !ebs_mbps.holds(type.ebs_base_mbps) || !local_gb.holds(type.local_nvme_gb))
    return false;
  if (!network_gbps.holds(static_cast<double>(type.net_baseline_mbps) / 1000)) return false;
  if (!agrees(bare_metal, type.bare_metal) || !agrees(local_storage, type.local_nvme_gb > 0)) return false;
  const std::string_view maker = type.cpu_vendor == "aws" ? "amazon-web-services" : type.cpu_vendor;
  if (!manufacturers.empty() && std::find(manufacturers.begin(), manufacturers.end(), maker) == manufacturers.end())
    return false;
  const bool chosen = !allowed.empty();
  if (chosen ? !named(allowed) : named(excluded)) return false;
  if (!agrees(burstable.value_or(chosen ? Inclusion::included : Inclusion::excluded), type.burstable)) return false;
  return type.current_generation ? current_generations.value_or(true) : previous_generations.value_or(chosen);
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
