#include "models/eks/controllers/node_group_update.h"

#include <algorithm>

namespace plimsoll::eks {

namespace {

constexpr Duration kPoll = seconds(5);
constexpr std::string_view kCordon = "node.kubernetes.io/unschedulable";

bool is_member(const Node& n, NodeGroupId group) {
  return n.group == group && n.state != NodeState::terminating && n.state != NodeState::terminated;
}

}  // namespace

std::int64_t parallel_replacements(const NodeGroupUpdateConfig& config, std::int64_t nodes) {
  if (config.max_unavailable_percent > 0)
    return std::max<std::int64_t>(1, nodes * config.max_unavailable_percent / 100);
  return config.max_unavailable;
}

std::int64_t surge_of(const NodeGroupUpdateConfig& config, std::int64_t zones, std::int64_t nodes) {
  return config.minimal ? 0 : std::max(2 * zones, parallel_replacements(config, nodes));
}

void NodeGroupUpdates::manage(NodeGroupId group, std::int64_t zones, const NodeGroupUpdateConfig& config) {
  Group g;
  g.id = group;
  g.zones = zones;
  g.config = config;
  groups_.push_back(std::move(g));
}

std::vector<NodeId> NodeGroupUpdates::old_nodes(const World& world, const Group& group) const {
  std::vector<NodeId> out;
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (is_member(n, group.id) && n.image < world.image()) out.push_back(id);
  }
  return out;
}

bool NodeGroupUpdates::all_new_ready(const World& world, const Group& group) const {
  std::int64_t members = 0;
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (!is_member(n, group.id)) continue;
    ++members;
    if (n.state < NodeState::ready) return false;
  }
  return members >= world.group(group.id).desired;
}

void NodeGroupUpdates::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact != Fact::image_changed) return;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].phase != Stage::idle) {
      groups_[i].again = true;
      continue;
    }
    groups_[i].phase = Stage::scale_up;
    groups_[i].surge = -1;  // begins at the first step
    world.wake(handler, world.now(), Phase::controllers, i);
  }
}

void NodeGroupUpdates::begin(World& world, Group& group) {
  const NodeGroup& g = world.group(group.id);
  group.maximum = g.maximum;
  group.before = g.desired;
  group.last = -1;
  group.since = world.now();
  group.parallel = parallel_replacements(group.config, g.desired);
  group.surge = surge_of(group.config, group.zones, g.desired);
  if (old_nodes(world, group).empty()) group.surge = 0;
  if (group.surge == 0) return;
  const std::int64_t wanted = g.desired + group.surge;
  surges_.push_back({group.id, group.surge, world.now(), kTimeNever});
  world.set_group_maximum(group.id, std::max(g.maximum, wanted));
  world.set_group_desired(group.id, wanted);
}

void NodeGroupUpdates::handle(World& world, const Event& event) { step(world, event.payload); }

void NodeGroupUpdates::step(World& world, std::size_t index) {
  Group& group = groups_[index];
  switch (group.phase) {
    case Stage::idle:
      return;
    case Stage::scale_up:
      if (group.surge < 0) begin(world, group);
      if (!all_new_ready(world, group)) {
        if (group.surge > 0 && world.now() - group.since >= kUpdateScaleUpLimit) give_up_surge(world, group);
        break;
      }
      for (const NodeId id : group.config.minimal ? std::vector<NodeId>() : old_nodes(world, group)) {
        world.taint_node(id, {world.names.intern(kCordon), {}, TaintEffect::no_schedule});
      }
      group.phase = Stage::upgrade;
      [[fallthrough]];
    case Stage::upgrade:
      upgrade(world, group);
      break;
    case Stage::scale_down:
      scale_down(world, group);
      break;
  }
  if (group.phase != Stage::idle) world.wake(handler, world.now() + kPoll, Phase::controllers, index);
}

bool NodeGroupUpdates::drained(World& world, NodeId node) const {
  bool empty = true;
  for (const PodId id : world.pods_on(node)) {
    const Pod& pod = world.pod(id);
    if (pod.daemon) continue;
    empty = false;
    if (pod.state != PodState::stopping) budgets_.evict(world, id, Reason::node_drain);
  }
  return empty;
}

