#pragma once

#include <cstdint>

#include "models/aws/as_of.h"
#include "models/aws/billing/ratio.h"
#include "models/aws/catalogue.h"

namespace plimsoll::aws::charges {

/// EKS control plane: cluster time under standard and under extended support, each at its total price.
/// SOURCE: Amazon EKS pricing page.
Money eks_control_plane_charge(Duration standard, Duration extended, Rate standard_per_hour, Rate extended_per_hour);

struct ManagedNodeCharge {
  Money ec2{}, fee{};
  constexpr Money total() const { return ec2 + fee; }
};
/// EKS Auto Mode and ECS Managed Instances: the instance at the price paid for it (on-demand, Spot, covered) plus a fee
/// that is a fraction of its on-demand price, whatever was paid. Both by the second.
/// SOURCE: Amazon EKS pricing page (Auto Mode); AWS Fargate and Amazon ECS pricing page (Managed Instances).
ManagedNodeCharge managed_node_charge(std::int64_t nodes, Duration each, Rate on_demand, Rate paid, Ratio fee_fraction);

/// That fraction for one type: the standard one, from 2026-07-01 on 35 % less for G types, 60 % less for P and Trn.
/// SOURCE: AWS announcement of lower fees for accelerated types of EKS Auto Mode and ECS Managed Instances.
Ppm managed_node_share(Ppm standard, const InstanceType& type, Date date);

}  // namespace plimsoll::aws::charges
