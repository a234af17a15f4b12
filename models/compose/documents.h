#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/compose/tasks.h"

namespace plimsoll::compose {

/// The tasks of a project as the AWS command line takes them: a task definition and a service each (a task definition
/// alone for what runs to completion), in network mode awsvpc and for either launch type; subnets and target groups
/// are made up.
///
/// Published ports become target groups, deploy.mode global schedulingStrategy DAEMON, cpus a cap of the task where
/// nothing less is reserved, update_config percentages and the circuit breaker. Marks lie in the Compose file, those
/// of a service at its key and those of its task definition at what stands under it. SOURCE: API
/// RegisterTaskDefinition, CreateService, HealthCheck, ContainerDependency, ContainerRestartPolicy.
std::vector<document::Node> ecs_documents(const Project& project, const std::vector<Task>& tasks, Losses& losses);

/// The same as Kubernetes manifests: a Deployment (DaemonSet for global, Job for what runs to completion) and a Service
/// for its ports, of type LoadBalancer when some are published. What runs before the main container is an init
/// container; a container beside it that the main one depends on is a sidecar that starts before it. A health check
/// gates traffic and restarts (readiness and liveness probe), its start period is a startup probe. SOURCE: Kubernetes
/// API reference (v1 Pod, apps/v1, batch/v1); "Sidecar Containers".
std::vector<document::Node> kubernetes_documents(const Project& project, const std::vector<Task>& tasks,
                                                 Losses& losses);

/// Builders of documents whose nodes all stand at one mark.
class Writer {
 public:
  using Pairs = std::vector<std::pair<std::string, document::Node>>;
  explicit Writer(document::Mark mark) : mark_(std::move(mark)) {}
  document::Node object(const Pairs& pairs) const {
    std::vector<document::Entry> entries;
    for (const auto& [key, value] : pairs) entries.push_back({key, mark_, value});
    return document::Node::mapping(std::move(entries), mark_);
  }
  document::Node text(std::string value) const { return document::Node::string(std::move(value), mark_); }
  document::Node number(std::int64_t value) const { return document::Node::integer(value, mark_); }
  document::Node boolean(bool value) const { return document::Node::boolean(value, mark_); }
  document::Node list(std::vector<document::Node> items) const {
    return document::Node::sequence(std::move(items), mark_);
  }
  document::Node texts(const std::vector<std::string>& items) const {
    std::vector<document::Node> out;
    for (const std::string& item : items) out.push_back(text(item));
    return list(std::move(out));
  }
  /// The environment of a container, of one form on both sides: {name, value} each.
  std::vector<document::Node> environment(const std::vector<std::pair<std::string, std::string>>& variables) const {
    std::vector<document::Node> out;
    for (const auto& [name, value] : variables) out.push_back(object({{"name", text(name)}, {"value", text(value)}}));
    return out;
  }

 private:
  document::Mark mark_;
};

/// Whole seconds, upwards.
inline std::int64_t seconds_up(Duration d) { return (d + seconds(1) - microseconds(1)) / seconds(1); }

}  // namespace plimsoll::compose
