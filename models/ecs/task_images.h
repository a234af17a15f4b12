#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/ecs/api/task_definition.h"
#include "sim/cluster/world.h"
#include "sim/document/fields.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::ecs {

/// The first essential container that routes no logs, else the first. @pre there is one.
const api::ContainerDefinition& main_container(const api::TaskDefinition& definition);

/// Containers of a task definition with images of their own beside the main one's: container and image, each image
/// once. The agent pulls the image of every container before it creates it, those of one task side by side. SOURCE:
/// amazon-ecs-agent, agent/engine/task_manager.go (a goroutine a container), docker_task_engine.go (concurrentPull).
std::vector<std::pair<std::string, std::string>> further_images(const api::TaskDefinition& definition);

/// Sizes of those images, which no file tells. Left out: a container that waits by dependsOn is pulled for only when
/// its condition holds (unless ECS_PULL_DEPENDENT_CONTAINERS_UPFRONT is set); here it is pulled for with the others.
/// How Fargate pulls the images of one task is not published: one after another here.
struct TaskImages {
  Bytes sidecar = Bytes{20'000'000};  ///< of an image that the scenario does not size

  /// Reads `sidecarImage` of a column.
  static TaskImages read(document::Fields& column);
  /// Adds the images to those of a workload; `containers`: what the scenario says of them.
  void add(const std::vector<std::pair<std::string, std::string>>& images,
           const std::vector<ContainerUsage>& containers, Workload& workload, Names& names) const;
};

}  // namespace plimsoll::ecs
