#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/compose/tasks.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::compose {

/// Whether the document is an ecs-params.yml, the companion that the ECS command line takes beside a Compose file.
bool is_ecs_params(const document::Node& document);

/// The ecs-params.yml (or .yaml) in the folder of a Compose file; nothing when there is none, or after an error.
std::optional<document::Node> ecs_params_beside(const document::Node& compose_file, document::Diagnostics& diagnostics);

/// Puts what an ecs-params.yml says into the task definitions and services that were made of its Compose file: network
/// mode, roles, size and disk of the task, sizes, essential flags, dependencies, health checks, GPUs, secrets and
/// credentials of containers, network configuration, placement. Disk needs a task on Fargate, which the file says by
/// the disk itself (the launch type is no field of it). The ECS command line makes one task of the whole file, here
/// each service is a task of its own: the size of the task, flags of its main container and dependencies between tasks
/// are then lost, which is said. SOURCE: ECS developer guide (2023), "Using Amazon ECS parameters" of the ECS command
/// line reference. Left out, each said with what it would do: volumes, service discovery, logging, FireLens.
void apply_ecs_params(const document::Node& params, std::vector<document::Node>& documents,
                      document::Diagnostics& diagnostics, Losses& losses);

}  // namespace plimsoll::compose
