#include "models/ecs/controllers/task_constraints.h"

#include <algorithm>
#include <string>

namespace plimsoll::ecs {

namespace {

constexpr std::string_view kAgentCapabilities[] = {"ecs.capability.aws-appmesh",
                                                   "ecs.capability.container-health-check",
                                                   "ecs.capability.container-ordering",
                                                   "ecs.capability.container-restart-policy",
                                                   "ecs.capability.ecr-endpoint",
                                                   "ecs.capability.efs",
                                                   "ecs.capability.efsAuth",
                                                   "ecs.capability.env-files.s3",
                                                   "ecs.capability.execute-command",
                                                   "ecs.capability.execution-role-awslogs",
                                                   "ecs.capability.execution-role-ecr-pull",
                                                   "ecs.capability.fault-injection",
                                                   "ecs.capability.firelens.fluentbit",
                                                   "ecs.capability.firelens.fluentd",
                                                   "ecs.capability.firelens.options.config.file",
                                                   "ecs.capability.firelens.options.config.s3",
                                                   "ecs.capability.full-sync",
                                                   "ecs.capability.increased-task-cpu-limit",
                                                   "ecs.capability.ipv6-only",
                                                   "ecs.capability.logging-driver.awsfirelens.log-driver-buffer-limit",
                                                   "ecs.capability.network.container-port-range",
                                                   "ecs.capability.pid-ipc-namespace-sharing",
                                                   "ecs.capability.private-registry-authentication.secretsmanager",
                                                   "ecs.capability.secrets.asm.bootstrap.log-driver",
                                                   "ecs.capability.secrets.asm.environment-variables",
                                                   "ecs.capability.secrets.ssm.bootstrap.log-driver",
                                                   "ecs.capability.secrets.ssm.environment-variables",
                                                   "ecs.capability.service-connect-v1",
                                                   "ecs.capability.storage.ebs-task-volume-attach",
                                                   "ecs.capability.task-cpu-mem-limit",
                                                   "ecs.capability.task-eia",
                                                   "ecs.capability.task-eia.optimized-cpu",
                                                   "ecs.capability.task-eni",
                                                   "ecs.capability.task-eni-block-instance-metadata"};
constexpr std::string_view kKnown[] = {"ecs.availability-zone", "ecs.instance-type", "ecs.os-type", "ecs.os-family",
                                       kArchitectureAttribute};
constexpr std::string_view kUnknown[] = {"ecs.ami-id", "ecs.vpc-id", "ecs.subnet-id", "ecs.outpost-arn",
                                         "ecs.awsvpc-trunk-id"};

using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;

void read_attributes(const World& world, const Node& node, Attributes& out) {
  out = {{"ecs.instance-type", world.names.text(node.instance_type)},
         {"ecs.availability-zone", world.names.text(world.zones()[node.zone.index()])},
         {"ecs.os-type", "linux"},
         {"ecs.os-family", "LINUX"}};
  bool architecture = false;
  for (const auto& [key, value] : node.labels.pairs()) {
    out.emplace_back(world.names.text(key), value.is_none() ? std::string_view{} : world.names.text(value));
    architecture = architecture || out.back().first == kArchitectureAttribute;
  }
  if (!architecture) out.emplace_back(kArchitectureAttribute, "x86_64");
  for (const std::string_view capability : kCapabilities) out.emplace_back(capability, std::string_view{});
  if (out.front().second == "external") out.emplace_back("ecs.capability.external", std::string_view{});
}

/// An instance as the query language sees it; scratch of one look.
class InstanceFacts {
 public:
  bool meets(const World& world, const Node& node, const std::vector<ClusterQuery>& expressions) {
    read_attributes(world, node, attributes_);
    groups_.clear();
    for (const PodOnNode& task : world.placement.pods(node.row)) {
      const Workload& w = world.workload(world.pod(task.id).workload);
      std::string group = (w.maximum > 0 || w.daemon ? "service:" : "family:") + std::string(world.names.text(w.name));
      if (std::find(groups_.begin(), groups_.end(), group) == groups_.end()) groups_.push_back(std::move(group));
    }
    group_views_.assign(groups_.begin(), groups_.end());
    QueryInstance instance;
    instance.attributes = attributes_;
    instance.agent_version = "1.105.1";
    instance.agent_connected = !node.is_lost();
    instance.ec2_instance_id = world.names.text(node.name);
    instance.registered_at = to_microseconds(node.ready);
    instance.running_tasks = node.pod_count;
    instance.task_groups = group_views_;
    return std::all_of(expressions.begin(), expressions.end(),
                       [&](const ClusterQuery& q) { return q.matches(instance); });
  }

