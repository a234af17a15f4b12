#pragma once

#include <string>
#include <string_view>

#include "models/aws/catalogue.h"
#include "models/eks/node/node_image.h"

namespace plimsoll::eks {

/// Whether an instance of this type starts with the image. AL2023 does not on A1, the first Graviton: its C library
/// ends every program there, as it wants ARM 8.2-a with the cryptographic extensions, which Graviton has from 2 on.
/// SOURCE: zalando-incubator/kubernetes-on-aws pull request 9234 (the message of the C library).
bool starts_on(NodeImage image, const aws::InstanceType& type);

/// What is wrong with an amiType of the EKS API ("AL2023_ARM_64_STANDARD") on this type: it names the architecture, and
/// EKS refuses a node group whose types have another. Empty: nothing, or it names none (CUSTOM, AL2023).
/// SOURCE: Amazon EKS API reference, Nodegroup (amiType): the architectures stand in the names.
std::string ami_type_fault(std::string_view ami_type, const aws::InstanceType& type);

}  // namespace plimsoll::eks
