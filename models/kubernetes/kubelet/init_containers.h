#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/cluster/host_agent.h"
#include "sim/document/fields.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::kubernetes {

/// How long the containers take that a pod starts before its own, and what they bring along; no manifest says it.
struct InitContainerTimes {
  struct Named {
    std::string name;  ///< of the container
    Delay run;
    Bytes image;
  };
  Delay init, sidecar;
  Bytes image;  ///< of a container beside the main one that is not named, when it has another image
  std::vector<Named> named;
};

/// Reads `initContainers: {run: 1s, started: 1s, image: 20MB, containers: {migrate: {run: 30s, image: 90MB}}}` of a
/// column.
InitContainerTimes read_init_containers(document::Fields& column);

/// The kubelet's way from the sandbox to the application: init containers run one after another in the order of the
/// file, each until it exits; one with restartPolicy Always is a sidecar, which the next waits for only until it has
/// started (its startup probe). SOURCE: Kubernetes, "Init Containers", "Sidecar Containers" (KEP-753, on by default
/// from 1.29); pkg/kubelet/kuberuntime/kuberuntime_container.go computeInitContainerActions.
/// Nothing without a manifest. Left out: init containers that fail (they would run again with
/// back-off).
PodPreparation preparation_of(const WorkloadSpec& spec, const InitContainerTimes& times);

/// Images of all containers beside the main one, by name and size, each once, without the main one's: of the size that
/// the scenario says (containers: {NAME: {image}}), else that of the column's initContainers block, by the container's
/// name or for all.
std::vector<std::pair<std::string, Bytes>> further_images(const WorkloadSpec& spec, const InitContainerTimes& times);

}  // namespace plimsoll::kubernetes
