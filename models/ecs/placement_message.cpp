#include "models/ecs/placement_message.h"

namespace plimsoll::ecs {

namespace {

/// After "The closest matching (container-instance ...) ".
std::string obstacle(PlacementReason reason) {
  switch (reason) {
    case PlacementReason::cpu:
      return "has insufficient CPU units available";
    case PlacementReason::memory:
      return "has insufficient memory available";
    case PlacementReason::ports:
      return "is already using a port required by your task";
    case PlacementReason::attribute:
      return "is missing an attribute required by your task";
    case PlacementReason::member_of:
      return "encountered error \"MemberOf placement constraint unsatisfied\"";
    case PlacementReason::distinct_instance:
      return "encountered error \"DistinctInstance placement constraint unsatisfied\"";
    default:
      return "encountered error \"" + std::string(to_string(reason)) + "\"";
  }
}

}  // namespace

std::string unable_to_place(std::string_view group, const InstanceColumns& instances, const TaskNeed& need,
                            const std::function<std::string(std::uint32_t)>& name_of) {
  std::string text = "service " + std::string(group) +
                     " was unable to place a task because no container instance met all of its requirements. ";
  std::uint32_t closest = 0;
  std::size_t candidates = 0;
  std::optional<PlacementReason> furthest;
  for (std::uint32_t i = 0; i < instances.size(); ++i) {
    const auto reason = first_failure(instances, need, i);
    if (reason == PlacementReason::not_active || reason == PlacementReason::other_provider) continue;
    ++candidates;
    if (!reason || (furthest && *reason <= *furthest)) continue;
    furthest = reason;
    closest = i;
  }
  if (candidates == 0) return text + "Reason: No Container Instances were found in your cluster";
  if (!furthest) return text;
  text += "The closest matching (container-instance " + name_of(closest) + ") " + obstacle(*furthest);
  const PlacementFailures failures = explain_failures(instances, need);
  std::string counts;
  for (auto r = static_cast<std::size_t>(PlacementReason::agent); r < kPlacementReasonCount; ++r) {
    if (failures.count[r] == 0) continue;
    counts += (counts.empty() ? "" : ", ") + std::to_string(failures.count[r]) + " " +
              std::string(to_string(static_cast<PlacementReason>(r)));
  }
  return text + " (" + std::to_string(candidates) + (candidates == 1 ? " instance: " : " instances: ") + counts + ")";
}

}  // namespace plimsoll::ecs
