#include "models/aws/autoscaling/termination_policy.h"

#include <algorithm>
#include <utility>

namespace plimsoll::aws {
namespace {

using Choice = std::vector<std::size_t>;

/// Keeps the instances with the least key.
template <class Key>
void keep_least(Choice& choice, Key key) {
  auto best = key(choice.front());
  for (const std::size_t i : choice) best = std::min(best, key(i));
  std::erase_if(choice, [&](std::size_t i) { return key(i) != best; });
}

/// Keeps those for which `wanted` holds, if any does.
template <class Wanted>
void prefer(Choice& choice, Wanted wanted) {
  if (std::any_of(choice.begin(), choice.end(), wanted)) {
    std::erase_if(choice, [&](std::size_t i) { return !wanted(i); });
  }
}

/// What is left is to have the group's distribution, and of the side that gives way the pools that its strategy likes.
void align_to_strategy(Choice& choice, std::span<const GroupInstance> all, SurplusSide surplus) {
  if (surplus != SurplusSide::none)
    prefer(choice, [&](std::size_t i) { return all[i].spot == (surplus == SurplusSide::spot); });
  keep_least(choice, [&](std::size_t i) { return -all[i].strategy_rank; });
}

struct Zone {
  std::string_view name;
  std::int64_t instances = 0;
  bool has_unprotected = false;
};

/// The index of a zone, which is added when it is new. There are few, and instances of one mostly share the name's
/// bytes.
std::size_t zone_index(std::string_view name, std::vector<Zone>& zones) {
  for (std::size_t z = 0; z < zones.size(); ++z) {
    if (zones[z].name.data() == name.data() && zones[z].name.size() == name.size()) return z;
  }
  for (std::size_t z = 0; z < zones.size(); ++z) {
    if (zones[z].name == name) return z;
  }
  zones.push_back({name, 0, false});
  return zones.size() - 1;
}

void apply(TerminationPolicy policy, Choice& choice, std::span<const GroupInstance> all, SurplusSide surplus) {
  switch (policy) {
    case TerminationPolicy::default_policy:
      align_to_strategy(choice, all, surplus);
      prefer(choice, [&](std::size_t i) { return all[i].uses_launch_configuration; });
      keep_least(choice, [&](std::size_t i) { return all[i].launch_version; });
      keep_least(choice, [&](std::size_t i) { return all[i].to_next_billing_hour; });
      break;
    case TerminationPolicy::allocation_strategy:
      align_to_strategy(choice, all, surplus);
      break;
    case TerminationPolicy::oldest_launch_template:
      if (std::any_of(choice.begin(), choice.end(), [&](std::size_t i) { return !all[i].uses_launch_configuration; })) {
        std::erase_if(choice, [&](std::size_t i) { return all[i].uses_launch_configuration; });
        keep_least(choice, [&](std::size_t i) { return all[i].launch_version; });
      }
      break;
    case TerminationPolicy::oldest_launch_configuration:
      if (std::any_of(choice.begin(), choice.end(), [&](std::size_t i) { return all[i].uses_launch_configuration; })) {
        std::erase_if(choice, [&](std::size_t i) { return !all[i].uses_launch_configuration; });
        keep_least(choice, [&](std::size_t i) { return all[i].launch_version; });
      }
      break;
    case TerminationPolicy::closest_to_next_instance_hour:
      keep_least(choice, [&](std::size_t i) { return all[i].to_next_billing_hour; });
      break;
    case TerminationPolicy::newest_instance:
      keep_least(choice, [&](std::size_t i) { return all[i].age; });
      break;
    case TerminationPolicy::oldest_instance:
      keep_least(choice, [&](std::size_t i) { return -all[i].age; });
      break;
  }
}

}  // namespace

std::optional<TerminationPolicy> termination_policy(std::string_view name) {
  constexpr std::pair<std::string_view, TerminationPolicy> kNames[] = {
      {"Default", TerminationPolicy::default_policy},
      {"AllocationStrategy", TerminationPolicy::allocation_strategy},
      {"OldestLaunchTemplate", TerminationPolicy::oldest_launch_template},
      {"OldestLaunchConfiguration", TerminationPolicy::oldest_launch_configuration},
      {"ClosestToNextInstanceHour", TerminationPolicy::closest_to_next_instance_hour},
      {"NewestInstance", TerminationPolicy::newest_instance},
      {"OldestInstance", TerminationPolicy::oldest_instance}};
  for (const auto& [text, policy] : kNames) {
    if (text == name) return policy;
  }
  return std::nullopt;
}

std::optional<std::size_t> choose_termination(std::span<const GroupInstance> instances,
                                              std::span<const TerminationPolicy> policies, SurplusSide surplus,
                                              const std::function<std::size_t(std::size_t)>& pick) {
  std::vector<Zone> zones;
  std::vector<std::uint32_t> zone_of(instances.size());
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const std::size_t z = zone_index(instances[i].zone, zones);
    zone_of[i] = static_cast<std::uint32_t>(z);
    ++zones[z].instances;
    zones[z].has_unprotected = zones[z].has_unprotected || !instances[i].is_protected;
  }
  std::int64_t most = 0;
  for (const Zone& z : zones) most = std::max(most, z.has_unprotected ? z.instances : 0);
  if (most == 0) return std::nullopt;
  Choice choice;
  choice.reserve(instances.size());
  for (std::size_t i = 0; i < instances.size(); ++i) {
    if (!instances[i].is_protected && zones[zone_of[i]].instances == most) choice.push_back(i);
  }
  for (const TerminationPolicy p : policies) apply(p, choice, instances, surplus);
  return choice[choice.size() == 1 ? 0 : pick(choice.size())];
}

}  // namespace plimsoll::aws
