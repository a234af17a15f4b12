#include <algorithm>

#include "models/aws/fargate/task_size.h"
#include "models/ecs/api/parameter_rules.h"
#include "models/ecs/api/task_definition.h"

namespace plimsoll::ecs::api {
namespace {

using document::Diagnostics;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

/// Windows has 1, 2 and 4 vCPU only.
bool fits_fargate(std::int64_t cpu, std::int64_t mib, bool windows) {
  if (windows && cpu != 1024 && cpu != 2048 && cpu != 4096) return false;
  return aws::is_fargate_size(cpu_ecs_units(cpu), mebibytes(mib));
}

/// "the nearest valid sizes are 512/1024, ...": the least that holds both, then the neighbours with the same CPU.
std::string nearest_sizes(std::int64_t cpu, std::int64_t mib, bool windows) {
  std::vector<std::pair<std::int64_t, std::int64_t>> sizes;
  const auto add = [&sizes](std::int64_t c, std::int64_t m) {
    if (std::find(sizes.begin(), sizes.end(), std::pair{c, m}) == sizes.end()) sizes.emplace_back(c, m);
  };
  const std::int64_t most = (windows ? 4 : aws::kEcsFargateMaxVcpu) * 1024;
  const std::int64_t least_cpu = windows ? std::max<std::int64_t>(cpu, 1024) : cpu;
  if (const auto holds = aws::smallest_fargate_size(cpu_ecs_units(least_cpu), mebibytes(mib), most / 1024)) {
    add(to_ecs_units_floor(holds->cpu), holds->memory.raw() / kMiB);
  }
  // The CPU wanted, or the next that exists.
  std::int64_t step = windows ? 1024 : 256;
  while (step < least_cpu && step < most) step *= 2;
  constexpr std::int64_t kGrain = 512;     // every size is a multiple
  constexpr std::int64_t kMost = 262'144;  // above every size
  for (std::int64_t m = std::min(mib, kMost) / kGrain * kGrain; m > 0; m -= kGrain) {
    if (fits_fargate(step, m, windows)) {
      add(step, m);
      break;
    }
  }
  for (std::int64_t m = mib < kMost ? (mib / kGrain + 1) * kGrain : kMost; m < kMost; m += kGrain) {
    if (fits_fargate(step, m, windows)) {
      add(step, m);
      break;
    }
  }
  std::string text;
  for (const auto& [c, m] : sizes) {
    text += (text.empty() ? "the nearest valid sizes are " : ", ") + std::to_string(c) + "/" + std::to_string(m);
  }
  return text;
}

/// The rules of one definition; errors stand where the value stands.
class Rules {
 public:
  Rules(const TaskDefinition& definition, Diagnostics& diagnostics, bool fargate)
      : d_(definition), diagnostics_(diagnostics), fargate_(fargate) {}

  void run() {
    names();
    sizes();
    ports();
    dependencies();
    if (d_.requires_launch(LaunchType::external) && d_.effective_network_mode() == NetworkMode::awsvpc) {
      error("networkMode", "External instances do not support network mode 'awsvpc'.", "bridge, host or none");
    }
    if (fargate_) {
      fargate();
    } else {
      ec2();
    }
  }

 private:
  void error(std::string_view key, std::string message, std::string hint = {}) {
    diagnostics_.error(mark_of(d_.node, key), std::move(message), std::move(hint), std::string(key));
  }
  void error(std::size_t container, std::string_view key, std::string message, std::string hint = {}) {
    const auto path = document::join_path(document::join_path("containerDefinitions", container), key);
    diagnostics_.error(mark_of(d_.containers[container].node, key), std::move(message), std::move(hint), path);
  }
  const std::string& name(std::size_t container) const { return d_.containers[container].size.name; }

  void names() {
    if (!d_.family.empty() && !is_name(d_.family)) {
      error("family", "a family has up to 255 letters, digits, hyphens and underscores");
    }
    if (d_.containers.size() > 10) error("containerDefinitions", "a task definition has at most 10 containers");
    for (std::size_t i = 0; i < d_.containers.size(); ++i) {
      if (!name(i).empty() && !is_name(name(i))) {
        error(i, "name", "a container name has up to 255 letters, digits, hyphens and underscores");
      }
      for (std::size_t j = 0; j < i; ++j) {
        if (!name(i).empty() && name(j) == name(i)) error(i, "name", "container name '" + name(i) + "' is used twice");
      }
    }
  }

  void sizes() {
    for (const SizeError& e : size_errors(d_.size())) {
      if (e.field == "containerDefinitions" && d_.containers.empty() && d_.node.find(e.field) == nullptr) continue;
      if (e.container) {
        error(*e.container, e.field, e.message);
      } else {
        error(e.field, e.message);
      }
    }
  }

  void ports() {
    const NetworkMode mode = d_.effective_network_mode();
    std::vector<PortKey> taken;
    for (std::size_t i = 0; i < d_.containers.size(); ++i) {
      const ContainerDefinition& c = d_.containers[i];
      if (mode == NetworkMode::none && !c.ports.empty()) {
        error(i, "portMappings", "Port mappings are not supported when networkMode=none.");
      }
      if (mode == NetworkMode::awsvpc && c.links) error(i, "links", "Links are not supported when networkMode=awsvpc.");
      for (std::size_t p = 0; p < c.ports.size(); ++p) {
        const PortMapping& port = c.ports[p];
        const std::int64_t host = port.host_port.value_or(0);
        if ((mode == NetworkMode::awsvpc || mode == NetworkMode::host) && host != 0 && host != port.container_port) {
          error(i, "portMappings",
                "When networkMode=" + std::string(to_string(mode)) +
                    ", the host ports and container ports in port mappings must match (hostPort " +
                    std::to_string(host) + ", containerPort " + std::to_string(port.container_port) + ").",
                "leave hostPort out, or set it to " + std::to_string(port.container_port) +
                    "; only networkMode bridge maps one port to another");
        }
        const std::int64_t fixed = mode == NetworkMode::bridge ? host : port.container_port;
        if (fixed == 0 || mode == NetworkMode::none) continue;
        const PortKey key = port_key(static_cast<std::uint16_t>(fixed), port.protocol);
        if (std::find(taken.begin(), taken.end(), key) != taken.end()) {
          error(i, "portMappings", "port " + std::to_string(fixed) + " is mapped twice in the task");
        }
        taken.push_back(key);
      }
    }
  }

