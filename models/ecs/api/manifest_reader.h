#pragma once

#include <memory>
#include <vector>

#include "models/ecs/api/documents.h"
#include "sim/policy/readers.h"

namespace plimsoll::ecs::api {

/// What the documents say, in neutral words: one entry a task definition (named by its family), one a service (with the
/// family that it runs), one a scalable target or scaling policy (named by its service).
std::vector<ManifestFacts> to_facts(const Documents& documents);

/// Reads the JSON of the ECS and Application Auto Scaling APIs, told by its parameters. What ECS would refuse of a task
/// definition, or of a service together with the definition that it names, is an error.
std::unique_ptr<ManifestReader> ecs_manifest_reader();

}  // namespace plimsoll::ecs::api
