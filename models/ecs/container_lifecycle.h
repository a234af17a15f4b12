#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/ecs/api/documents.h"
#include "models/ecs/insight_metrics.h"
#include "models/ecs/task_images.h"
#include "sim/cluster/host_agent.h"
#include "sim/cluster/world.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// What a task definition's containers add to the path of its tasks.
struct ContainerLifecycle {
  /// Until the last container is started, beyond the start of a first one: its dependencies' conditions along the
  /// longest chain. The task is PENDING for so long.
  Duration start_wait{};
  std::optional<RestartRule> restart;  ///< restartPolicy of the first essential container; none: its exit ends the task
  /// models/ecs/task_images.h
  std::vector<std::pair<std::string, std::string>> further_images;
  std::string never_starts;         ///< why no task can start; empty when one can
  Duration gives_up{};              ///< such a task is stopped so long after the start of its first container
  bool windows = false;             ///< operatingSystemFamily WINDOWS_*
  bool unchecked = false;           ///< there is a file, and no essential container of it has a health check
  InsightShape insight;             ///< what Container Insights counts of it
  std::int64_t gpus = 0;            ///< resourceRequirements of type GPU, of all containers
  bool arm64 = false;               ///< cpuArchitecture ARM64
  std::int64_t ephemeral_gib = 20;  ///< ephemeralStorage.sizeInGiB; 20 unless it is written
};

/// Conditions of dependsOn: START takes the other container's start; HEALTHY its first health check, one interval later
/// (taken to pass); COMPLETE and SUCCESS its exit, which comes after `run_once`: how long such containers run no file
/// says. A task is RUNNING, and its target registered, when all of its containers have been started, essential or not
/// (amazon-ecs-agent, agent/api/task/task.go: a task's status is the earliest of its containers'). startTimeout of the
/// container that is waited for: when its condition takes longer, the task stops (TaskFailedToStart). restartPolicy:
/// the container is restarted in place when it has run for restartAttemptPeriod, else the task stops; so it does after
/// an exit code that is among ignoredExitCodes. SOURCE: ECS developer guide, "Task definition parameters" (dependsOn,
/// startTimeout, restartPolicy, essential), "Restart individual containers in Amazon ECS tasks with container restart
/// policies". Left out: restart of a container beside others that run on, dependencies on shutting down (the reverse
/// order), what an application does of its own start while another container waits.
/// @pre check_task_definition has no error: no cycle, every dependency exists.
ContainerLifecycle container_lifecycle(const api::TaskDefinition& definition, Duration container_start,
                                       Duration run_once = {});

/// The definition that the service of this name runs, or whose family is the name or ends in "-name"; null when none.
const api::TaskDefinition* definition_of_app(const api::Documents& documents, const std::string& name);

/// The lifecycle of each of `names` (apps and jobs), by the definition that its service runs, or whose family is the
/// name or ends in "-name", among the documents of the setting.
std::vector<ContainerLifecycle> read_lifecycles(const Setting& setting, const std::vector<std::string>& names,
                                                Duration container_start);

/// Warns of each of `names` whose tasks never start, and of jobs (those after `apps` names) that may never end.
void warn_of_lifecycles(document::Fields& column, const std::vector<std::string>& names, std::size_t apps,
                        const std::vector<ContainerLifecycle>& lifecycles);

/// What stands between the images of a task and RUNNING: the containers that wait for others. Nothing for tasks that
/// never start. `container_start`: as read_lifecycles has it.
PodPreparation preparation_of(const ContainerLifecycle& lifecycle, Duration container_start);

/// What the containers of a job's tasks add to its workload.
void complete_job(World& world, HostAgent& agent, WorkloadId job, const ContainerLifecycle& lifecycle,
                  const TaskImages& images, Duration container_start);

/// Attaches what stops the tasks that never get ready, when there are such; `workloads`: as the lifecycles.
void attach_start_timeouts(World& world, const std::vector<ContainerLifecycle>& lifecycles,
                           const std::vector<WorkloadId>& workloads);

}  // namespace plimsoll::ecs
