#include "models/ecs/api/manifest_reader.h"
#include "models/ecs/platform.h"

namespace plimsoll::ecs {

void register_ecs(Registry& registry) {
  registry.add_platform(ecs_platform());
  registry.add_reader(api::ecs_manifest_reader());
  const std::string placement = "ECS developer guide, Amazon ECS task placement strategies";
  registry.add_policy({"placement strategy", "random", "any instance with room", placement, {}});
  registry.add_policy({"placement strategy",
                       "binpack",
                       "the instance with least of the field left that still fits",
                       placement,
                       {{"field", "", "cpu, memory", "none", placement}}});
  registry.add_policy({"placement strategy",
                       "spread",
                       "the value of the field with fewest tasks of the service",
                       placement,
                       {{"field", "", "zone, instance", "zone, then instance for services", placement}}});
  registry.add_policy({"replica scaler",
                       "target-tracking",
                       "ceil(running x metric / target) on two CloudWatch alarms",
                       "Application Auto Scaling user guide, target tracking",
                       {{"each.scale.cpu", "%", "1 to 100", "none", "scenario"},
                        {"scale-out cooldown", "s", "", "300", "Application Auto Scaling defaults for ECS"},
                        {"scale-in cooldown", "s", "", "300", "Application Auto Scaling defaults for ECS"}}});
  registry.add_policy({"node scaler",
                       "managed-scaling",
                       "target tracking on CapacityProviderReservation = M / N",
                       "ECS developer guide, managed scaling behavior",
                       {{"target", "%", "1 to 100", "100", "ECS API reference"},
                        {"minimumScalingStepSize", "instances", "1 to 10000", "1", "ECS API reference"},
                        {"maximumScalingStepSize", "instances", "1 to 10000", "10000", "ECS API reference"},
                        {"instanceWarmupPeriod", "s", "0 to 10000", "300", "ECS API reference"}}});
}

}  // namespace plimsoll::ecs
