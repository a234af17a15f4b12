#pragma once

#include <cstdint>
#include <vector>

#include "models/aws/controllers/meters.h"
#include "models/aws/price_book.h"
#include "models/ecs/capacity_plan.h"
#include "models/ecs/container_lifecycle.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// The lines of a Linux task of x86_64 on Fargate, and on Fargate Spot where the column has it.
aws::FargateLines usual_fargate_lines(BuildContext& context, const CapacityPlan& capacity);

/// What task definitions say that changes the price of a task on Fargate besides its size: runtimePlatform
/// .cpuArchitecture ARM64 (a cheaper vCPU and GB) and ephemeralStorage.sizeInGiB (what is beyond 20 GiB is paid by the
/// GB-hour, at the same rate with Fargate Spot). Where the price list has no Spot rate of ARM64, it is as much below
/// the on-demand rate as that of x86_64. SOURCE: AWS Fargate pricing page; ECS developer guide, "Working with 64-bit
/// ARM workloads" and "Fargate task ephemeral storage". Windows tasks: see WindowsTasks.
struct FargateTasks {
  struct Kind {
    bool arm64 = false;
    std::int64_t storage_gib = 20;
  };
  std::vector<Kind> kinds;  ///< by app, then by job
  Rate vcpu_hour, gb_hour, spot_vcpu_hour, spot_gb_hour, storage_gb_hour;

  /// Prices are read only when a task needs them.
  static FargateTasks read(document::Fields& column, aws::PriceBook& prices, const CapacityPlan& capacity,
                           const std::vector<ContainerLifecycle>& lifecycles);
  /// The lines of task number `i`, whose lines would be `usual` without what its definition says. Adds to the bill what
  /// it has not yet.
  aws::FargateLines lines(BuildContext& context, const aws::FargateLines& usual, std::size_t i) const;
};

}  // namespace plimsoll::ecs
