#include "models/ecs/api/parameter_rules.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/ecs/api/object.h"
#include "sim/core/text.h"

namespace plimsoll::ecs::api {

namespace {

/// SOURCE: API LogConfiguration.
constexpr std::array<std::string_view, 8> kLogDrivers{"json-file", "syslog",  "journald", "gelf",
                                                      "fluentd",   "awslogs", "splunk",   "awsfirelens"};
/// Port ranges of a container. SOURCE: API PortMapping.
constexpr std::size_t kMostPortRanges = 100;

bool says_so(const document::Node* value) {
  if (value == nullptr || value->is_null()) return false;
  if (value->kind() == document::Kind::boolean) return value->as_boolean();
  return value->is_scalar() ? !value->text().empty() : value->size() > 0;
}

std::string text_of(const document::Node* object, std::string_view key) {
  const document::Node* value = object != nullptr ? object->find(key) : nullptr;
  return value != nullptr && value->is_scalar() && !value->is_null() ? value->text() : std::string();
}

/// Lower-case letters, digits, underscores and hyphens, up to 64, no hyphen first. SOURCE: API PortMapping.
bool is_port_name(std::string_view name) {
  return name.size() <= 64 && name.front() != '-' && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

class ParameterRules {
 public:
  ParameterRules(const TaskDefinition& definition, bool fargate, document::Diagnostics& diagnostics)
      : d_(definition), fargate_(fargate), diagnostics_(diagnostics) {}

  void run() {
    volumes();
    bool routed = false;
    for (std::size_t i = 0; i < d_.containers.size(); ++i) {
      container_ = i;
      const ContainerDefinition& c = d_.containers[i];
      network(c);
      mounts(c);
      log(c);
      secrets(c);
      ports(c);
      if (fargate_) fargate(c);
      routed = routed || c.log_driver == "awsfirelens";
    }
    const bool router =
        std::any_of(d_.containers.begin(), d_.containers.end(), [](const auto& c) { return c.log_router; });
    if (router && !routed)
      error("containerDefinitions",
            "When a firelensConfiguration object is specified, at least one container has to be configured with the "
            "awsfirelens log driver.");
    if (routed && !router)
      error("containerDefinitions", "the awsfirelens log driver needs a container with a firelensConfiguration",
            "add the log router, such as aws-for-fluent-bit");
    if (!fargate_) return;
    if (says_so(d_.node.find("ipcMode"))) unsupported(d_.node, "ipcMode", "ipcMode");
    if (text_of(&d_.node, "pidMode") == "host")
      error("pidMode", "Tasks using the Fargate launch type do not support pidMode 'host'.");
  }

 private:
  void error(std::string_view key, std::string message, std::string hint = {}) {
    diagnostics_.error(mark_of(d_.node, key), std::move(message), std::move(hint), std::string(key));
  }
  /// Of the container that is looked at; `in`: the object that holds the key, when it is not the container itself.
  void container_error(std::string_view key, std::string message, std::string hint = {},
                       const document::Node* in = nullptr) {
    const document::Node& object = in != nullptr ? *in : d_.containers[container_].node;
    diagnostics_.error(mark_of(object, key), std::move(message), std::move(hint),
                       document::join_path(document::join_path("containerDefinitions", container_), key));
  }
  void unsupported(const document::Node& object, std::string_view key, std::string_view path) {
    diagnostics_.error(mark_of(object, key),
                       "Fargate compatible task definitions do not support " + std::string(key) + ".",
                       "leave it out, or run the task on EC2", std::string(path));
  }

  void volumes() {
    constexpr std::array<std::string_view, 5> kKinds{"dockerVolumeConfiguration", "efsVolumeConfiguration",
                                                     "s3filesVolumeConfiguration",
                                                     "fsxWindowsFileServerVolumeConfiguration", "configuredAtLaunch"};
    const document::Node* all = d_.node.find("volumes");
    if (all == nullptr) return;
    std::size_t at_launch = 0;
    for (std::size_t i = 0; i < all->items().size(); ++i) {
      const document::Node& v = all->at(i);
      const std::string path = document::join_path("volumes", i), name = text_of(&v, "name");
      const auto fault = [&](std::string_view key, std::string message) {
        diagnostics_.error(mark_of(v, key), std::move(message), {}, document::join_path(path, key));
      };
      if (!name.empty() && std::find(volumes_.begin(), volumes_.end(), name) != volumes_.end())
        fault("name", "volume name '" + name + "' is used twice");
      volumes_.push_back(name);
      const document::Node* host = v.find("host");
      const bool path_of_host = host != nullptr && says_so(host->find("sourcePath"));
      std::size_t kinds = path_of_host ? 1 : 0;
      for (const std::string_view kind : kKinds) kinds += says_so(v.find(kind)) ? 1 : 0;
      if (kinds > 1) fault("name", "a volume has a name and one configuration, this one has " + std::to_string(kinds));
      at_launch += says_so(v.find("configuredAtLaunch")) ? 1 : 0;
      if (!fargate_) continue;
      if (path_of_host) unsupported(*host, "sourcePath", path);
      for (const std::string_view kind : {kKinds[0], kKinds[3]}) {
        if (says_so(v.find(kind))) unsupported(v, kind, path);
      }
    }
    if (at_launch > 1) error("volumes", "only one volume of a task definition can be configured at launch");
  }

  void network(const ContainerDefinition& c) {
    const NetworkMode mode = d_.effective_network_mode();
    if (c.links && mode != NetworkMode::bridge && mode != NetworkMode::awsvpc)  // of awsvpc it is told elsewhere
      container_error("links", "Links are only supported when networkMode=bridge.");
    if (mode != NetworkMode::awsvpc) return;
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNone{
        {{"hostname", "hostname is"},
         {"dnsServers", "DNS servers are"},
         {"dnsSearchDomains", "DNS search domains are"},
         {"disableNetworking", "Disable Networking is"},
         {"extraHosts", "Extra hosts are"}}};
    for (const auto& [key, what] : kNone) {
      if (says_so(c.node.find(key)))
        container_error(key, std::string(what) + " not supported on container when networkMode=awsvpc.");
    }
  }

  void mounts(const ContainerDefinition& c) {
    if (const document::Node* points = c.node.find("mountPoints")) {
      const std::vector<std::string_view> known(volumes_.begin(), volumes_.end());
      for (const document::Node& point : points->items()) {
        const std::string volume = text_of(&point, "sourceVolume");
        if (volume.empty() || std::find(volumes_.begin(), volumes_.end(), volume) != volumes_.end()) continue;
        const std::string near = nearest(volume, known);
        container_error("sourceVolume", "Unknown volume '" + volume + "'.",
                        near.empty() ? "name it under volumes" : "did you mean '" + near + "'?", &point);
      }
    }
    if (const document::Node* from = c.node.find("volumesFrom")) {
      for (const document::Node& item : from->items()) {
        const std::string other = text_of(&item, "sourceContainer");
        if (!other.empty() && d_.find(other) == nullptr)
          container_error("sourceContainer",
                          "volumesFrom names the container '" + other + "', which is not in the task", {}, &item);
      }
    }
  }

  void log(const ContainerDefinition& c) {
    if (c.log_driver.empty()) return;
    const document::Node* configuration = c.node.find("logConfiguration");
    if (std::find(kLogDrivers.begin(), kLogDrivers.end(), c.log_driver) == kLogDrivers.end()) {
      const std::string near = nearest(c.log_driver, kLogDrivers);
      container_error("logDriver", "there is no log driver '" + c.log_driver + "'",
                      near.empty() ? "awslogs, splunk, awsfirelens, fluentd, gelf, journald, json-file, syslog"
                                   : "did you mean '" + near + "'?",
                      configuration);
      return;
    }
    if (fargate_ && c.log_driver != "awslogs" && c.log_driver != "splunk" && c.log_driver != "awsfirelens")
      container_error("logDriver", "Fargate does not support the log driver '" + c.log_driver + "'.",
                      "awslogs, splunk or awsfirelens", configuration);
    if (c.log_driver != "awslogs") return;
    const document::Node* options = configuration->find("options");
    std::string missing;
    for (const char* option : {"awslogs-group", "awslogs-region", "awslogs-stream-prefix"}) {
      const bool needed = fargate_ || option != std::string_view("awslogs-stream-prefix");
      if (needed && text_of(options, option).empty()) missing += (missing.empty() ? "" : ", ") + std::string(option);
    }
    if (!missing.empty())
      container_error("options", "Log driver awslogs requires options: " + missing + ".", {}, configuration);
  }

  void secrets(const ContainerDefinition& c) {
    std::vector<std::string> names;
    if (const document::Node* environment = c.node.find("environment")) {
      for (const document::Node& variable : environment->items()) names.push_back(text_of(&variable, "name"));
    }
    const document::Node* secrets = c.node.find("secrets");
    if (secrets == nullptr) return;
    for (const document::Node& secret : secrets->items()) {
      const std::string name = text_of(&secret, "name");
      if (!name.empty() && std::find(names.begin(), names.end(), name) != names.end())
        container_error("name",
                        "The secret name must be unique and not shared with any new or existing environment variables "
                        "set on the container, such as '" +
                            name + "'.",
                        {}, &secret);
      names.push_back(name);
    }
  }

  void ports(const ContainerDefinition& c) {
    const NetworkMode mode = d_.effective_network_mode();
    std::size_t ranges = 0;
    for (const PortMapping& port : c.ports) {
      if (!port.name.empty() && !is_port_name(port.name))
        container_error("portMappings", "'" + port.name + "' is no name of a port mapping",
                        "up to 64 lower-case letters, digits, underscores and hyphens, no hyphen first");
      if (port.last_container_port == port.container_port) continue;
      ++ranges;
      if (mode == NetworkMode::host)
        container_error("portMappings", "containerPortRange needs networkMode bridge or awsvpc");
      if (port.host_port.value_or(0) != 0)
        container_error("portMappings", "hostPort is left empty beside a containerPortRange");
    }
    if (ranges > kMostPortRanges)
      container_error("portMappings", "a container has at most " + std::to_string(kMostPortRanges) + " port ranges");
  }

  void fargate(const ContainerDefinition& c) {
    const std::string path = document::join_path("containerDefinitions", container_);
    if (says_so(c.node.find("privileged")))
      container_error("privileged", "Fargate requires that the 'privileged' setting be 'false'.",
                      "leave it out, or run the task on EC2");
    if (says_so(c.node.find("dockerSecurityOptions"))) unsupported(c.node, "dockerSecurityOptions", path);
    const document::Node* linux_parameters = c.node.find("linuxParameters");
    if (linux_parameters == nullptr) return;
    for (const std::string_view key : {"devices", "sharedMemorySize", "maxSwap", "swappiness"}) {
      if (says_so(linux_parameters->find(key)))
        unsupported(*linux_parameters, key, document::join_path(path, "linuxParameters"));
    }
    const document::Node* capabilities = linux_parameters->find("capabilities");
    const document::Node* added = capabilities != nullptr ? capabilities->find("add") : nullptr;
    if (added == nullptr) return;
    for (const document::Node& capability : added->items()) {
      if (capability.text() != "SYS_PTRACE")
        container_error("add", "Fargate lets a container add the capability SYS_PTRACE only, not " + capability.text(),
                        {}, capabilities);
    }
  }

  const TaskDefinition& d_;
  bool fargate_;
  document::Diagnostics& diagnostics_;
  std::size_t container_ = 0;
  std::vector<std::string> volumes_;
};

}  // namespace

void check_parameters(const TaskDefinition& definition, bool fargate, document::Diagnostics& diagnostics) {
  ParameterRules(definition, fargate, diagnostics).run();
}

}  // namespace plimsoll::ecs::api
