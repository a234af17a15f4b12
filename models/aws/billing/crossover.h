#pragma once

#include "models/aws/billing/ratio.h"

namespace plimsoll::aws::charges {

struct Crossover {
  Ratio ec2_bundle;      ///< dollars per vCPU-hour of the instance with its memory
  Ratio fargate_bundle;  ///< the same bundle on Fargate
  Ratio utilisation;     ///< requested over bought below which Fargate is cheaper
};
/// Fargate wins when the utilisation of an instance (requested over bought, after reserve, DaemonSets and
/// fragmentation) is below the price of its bundle over that of the same bundle on Fargate. SOURCE: arithmetic of the
/// two price lists.
Crossover crossover_utilisation(Rate ec2_hour, Ratio vcpu, Ratio gb, Rate fargate_vcpu_hour, Rate fargate_gb_hour);

}  // namespace plimsoll::aws::charges
