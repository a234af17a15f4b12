#include "models/aws/billing/crossover.h"

namespace plimsoll::aws::charges {

Crossover crossover_utilisation(Rate ec2_hour, Ratio vcpu, Ratio gb, Rate fargate_vcpu_hour, Rate fargate_gb_hour) {
  Crossover c;
  c.ec2_bundle = in_dollars(ec2_hour) / vcpu;
  c.fargate_bundle = in_dollars(fargate_vcpu_hour) + in_dollars(fargate_gb_hour) * gb / vcpu;
  c.utilisation = c.ec2_bundle / c.fargate_bundle;
  return c;
}

}  // namespace plimsoll::aws::charges
