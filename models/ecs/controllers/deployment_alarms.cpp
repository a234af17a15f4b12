#include "models/ecs/controllers/deployment_alarms.h"

#include <algorithm>

#include "models/aws/cloudwatch/cloudwatch.h"

namespace plimsoll::ecs {

bool any_in_alarm(World& world, const std::vector<std::string>& names) {
  const auto* cloudwatch = names.empty() ? nullptr : world.find_component<aws::CloudWatch>();
  if (cloudwatch == nullptr) return false;
  for (std::size_t i = 0; i < cloudwatch->alarm_count(); ++i) {
    const aws::AlarmId alarm{i};
    if (cloudwatch->state(alarm) == aws::AlarmState::alarm &&
        std::find(names.begin(), names.end(), cloudwatch->name(alarm)) != names.end())
      return true;
  }
  return false;
}

}  // namespace plimsoll::ecs