void NodeGroupUpdates::upgrade(World& world, Group& group) {
  std::vector<NodeId> old = old_nodes(world, group);
  std::erase_if(group.replacing, [&](const Replacement& r) {
    return std::find(old.begin(), old.end(), r.node) == old.end();  // gone by somebody else's hand
  });
  for (std::size_t i = 0; i < group.replacing.size();) {
    Replacement& r = group.replacing[i];
    const bool empty = drained(world, r.node);
    if (empty && r.empty == kTimeNever) r.empty = world.now();
    const Duration spent = world.now() - r.since;
    if (!empty && spent >= kUpdateDrainLimit && !group.config.force) {
      std::string stuck = "pods";
      for (const PodId id : world.pods_on(r.node)) {
        const Pod& pod = world.pod(id);
        if (pod.daemon || pod.state == PodState::stopping) continue;
        stuck = "a pod of " + std::string(world.names.text(world.workload(pod.workload).name));
        for (const std::string& name : budgets_.names_of(world, pod.workload))
          stuck += " under the PodDisruptionBudget " + name;
        break;
      }
      end_update(world, group, "PodEvictionFailure: " + stuck + " could not be evicted within 15 minutes");
      return;
    }
    const bool over = spent >= kUpdateDrainLimit || (empty && world.now() - r.empty >= kUpdateCordonWait);
    if (!over) {
      ++i;
      continue;
    }
    const NodeId gone = r.node;
    world.terminate_node(gone, Reason::rollout);  // the group launches another in its place
    group.replacing.erase(group.replacing.begin() + static_cast<std::ptrdiff_t>(i));
    std::erase(old, gone);
  }
  if (old.empty()) {
    group.phase = Stage::scale_down;
    return;
  }
  // Replacements of the nodes that went must be there before the next go, or capacity would shrink.
  if (group.replacing.empty() && !all_new_ready(world, group)) return;
  std::erase_if(old, [&](NodeId id) {
    return std::any_of(group.replacing.begin(), group.replacing.end(),
                       [&](const Replacement& r) { return r.node == id; });
  });
  const Stream stream = world.stream(hash_text(world.names.text(world.group(group.id).name)), Purpose::tie_break);
  while (static_cast<std::int64_t>(group.replacing.size()) < group.parallel && !old.empty()) {
    const std::uint64_t k = stream.below(old.size(), group.draws++);
    group.replacing.push_back({old[k], world.now(), kTimeNever});
    world.taint_node(old[k], {world.names.intern(kCordon), {}, TaintEffect::no_schedule});
    old.erase(old.begin() + static_cast<std::ptrdiff_t>(k));
  }
}

void NodeGroupUpdates::scale_down(World& world, Group& group) {
  const std::int64_t desired = world.group(group.id).desired;
  const bool rises = group.last >= 0 && desired > group.last;
  if (group.surge == 0 || desired <= group.before || rises) {
    for (const Replacement& r : group.replacing) {
      if (!is_member(world.node(r.node), group.id)) continue;
      world.untaint_node(r.node, world.names.intern(kCordon));
      node_updated(world, r.node);
    }
    end_update(world, group, "");
    return;
  }
  group.last = desired;
  if (group.replacing.empty()) {
    // The node with fewest pods; EKS drains what a scale-in ends.
    NodeId victim;
    for (const NodeId id : world.live_nodes()) {
      const Node& n = world.node(id);
      if (!is_member(n, group.id) || n.state != NodeState::ready) continue;
      if (victim.is_none() || n.app_pod_count < world.node(victim).app_pod_count) victim = id;
    }
    if (victim.is_none()) return;
    world.taint_node(victim, {world.names.intern(kCordon), {}, TaintEffect::no_schedule});
    group.replacing.push_back({victim, world.now(), kTimeNever});
  }
  const Replacement r = group.replacing.front();
  const bool gone = !is_member(world.node(r.node), group.id);
  if (!gone && !drained(world, r.node) && world.now() - r.since < kUpdateDrainLimit) return;
  group.replacing.clear();
  --group.surge;
  if (gone) return;
  group.last = desired - 1;
  world.set_group_desired(group.id, group.last);
  world.terminate_node(r.node, Reason::scale_down);
}

void NodeGroupUpdates::give_up_surge(World& world, Group& group) {
  std::int64_t members = 0;
  for (const NodeId id : world.live_nodes()) members += is_member(world.node(id), group.id) ? 1 : 0;
  const std::int64_t desired = world.group(group.id).desired;
  world.set_group_desired(group.id, std::min(desired, std::max(desired - group.surge, members)));
  end_update(world, group, "NodeCreationFailure: the new nodes did not all join within 15 minutes");
}

void NodeGroupUpdates::end_update(World& world, Group& group, const std::string& failure) {
  for (Surge& s : surges_) {
    if (s.group == group.id && s.to == kTimeNever) s.to = world.now();
  }
  if (!failure.empty()) {
    failed_.push_back({world.now(), group.id, failure, old_nodes(world, group)});
    // Old nodes take pods again; what was started stays.
    for (const NodeId id : failed_.back().left) {
      world.untaint_node(id, world.names.intern(kCordon));
      node_updated(world, id);
    }
  }
  world.set_group_maximum(group.id, std::max(group.maximum, world.group(group.id).desired));
  group.surge = 0;
  group.replacing.clear();
  group.phase = Stage::idle;
  if (!group.again) return;
  group.again = false;
  group.phase = Stage::scale_up;
  group.surge = -1;
}

}  // namespace plimsoll::eks