  void dependencies() {
    for (std::size_t i = 0; i < d_.containers.size(); ++i) {
      for (const Dependency& dependency : d_.containers[i].depends_on) {
        const ContainerDefinition* other = d_.find(dependency.container);
        if (other == nullptr) {
          error(i, "dependsOn",
                "container '" + name(i) + "' depends on '" + dependency.container + "', which is not in the task");
          continue;
        }
        if (dependency.condition == DependencyCondition::healthy && !other->health_check) {
          error(i, "dependsOn", "condition HEALTHY needs a healthCheck on container '" + dependency.container + "'");
        }
        if ((dependency.condition == DependencyCondition::complete ||
             dependency.condition == DependencyCondition::success) &&
            other->size.essential) {
          error(
              i, "dependsOn",
              "conditions COMPLETE and SUCCESS cannot wait for the essential container '" + dependency.container + "'");
        }
      }
    }
    // A container that can be taken away first does not stand on a cycle.
    std::vector<bool> started(d_.containers.size(), false);
    for (bool progress = true; progress;) {
      progress = false;
      for (std::size_t i = 0; i < d_.containers.size(); ++i) {
        if (started[i]) continue;
        started[i] = std::all_of(
            d_.containers[i].depends_on.begin(), d_.containers[i].depends_on.end(), [&](const Dependency& dependency) {
              const ContainerDefinition* other = d_.find(dependency.container);
              return other == nullptr || started[static_cast<std::size_t>(other - d_.containers.data())];
            });
        progress = progress || started[i];
      }
    }
    for (std::size_t i = 0; i < started.size(); ++i) {
      if (!started[i]) {
        error(i, "dependsOn", "the dependencies of container '" + name(i) + "' form a cycle");
        return;
      }
    }
  }

  bool says(const char* key) const {
    const document::Node* value = d_.node.find(key);
    return value != nullptr && !value->is_null() && !value->text().empty();
  }

  void fargate() {
    if (d_.effective_network_mode() != NetworkMode::awsvpc) {
      error("networkMode", "Fargate only supports network mode 'awsvpc'.");
    }
    // A value that is no size has had its own fault.
    if (!d_.cpu && !says("cpu")) error("cpu", "Fargate requires that 'cpu' be defined at the task level.");
    if (!d_.memory && !says("memory")) error("memory", "Fargate requires that 'memory' be defined at the task level.");
    if (d_.cpu && d_.memory) {
      if (!fits_fargate(*d_.cpu, *d_.memory, d_.windows())) {
        error(d_.node.find("memory") != nullptr ? "memory" : "cpu",
              "No Fargate configuration exists for given values: " + std::to_string(*d_.cpu) + " CPU, " +
                  std::to_string(*d_.memory) + " memory.",
              nearest_sizes(*d_.cpu, *d_.memory, d_.windows()));
      }
    }
    if (!d_.constraints.empty()) {
      error("placementConstraints", "Fargate does not support task placement constraints.");
    }
    for (std::size_t i = 0; i < d_.containers.size(); ++i) {
      const ContainerDefinition& c = d_.containers[i];
      if (c.gpus > 0) error(i, "resourceRequirements", "Fargate does not support GPUs.");
      if (c.stop_timeout && *c.stop_timeout > seconds(120)) {
        error(i, "stopTimeout", "stopTimeout on Fargate is at most 120 s.");
      }
      if (c.start_timeout && (*c.start_timeout < seconds(2) || *c.start_timeout > seconds(120))) {
        error(i, "startTimeout", "startTimeout on Fargate is between 2 and 120 s.");
      }
    }
  }

  void ec2() {
    if (d_.cpu && (*d_.cpu < 128 || *d_.cpu > 196'608)) {
      error("cpu", "cpu of a task is between 128 and 196608 CPU units (0.125 to 192 vCPUs).");
    }
    if (d_.ephemeral_gib) {
      error("ephemeralStorage", "ephemeralStorage is supported for tasks on Fargate only.");
    }
  }

  const TaskDefinition& d_;
  Diagnostics& diagnostics_;
  bool fargate_;
};

}  // namespace

void check_task_definition(const TaskDefinition& definition, Diagnostics& diagnostics,
                           std::optional<LaunchType> launch) {
  const bool fargate = definition.requires_launch(LaunchType::fargate) || launch == LaunchType::fargate;
  Rules(definition, diagnostics, fargate).run();
  check_parameters(definition, fargate, diagnostics);
  if (launch && !definition.compatibilities.empty() && !definition.requires_launch(*launch)) {
    diagnostics.error(mark_of(definition.node, "requiresCompatibilities"),
                      "Task definition does not support launch_type " + std::string(to_string(*launch)) + ".",
                      "requiresCompatibilities names other launch types", "requiresCompatibilities");
  }
}

}  // namespace plimsoll::ecs::api