 private:
  Attributes attributes_;
  std::vector<std::string> groups_;
  std::vector<std::string_view> group_views_;
};

}  // namespace

const std::span<const std::string_view> kCapabilities = kAgentCapabilities;
const std::span<const std::string_view> kKnownAttributes = kKnown;
const std::span<const std::string_view> kUnknownAttributes = kUnknown;

bool is_reserved_port(PortKey port) {
  return std::any_of(std::begin(kReservedPorts), std::end(kReservedPorts),
                     [port](std::uint16_t p) { return port == port_key(p, PortProtocol::tcp); });
}

bool meets_all(const World& world, NodeId instance, const std::vector<ClusterQuery>& expressions) {
  return expressions.empty() || InstanceFacts().meets(world, world.node(instance), expressions);
}

void ConstraintMasks::apply(const World& world, const TaskConstraints& constraints, const PortsOf& ports_of,
                            InstanceView& view, TaskNeed& need) {
  const std::size_t n = view.columns().size();
  need.distinct_instance = constraints.distinct_instance;
  need.host_ports = constraints.host_ports;
  if (!constraints.member_of.empty()) {
    member_of_.assign(n, 1);
    InstanceFacts facts;
    for (std::uint32_t i = 0; i < n; ++i)
      member_of_[i] = facts.meets(world, world.node(view.node(i)), constraints.member_of) ? 1 : 0;
    need.member_of = member_of_;
  }
  if (!constraints.architecture.is_none()) {
    has_attributes_.resize(n);
    for (std::uint32_t i = 0; i < n; ++i) {
      const NameId has = world.node(view.node(i)).labels.find(constraints.architecture_attribute);
      has_attributes_[i] = has == constraints.architecture ? 1 : 0;
    }
    need.has_attributes = has_attributes_;
  }
  if (!constraints.host_ports.empty()) {
    used_.resize(n);
    for (std::uint32_t i = 0; i < n; ++i) {
      used_[i].clear();
      for (const std::uint16_t port : kReservedPorts) used_[i].push_back(port_key(port, PortProtocol::tcp));
      for (const PodOnNode& task : world.placement.pods(world.node(view.node(i)).row)) {
        const std::vector<PortKey>* ports = ports_of(world.pod(task.id).workload);
        if (ports != nullptr) used_[i].insert(used_[i].end(), ports->begin(), ports->end());
      }
      std::sort(used_[i].begin(), used_[i].end());
    }
    view.show_ports(used_);
  }
  if (constraints.spread_attributes.empty()) return;
  values_.assign(constraints.spread_attributes.size(), std::vector<std::uint32_t>(n, kNoValue));
  attributes_.clear();
  for (std::size_t a = 0; a < values_.size(); ++a) {
    const NameId name = constraints.spread_attributes[a];
    const std::string_view text = world.names.text(name);
    std::vector<NameId> seen;
    for (std::uint32_t i = 0; i < n; ++i) {
      const Node& node = world.node(view.node(i));
      const NameId value = text == "ecs.instance-type" ? node.instance_type : node.labels.find(name);
      if (value.is_none()) continue;
      const auto at = std::find(seen.begin(), seen.end(), value);
      values_[a][i] = static_cast<std::uint32_t>(at - seen.begin());
      if (at == seen.end()) seen.push_back(value);
    }
    attributes_.push_back({name, values_[a], static_cast<std::uint32_t>(seen.size())});
  }
  view.show_attributes(attributes_);
}

}  // namespace plimsoll::ecs
