#pragma once

#include <string>
#include <vector>

#include "models/aws/controllers/meters.h"
#include "models/aws/price_book.h"
#include "models/ecs/capacity_plan.h"
#include "models/ecs/container_lifecycle.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// Tasks whose definition says runtimePlatform.operatingSystemFamily WINDOWS_*. On Fargate they cost more a vCPU and
/// GB, a licence fee a vCPU, and five minutes at least. SOURCE: AWS Fargate pricing page, "Fargate with Windows
/// containers"; ECS developer guide, "Amazon ECS task definition differences for Fargate" (sizes of 1, 2 and 4 vCPU; no
/// Fargate Spot). Left out: container instances with Windows, whose licence is in their price.
struct WindowsTasks {
  std::vector<bool> is_windows;  ///< by app, then by job
  Rate vcpu_hour, gb_hour, licence_hour;

  /// A column without Fargate, or with Fargate Spot, refuses them, with the reason. Prices are read only when there are
  /// such tasks.
  static WindowsTasks read(document::Fields& column, const Setting& setting, aws::PriceBook& prices,
                           const CapacityPlan& capacity, const std::vector<ContainerLifecycle>& lifecycles);
  bool any() const;
  /// Adds their lines to the bill. @pre any().
  aws::FargateLines lines(BuildContext& context) const;
};

}  // namespace plimsoll::ecs
