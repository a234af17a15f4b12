#include "models/ecs/controllers/task_constraints.h"

#include <algorithm>
#include <string>

namespace plimsoll::ecs {

namespace {

using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;

void read_attributes(const World& world, const Node& node, Attributes& out) {
  out = {{"ecs.instance-type", world.names.text(node.instance_type)},
         {"ecs.availability-zone", world.names.text(world.zones()[node.zone.index()])},
         {"ecs.os-type", "linux"},
         {"ecs.os-family", "LINUX"},
         {"ecs.cpu-architecture", "x86_64"}};
  for (const auto& [key, value] : node.labels.pairs())
    out.emplace_back(world.names.text(key), value.is_none() ? std::string_view{} : world.names.text(value));
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
  if (!constraints.host_ports.empty()) {
    used_.resize(n);
    for (std::uint32_t i = 0; i < n; ++i) {
      used_[i].clear();
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
