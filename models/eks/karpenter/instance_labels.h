#pragma once

#include <string_view>

#include "models/aws/catalogue.h"
#include "models/eks/karpenter/requirements.h"
#include "sim/cluster/names.h"

namespace plimsoll::eks::karpenter {

/// Adds what an instance type says to each well-known label that is about instances: a value, or that there is none.
/// Zones, purchase options and the names of pools and classes are not among them. Left out: dedicated tenancy, which
/// has no price here (instance-tenancy is "default" only), and capacity reservations and placement groups (no type has
/// one). SOURCE: aws/karpenter-provider-aws v1.14.1 pkg/providers/instancetype/types.go (computeRequirements).
void add_instance_labels(Requirements& labels, const aws::InstanceType& type, std::string_view region,
                         const WellKnownLabels& known, Names& names);

/// Whether the type encrypts traffic between instances by itself.
/// SOURCE: EC2 DescribeInstanceTypes (NetworkInfo.EncryptionInTransitSupported) by way of moto 5.2.1, ec2 resources; it
/// is one answer for each family. Families that are newer than it are taken to encrypt, as all since 2021 do; f1 and p3
/// not.
bool encrypts_in_transit(const aws::InstanceType& type);

}  // namespace plimsoll::eks::karpenter
