#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/ecs/capacity_plan.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// Kind and count, in the order in which they are listed.
using OwnedObjects = std::vector<std::pair<std::string, std::int64_t>>;

/// What the user of a column on ECS owns for its services and stand-alone tasks, by the real files: each thing once
/// that several files name. Without files of an app: one service, one task definition, and for the entry one target
/// group with a listener.
/// - task definition: the families that the services run, those of the jobs by themselves;
/// - target group, listener rule: those of loadBalancers, with the alternates of blue/green;
/// - security group: of networkConfiguration; IAM role: taskRoleArn, executionRoleArn; log group: awslogs-group;
/// - Cloud Map service: of serviceRegistries, and the names of Service Connect; Cloud Map namespace: of Service
/// Connect. Left out: VPC, subnets, repositories of images, secrets.
OwnedObjects objects_of_files(const Setting& setting, std::int64_t daemon_services);

/// Load balancers with their listeners and DNS records; on EKS they follow from Ingresses and Services.
void add_balancer_objects(const Surroundings& around, OwnedObjects& out);

/// What the capacity providers of the column need.
void add_capacity_objects(const CapacityPlan& capacity, OwnedObjects& out);

}  // namespace plimsoll::ecs
