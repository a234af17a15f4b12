#include <algorithm>

#include "models/eks/controllers/karpenter.h"
#include "models/eks/karpenter/drift.h"

/// Nodes that are no longer as they should be: NodePools that were edited under them, and broken machines.
namespace plimsoll::eks {

namespace {

/// SOURCE: kubernetes-sigs/karpenter pkg/controllers/node/health/controller.go (allowedUnhealthyPercent, requeue).
constexpr std::int64_t kAllowedUnhealthyPercent = 20;
constexpr Duration kRepairRetry = minutes(5);

}  // namespace

/// The pools are as the edit leaves them from now on; nodes made by another template, or of types, zones or purchase
/// options that their pool no longer admits, have drifted.
void Karpenter::edit_pools(World& world, std::size_t edit) {
  auto edited = std::make_shared<KarpenterConfig>(*config_);
  edited->pools = config_->edits[edit].pools;
  config_ = std::move(edited);
  templates_.reset();
  for (Managed& m : nodes_) {
    const karpenter::NodePool& pool = config_->pools[m.pool];
    m.drifted = m.template_hash != karpenter::template_hash(pool) ||
                !karpenter::satisfies(pool, world.node(m.node).labels, world.names);
  }
  open_batch(world);
}

/// The node has been NotReady for as long as is tolerated: it goes without a drain, unless so many of its pool are
/// unhealthy that something else must be wrong.
void Karpenter::repair(World& world, NodeId node) {
  const Managed* m = managed(node);
  if (m == nullptr || world.node(node).state >= NodeState::terminating) return;
  std::int64_t total = 0, unhealthy = 0;
  for (const Managed& other : nodes_) {
    const Node& n = world.node(other.node);
    if (other.pool != m->pool || (n.state != NodeState::ready && n.state != NodeState::draining)) continue;
    ++total;
    if (n.is_lost()) ++unhealthy;
  }
  if (unhealthy > div_ceil(total * kAllowedUnhealthyPercent, 100)) {
    world.wake(handler, world.now() + kRepairRetry, Phase::controllers, pack(node.value(), kRepair));
    return;
  }
  world.terminate_node(node, plimsoll::Reason::node_repair);
  open_batch(world);
}

}  // namespace plimsoll::eks
