#pragma once

#include "models/ecs/api/task_definition.h"
#include "sim/document/diagnostics.h"

namespace plimsoll::ecs::api {

/// Reports what RegisterTaskDefinition refuses of parameters that the simulation itself has no use for: those that
/// Fargate, or the network mode awsvpc, does not have; volumes that nothing defines, or that are defined twice; log
/// drivers and their options; the log router; secrets beside variables of the same name; names of ports. `fargate`: the
/// definition is checked against Fargate. SOURCE: ECS developer guide, "Amazon ECS task definition differences for
/// Fargate"; API ContainerDefinition, LinuxParameters, LogConfiguration, PortMapping, Volume (2026); the words of the
/// refusals as users quote them (observed). Left out: IAM roles (execution role for awslogs, ECR and secrets, task role
/// for ECS Exec), which templates leave to the call that registers them; parameters that Windows does not have.
void check_parameters(const TaskDefinition& definition, bool fargate, document::Diagnostics& diagnostics);

}  // namespace plimsoll::ecs::api
