#pragma once

#include <cstdint>
#include <optional>

namespace plimsoll {

/// What the account may run at once in its region, in vCPUs; absent: more than the run ever asks for. New accounts
/// have little (5 Standard vCPUs of EC2, 6 of Fargate), which nobody runs a service on: the model assumes none.
/// SOURCE: EC2 user guide, "On-Demand Instance quotas" and "Spot Instance quotas"; Amazon ECS developer guide, "AWS
/// Fargate service quotas".
struct AccountQuotas {
  std::optional<std::int64_t> on_demand_standard;  ///< Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances
  std::optional<std::int64_t> spot_standard;       ///< All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests
  std::optional<std::int64_t> fargate_on_demand;   ///< Fargate On-Demand vCPU resource count
  std::optional<std::int64_t> fargate_spot;        ///< Fargate Spot vCPU resource count
};

}  // namespace plimsoll
