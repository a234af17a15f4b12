#include "models/ecs/capacity_provider_rules.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "sim/core/text.h"

namespace plimsoll::ecs {

namespace {

bool is_provider_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

void check_capacity_providers(document::Fields& column, const CapacityPlan& capacity) {
  if (column.describing()) return;
  for (const CapacityProvider& p : capacity.providers) {
    if (!p.asg && !p.managed) continue;
    const std::string lower = to_lower(p.name);
    const bool kept = lower.starts_with("aws") || lower.starts_with("ecs") || lower.starts_with("fargate");
    if (kept || !is_provider_name(p.name))
      column.error("capacity", "The specified capacity provider name is invalid: '" + p.name + "'",
                   "up to 255 letters, digits, hyphens and underscores, not beginning with aws, ecs or fargate");
    if (p.asg && p.asg->managed_scaling && p.asg->scaling.minimum_step > p.asg->scaling.maximum_step)
      column.error("capacity", "The minimum or maximum scaling step size value is invalid: the minimum, " +
                                   std::to_string(p.asg->scaling.minimum_step) + ", is above the maximum, " +
                                   std::to_string(p.asg->scaling.maximum_step));
  }
}

}  // namespace plimsoll::ecs
