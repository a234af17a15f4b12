#include "models/kubernetes/controllers/node_drain.h"

#include <algorithm>

#include "sim/core/payload.h"

namespace plimsoll::kubernetes {

namespace {

constexpr Duration kNoticed = seconds(2);  ///< event bus and queue, assumed
constexpr Duration kRetry = seconds(5);

}  // namespace

void NodeDrain::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact != Fact::spot_notice && fact.fact != Fact::node_draining) return;
  if (std::find(groups_.begin(), groups_.end(), fact.group) == groups_.end()) return;
  if (fact.fact == Fact::spot_notice) {
    world.wake(handler, world.now() + kNoticed, Phase::controllers, packed_step(fact.node, kCordon));
  } else if (fact.reason != plimsoll::Reason::scale_down && fact.reason != plimsoll::Reason::consolidation) {
    world.wake(handler, world.now(), Phase::controllers, packed_step(fact.node, kEvict));
  }
}

std::vector<std::pair<PodId, std::string>> NodeDrain::held_pods(const World& world, NodeId node) const {
  std::vector<std::pair<PodId, std::string>> out;
  const Node& n = world.node(node);
  const bool own = std::find(groups_.begin(), groups_.end(), n.group) != groups_.end();
  if (!own || n.state != NodeState::draining) return out;
  for (const PodId id : world.pods_on(node)) {
    const Pod& pod = world.pod(id);
    if (pod.daemon) continue;
    const bool stops = pod.state == PodState::stopping;
    out.emplace_back(id, stops                                                    ? "is ending"
                         : budgets_.allowed(world, pod.workload).value_or(1) >= 1 ? "is evicted next"
                                                                                  : budgets_.refusal(world, id));
  }
  return out;
}

void NodeDrain::handle(World& world, const Event& event) {
  const NodeId node{static_cast<std::uint32_t>(event.payload >> 8)};
  if ((event.payload & 0xffu) == kCordon) {
    world.drain_node(node, plimsoll::Reason::spot_interruption);
    return;
  }
  if (world.node(node).state != NodeState::draining) return;
  bool refused = false;
  for (const PodId id : world.pods_on(node)) {
    if (world.pod(id).daemon || world.pod(id).state == PodState::stopping) continue;
    if (budgets_.evict(world, id, world.node(node).end_reason) == Applied::rejected) refused = true;
  }
  if (refused) world.wake(handler, world.now() + kRetry, Phase::controllers, packed_step(node, kEvict));
}

}  // namespace plimsoll::kubernetes
