#pragma once

#include <cstdint>
#include <optional>

#include "models/aws/catalogue.h"

namespace plimsoll::aws {

/// Tasks in awsvpc mode that one instance holds: network interfaces of the type less the primary one, or with ENI
/// trunking the branch interfaces; none when trunking is asked for and the type has no trunk.
/// SOURCE: "Elastic network interface trunking" (Amazon ECS developer guide); where its table has no row, branch
/// interfaces + interfaces - 2 (models/aws/data/SOURCES.md).
std::optional<std::int64_t> awsvpc_task_limit(const InstanceType& type, bool trunking);

/// Pods that get an address from the VPC CNI plus the two host-network pods: ENIs x (addresses - 1) + 2.
/// SOURCE: aws/amazon-vpc-cni-k8s misc/eni-max-pods.txt.
constexpr std::int64_t vpc_cni_max_pods(std::int64_t enis, std::int64_t ipv4_per_eni) {
  return enis * (ipv4_per_eni - 1) + 2;
}

}  // namespace plimsoll::aws
