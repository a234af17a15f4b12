#include "models/ecs/api/task_definition.h"

#include <algorithm>
#include <charconv>

namespace plimsoll::ecs::api {

using document::Diagnostics;
using document::Node;

namespace {

/// MiB; the API knows no maximum, no host comes near this one.
constexpr std::int64_t kMostMemory = 1'000'000'000;

std::optional<Duration> read_seconds(Object& object, std::string_view key, std::int64_t minimum, std::int64_t maximum) {
  const auto value = object.integer(key, minimum, maximum);
  if (!value) return std::nullopt;
  return seconds(*value);
}

HealthCheck read_health_check(const Node& node, Diagnostics& diagnostics, const std::string& path) {
  Object o(node, diagnostics, path);
  HealthCheck check;
  if (const auto command = o.list("command"); command.empty()) {
    o.missing("command", "a health check runs one");
  } else if (command.front().is_string() && command.front().text() == "NONE") {
    o.warning("command", "NONE turns the check of the image off: the container then has no health check");
  }
  check.interval = read_seconds(o, "interval", 5, 300).value_or(check.interval);
  check.timeout = read_seconds(o, "timeout", 2, 60).value_or(check.timeout);
  check.retries = o.integer("retries", 1, 10).value_or(check.retries);
  check.start_period = read_seconds(o, "startPeriod", 0, 300).value_or(check.start_period);
  return check;
}

std::vector<PortMapping> read_ports(Object& container) {
  std::vector<PortMapping> out;
  const auto items = container.list("portMappings");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object o(items[i], container.diagnostics(), document::join_path(container.path_of("portMappings"), i));
    PortMapping port;
    port.name = o.text("name").value_or("");
    port.protocol = o.choice<PortProtocol>("protocol", {{"tcp", PortProtocol::tcp}, {"udp", PortProtocol::udp}})
                        .value_or(PortProtocol::tcp);
    o.choice<int>("appProtocol", {{"http", 0}, {"http2", 1}, {"grpc", 2}});
    port.host_port = o.integer("hostPort", 0, 65'535);
    const auto single = o.integer("containerPort", 1, 65'535);
    if (const auto range = o.text("containerPortRange")) {
      std::int64_t first = 0;
      std::int64_t last = 0;
      const char* const end = range->data() + range->size();
      const auto [dash, e1] = std::from_chars(range->data(), end, first);
      const bool split = e1 == std::errc{} && dash != end && *dash == '-';
      const auto [stop, e2] = split ? std::from_chars(dash + 1, end, last) : std::from_chars_result{dash, e1};
      if (!split || e2 != std::errc{} || stop != end || first < 1 || last < first || last > 65'535) {
        o.error("containerPortRange", "containerPortRange is FIRST-LAST within 1 and 65535");
      } else if (single) {
        o.error("containerPortRange", "containerPort and containerPortRange exclude each other");
      } else {
        port.container_port = first;
        port.last_container_port = last;
        out.push_back(port);
      }
      continue;
    }
    if (!single) {
      if (!o.has("containerPort")) o.missing("containerPort", "the port in the container");
      continue;
    }
    port.container_port = port.last_container_port = *single;
    out.push_back(port);
  }
  return out;
}

std::vector<Dependency> read_dependencies(Object& container) {
  std::vector<Dependency> out;
  const auto items = container.list("dependsOn");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object o(items[i], container.diagnostics(), document::join_path(container.path_of("dependsOn"), i));
    const auto name = o.text("containerName");
    const auto condition = o.choice<DependencyCondition>("condition", {{"START", DependencyCondition::start},
                                                                       {"COMPLETE", DependencyCondition::complete},
                                                                       {"SUCCESS", DependencyCondition::success},
                                                                       {"HEALTHY", DependencyCondition::healthy}});
    if (!name) o.missing("containerName", "the container to wait for");
    if (!condition && !o.has("condition")) o.missing("condition", "START, COMPLETE, SUCCESS or HEALTHY");
    if (name && condition) out.push_back({*name, *condition});
  }
  return out;
}

std::int64_t read_gpus(Object& container) {
  std::int64_t gpus = 0;
  const auto items = container.list("resourceRequirements");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object o(items[i], container.diagnostics(), document::join_path(container.path_of("resourceRequirements"), i));
    const auto accelerator = o.choice<bool>("type", {{"GPU", false}, {"InferenceAccelerator", true}});
    const auto value = o.text("value");
    if (!value) o.missing("value", "how many, as a string");
    if (!accelerator || !value) continue;
    if (*accelerator) {
      o.warning("type", "InferenceAccelerator is not modelled: the task is placed as if it needed none");
      continue;
    }
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), n);
    if (error != std::errc{} || end != value->data() + value->size() || n < 1) {
      o.error("value", "a GPU requirement is a whole number of at least 1, as a string");
    } else {
      gpus += n;
    }
  }
  return gpus;
}

