#include <algorithm>

#include "sim/cluster/world.h"
#include "sim/core/assert.h"

/// Commands of the world about what fails and what is about to: nodes, zones, instances with a notice.
namespace plimsoll {

bool World::lose_node(NodeId id, Reason reason) {
  Node& n = nodes_[id.index()];
  const bool runs = n.state == NodeState::running || n.state == NodeState::ready || n.state == NodeState::draining;
  if (!runs || n.is_lost()) return false;
  n.lost = now();
  ++nodes_version_;
  for (const PodId pod : pods_on(id)) ++pods_[pod.index()].epoch;  // whatever its agent had in mind
  record({.at = now(), .fact = Fact::node_lost, .reason = reason, .node = id, .group = n.group});
  return true;
}

void World::lose_zone(ZoneId zone) {
  ++zone_lost_[zone.index()];
  record({.at = now(), .fact = Fact::zone_lost, .value = zone.value()});
  const std::vector<NodeId> there = live_nodes_;
  for (const NodeId id : there) {
    if (nodes_[id.index()].zone == zone) lose_node(id, Reason::zone_lost);
  }
}

void World::restore_zone(ZoneId zone) {
  PLIMSOLL_ASSERT(zone_lost_[zone.index()] > 0);
  if (--zone_lost_[zone.index()] == 0) record({.at = now(), .fact = Fact::zone_restored, .value = zone.value()});
}

void World::mark_unreachable(NodeId id) {
  const Node& n = nodes_[id.index()];
  if (n.state == NodeState::terminating || n.state == NodeState::terminated) return;
  if (n.row != kNoRow) placement.set_unschedulable(n.row, true);
  record({.at = now(), .fact = Fact::node_unreachable, .reason = Reason::node_lost, .node = id, .group = n.group});
}

void World::give_spot_notice(NodeId id, Time deadline) {
  Node& n = nodes_[id.index()];
  if (n.state == NodeState::terminating || n.state == NodeState::terminated) return;
  n.notice_deadline = std::min(n.notice_deadline, deadline);
  record({.at = now(),
          .fact = Fact::spot_notice,
          .reason = Reason::spot_interruption,
          .node = id,
          .group = n.group,
          .value = to_microseconds(deadline)});
}

void World::recommend_rebalance(NodeId id) {
  const Node& n = nodes_[id.index()];
  if (n.state == NodeState::terminating || n.state == NodeState::terminated) return;
  record({.at = now(), .fact = Fact::rebalance_recommended, .node = id, .group = n.group});
}

}  // namespace plimsoll