void read_linux_parameters(Object& container) {
  const Node* node = container.get("linuxParameters");
  if (node == nullptr) return;
  Object o(*node, container.diagnostics(), container.path_of("linuxParameters"));
  o.ignore({"capabilities", "devices", "initProcessEnabled"});
  o.not_modelled("maxSwap", "containers are simulated without swap");
  o.not_modelled("swappiness", "containers are simulated without swap");
  o.not_modelled("sharedMemorySize", "its pages are not added to the memory that the container uses");
  o.not_modelled("tmpfs", "its pages are not added to the memory that the container uses");
}

void read_log(Object& container, ContainerDefinition& out) {
  if (const Node* node = container.get("logConfiguration")) {
    Object o(*node, container.diagnostics(), container.path_of("logConfiguration"));
    out.log_driver = o.text("logDriver").value_or("");
    o.ignore({"options", "secretOptions"});
  }
  if (const Node* node = container.get("firelensConfiguration")) {
    Object o(*node, container.diagnostics(), container.path_of("firelensConfiguration"));
    o.choice<int>("type", {{"fluentd", 0}, {"fluentbit", 1}});
    o.ignore({"options"});
    out.log_router = true;
  }
}

ContainerDefinition read_container(const Node& node, Diagnostics& diagnostics, const std::string& path) {
  Object o(node, diagnostics, path);
  ContainerDefinition c;
  c.node = node;
  c.size.name = o.text("name").value_or("");
  if (!o.has("name")) o.missing("name", "each container has one");
  c.image = o.text("image").value_or("");
  if (!o.has("image")) o.missing("image", "Container.image should not be null or empty");
  c.size.cpu = o.integer("cpu", 0, 262'144).value_or(0);
  c.size.memory = o.integer("memory", 0, kMostMemory);
  c.size.memory_reservation = o.integer("memoryReservation", 0, kMostMemory);
  // An explicit 0 is what older tools write for "not set".
  if (c.size.memory == 0) c.size.memory.reset();
  if (c.size.memory_reservation == 0) c.size.memory_reservation.reset();
  c.size.essential = o.boolean("essential").value_or(true);
  c.ports = read_ports(o);
  if (const Node* check = o.get("healthCheck")) {
    c.health_check = read_health_check(*check, diagnostics, o.path_of("healthCheck"));
  }
  c.depends_on = read_dependencies(o);
  c.start_timeout = read_seconds(o, "startTimeout", 0, 2'147'483'647);
  c.stop_timeout = read_seconds(o, "stopTimeout", 0, 2'147'483'647);
  if (const Node* policy = o.get("restartPolicy")) {
    Object r(*policy, diagnostics, o.path_of("restartPolicy"));
    RestartPolicy restart;
    restart.enabled = r.boolean("enabled").value_or(false);
    restart.attempt_period = read_seconds(r, "restartAttemptPeriod", 60, 1800).value_or(restart.attempt_period);
    for (const Node& code : r.list("ignoredExitCodes")) {
      if (code.kind() == document::Kind::integer) restart.ignored_exit_codes.push_back(code.as_integer());
    }
    if (restart.ignored_exit_codes.size() > 50) r.error("ignoredExitCodes", "at most 50 exit codes can be ignored");
    c.restart = restart;
  }
  c.gpus = read_gpus(o);
  read_linux_parameters(o);
  read_log(o, c);
  c.links = !o.list("links").empty();
  o.ignore({"command",
            "entryPoint",
            "environment",
            "environmentFiles",
            "secrets",
            "mountPoints",
            "volumesFrom",
            "hostname",
            "user",
            "workingDirectory",
            "disableNetworking",
            "privileged",
            "readonlyRootFilesystem",
            "dnsServers",
            "dnsSearchDomains",
            "extraHosts",
            "dockerSecurityOptions",
            "interactive",
            "pseudoTerminal",
            "dockerLabels",
            "ulimits",
            "systemControls",
            "repositoryCredentials",
            "credentialSpecs",
            "versionConsistency"});
  return c;
}

void read_volumes(Object& object) {
  const auto items = object.list("volumes");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object o(items[i], object.diagnostics(), document::join_path(object.path_of("volumes"), i));
    o.ignore({"name", "host", "dockerVolumeConfiguration"});
    o.not_modelled("efsVolumeConfiguration", "the file system is neither priced nor slowed down");
    o.not_modelled("fsxWindowsFileServerVolumeConfiguration", "the file system is neither priced nor slowed down");
    o.not_modelled("s3filesVolumeConfiguration", "the file system is neither priced nor slowed down");
    o.not_modelled("configuredAtLaunch", "EBS volumes of tasks are neither attached nor priced");
  }
}

}  // namespace

std::string_view to_string(NetworkMode mode) {
  switch (mode) {
    case NetworkMode::bridge:
      return "bridge";
    case NetworkMode::host:
      return "host";
    case NetworkMode::awsvpc:
      return "awsvpc";
    case NetworkMode::none:
      return "none";
    case NetworkMode::windows_default:
      return "default";
  }
  return "";
}

bool TaskDefinition::requires_launch(LaunchType type) const {
  return std::find(compatibilities.begin(), compatibilities.end(), type) != compatibilities.end();
}

NetworkMode TaskDefinition::effective_network_mode() const {
  return network_mode.value_or(windows() ? NetworkMode::windows_default : NetworkMode::bridge);
}

TaskSize TaskDefinition::size() const {
  TaskSize s;
  s.cpu = cpu;
  s.memory = memory;
  for (const ContainerDefinition& c : containers) s.containers.push_back(c.size);
  return s;
}

std::optional<std::int64_t> TaskDefinition::cpu_limit() const {
  if (cpu && !windows()) return cpu;
  if (!windows()) return std::nullopt;
  std::int64_t sum = 0;
  for (const ContainerDefinition& c : containers) sum += c.size.cpu;
  return cpu ? cpu : std::optional(sum);
}

std::int64_t TaskDefinition::gpus() const {
  std::int64_t n = 0;
  for (const ContainerDefinition& c : containers) n += c.gpus;
  return n;
}

std::vector<PortKey> TaskDefinition::host_ports() const {
  std::vector<PortKey> out;
  const NetworkMode mode = effective_network_mode();
  if (mode == NetworkMode::awsvpc || mode == NetworkMode::none) return out;
  for (const ContainerDefinition& c : containers) {
    for (const PortMapping& p : c.ports) {
      if (mode == NetworkMode::host) {
        for (std::int64_t port = p.container_port; port <= p.last_container_port; ++port) {
          out.push_back(port_key(static_cast<std::uint16_t>(port), p.protocol));
        }
      } else if (p.host_port.value_or(0) > 0) {
        out.push_back(port_key(static_cast<std::uint16_t>(*p.host_port), p.protocol));
      }
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

Duration TaskDefinition::stop_timeout() const {
  Duration longest{0};
  for (const ContainerDefinition& c : containers) longest = std::max(longest, c.stop_timeout.value_or(seconds(30)));
  return longest;
}

const ContainerDefinition* TaskDefinition::find(std::string_view container) const {
  const auto at = std::find_if(containers.begin(), containers.end(),
                               [&](const ContainerDefinition& c) { return c.size.name == container; });
  return at == containers.end() ? nullptr : &*at;
}

std::optional<TaskDefinition> read_task_definition(const Node& node, Diagnostics& diagnostics) {
  if (!node.is_mapping()) {
    diagnostics.error(node, "a task definition is an object");
    return std::nullopt;
  }
  Object o(node, diagnostics, "");
  TaskDefinition d;
  d.node = node;
  d.family = o.text("family").value_or("");
  if (!o.has("family")) o.missing("family", "a task definition has one");
  d.revision = o.integer("revision", 1);
  d.network_mode = o.choice<NetworkMode>("networkMode", {{"bridge", NetworkMode::bridge},
                                                         {"host", NetworkMode::host},
                                                         {"awsvpc", NetworkMode::awsvpc},
                                                         {"none", NetworkMode::none},
                                                         {"default", NetworkMode::windows_default}});
  for (const std::string& text : o.texts("requiresCompatibilities")) {
    bool known = false;
    for (const LaunchType type :
         {LaunchType::ec2, LaunchType::fargate, LaunchType::external, LaunchType::managed_instances}) {
      if (text != to_string(type)) continue;
      known = true;
      if (!d.requires_launch(type)) d.compatibilities.push_back(type);
    }
    if (!known) {
      o.error("requiresCompatibilities", "'" + text + "' is none of EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES");
    }
  }
  if (const auto text = o.text("cpu"); text && !text->empty()) {
    const auto cpu = parse_task_cpu(*text);
    if (cpu) {
      d.cpu = cpu.value;
    } else {
      o.error("cpu", cpu.error);
    }
  }
  if (const auto text = o.text("memory"); text && !text->empty()) {
    const auto memory = parse_task_memory(*text);
    if (memory) {
      d.memory = memory.value;
    } else {
      o.error("memory", memory.error);
    }
  }
  const auto containers = o.list("containerDefinitions");
  if (!o.has("containerDefinitions")) o.missing("containerDefinitions", "a task needs a container");
  for (std::size_t i = 0; i < containers.size(); ++i) {
    d.containers.push_back(read_container(containers[i], diagnostics, document::join_path("containerDefinitions", i)));
  }
  d.constraints = read_constraints(o, false);
  if (const Node* storage = o.get("ephemeralStorage")) {
    Object s(*storage, diagnostics, "ephemeralStorage");
    d.ephemeral_gib = s.integer("sizeInGiB", 21, 200);
    if (!s.has("sizeInGiB")) s.missing("sizeInGiB", "between 21 and 200");
  }
  if (const Node* platform = o.get("runtimePlatform")) {
    Object p(*platform, diagnostics, "runtimePlatform");
    d.runtime_platform = true;
    d.arm64 = p.choice<bool>("cpuArchitecture", {{"X86_64", false}, {"ARM64", true}}).value_or(false);
    d.operating_system = p.text("operatingSystemFamily").value_or("LINUX");
    if (d.operating_system != "LINUX" && !d.windows()) {
      p.error("operatingSystemFamily", "'" + d.operating_system + "' is neither LINUX nor a WINDOWS_SERVER family");
    }
  }
  read_volumes(o);
  o.not_modelled("proxyConfiguration", "the App Mesh proxy adds no latency to calls; its container is counted");
  o.not_modelled("inferenceAccelerators", "the task is placed as if it needed none");
  o.ignore({"taskRoleArn", "executionRoleArn", "pidMode", "ipcMode", "tags", "enableFaultInjection",
            // what describe-task-definition adds
            "taskDefinitionArn", "status", "requiresAttributes", "compatibilities", "registeredAt", "deregisteredAt",
            "registeredBy"});
  return d;
}

std::vector<std::string> apply_overrides(TaskDefinition& definition, const TaskDefinitionOverrides& overrides) {
  std::vector<std::string> said;
  const auto say = [&said, &definition](std::string_view field, const std::string& from, const std::string& to) {
    said.push_back(definition.family + ": " + std::string(field) + " " + from + " -> " + to);
  };
  const auto number = [](const std::optional<std::int64_t>& n) { return n ? std::to_string(*n) : std::string("none"); };
  if (overrides.compatibilities && *overrides.compatibilities != definition.compatibilities) {
    const auto list = [](const std::vector<LaunchType>& types) {
      std::string out;
      for (const LaunchType t : types) out += (out.empty() ? "" : "+") + std::string(to_string(t));
      return out.empty() ? std::string("none") : out;
    };
    say("requiresCompatibilities", list(definition.compatibilities), list(*overrides.compatibilities));
    definition.compatibilities = *overrides.compatibilities;
  }
  if (overrides.network_mode && overrides.network_mode != definition.network_mode) {
    say("networkMode", std::string(to_string(definition.effective_network_mode())),
        std::string(to_string(*overrides.network_mode)));
    definition.network_mode = overrides.network_mode;
  }
  if (overrides.cpu && overrides.cpu != definition.cpu) {
    say("cpu", number(definition.cpu), number(overrides.cpu));
    definition.cpu = overrides.cpu;
  }
  if (overrides.memory && overrides.memory != definition.memory) {
    say("memory", number(definition.memory), number(overrides.memory));
    definition.memory = overrides.memory;
  }
  return said;
}

}  // namespace plimsoll::ecs::api
