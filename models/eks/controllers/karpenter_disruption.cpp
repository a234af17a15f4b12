#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "models/eks/controllers/karpenter.h"
#include "models/eks/karpenter/candidates.h"
#include "models/kubernetes/scheduler/match.h"

/// The other half of the controller: disruption commands and the end of nodes.
namespace plimsoll::eks {

using karpenter::Cluster;
using karpenter::ClusterNode;
using karpenter::SchedulingPod;

namespace {

constexpr Duration kEvictionPoll = seconds(2);
/// A command whose replacements are not there by then is taken back. SOURCE: pkg/controllers/disruption/queue.go:
/// maxRetryDuration 10 min, 1 h from v1.4; then 80 ms for each node that is being disrupted within these bounds (pull
/// request 2411 of August 2025, in v1.7).
constexpr Duration kShortestTimeout = minutes(10), kLongestTimeout = hours(1), kTimeoutPerNode = milliseconds(80);
constexpr karpenter::Release kLongTimeout{1, 4}, kScaledTimeout{1, 7};
/// A pod that is still there so long after its grace is over is stuck. SOURCE: pkg/utils/pod/scheduling.go
/// (IsStuckTerminating).
constexpr Duration kStuckTerminating = minutes(1);
/// system-cluster-critical and system-node-critical.
constexpr std::int32_t kCritical = 2'000'000'000;

plimsoll::Reason reason_of(karpenter::Method method) {
  return method == karpenter::Method::drift ? plimsoll::Reason::drifted : plimsoll::Reason::consolidation;
}

}  // namespace

karpenter::DisruptionInput Karpenter::disruption_input(World& world, const PodDirectory& pods,
                                                       std::span<const DisruptionBudget> budgets,
                                                       std::span<const SchedulingPod> pending_pods) const {
  karpenter::DisruptionInput input;
  input.pods = &pods;
  input.pod_budgets = budgets;
  input.pending = pending_pods;
  input.now = world.now();
  input.unix_at_zero = config_->unix_at_zero;
  input.release = config_->release;
  input.spot_to_spot_consolidation = config_->spot_to_spot_consolidation;
  input.simulation_cost = Duration{config_->simulation_per_thousand_nodes.count() *
                                   static_cast<std::int64_t>(world.placement.live_rows()) / 1000};
  TraceHash fingerprint;
  for (const DisruptionBudget& b : budgets) fingerprint.add(b.disruptions_allowed);
  input.facts_version = fingerprint.value();
  return input;
}

void Karpenter::disrupt(World& world) {
  continue_commands(world);
  const Simulation sim{world.placement, framework_, scratch_, world.shapes, world.names, simulated_};
  const std::vector<ClusterNode> nodes = view_nodes(world);
  Duration spent{};
  if (!nodes.empty()) {
    const Cluster cluster{sim, types(world), config_->pools, config_->known, nodes, config_->daemons};
    const WorldPods directory(world, annotations_, &budgets_);
    const std::vector<DisruptionBudget> budgets = view_budgets(world, budgets_);
    const std::vector<SchedulingPod> pods = pending(world);
    karpenter::DisruptionInput input = disruption_input(world, directory, budgets, pods);
    input.templates = templates(cluster);
    auto decision = karpenter::plan_disruption(cluster, input, disruption_);
    if (world.is_explained()) {
      DisruptionDetail detail;
      detail.decision = &decision;
      detail.cluster = &cluster;
      detail.input = &input;
      world.explain(detail);
    }
    spent = Duration{input.simulation_cost.count() * static_cast<std::int64_t>(decision.simulations)};
    if (decision.command) {
      // The pass waits for its validation; drift needs none.
      const bool at_once = decision.command->method == karpenter::Method::drift;
      proposed_ = std::move(decision.command);
      world.wake(handler, world.now() + spent + (at_once ? Duration{} : karpenter::kValidationDelay),
                 Phase::controllers, kValidate);
      return;
    }
  }
  world.wake(handler, world.now() + spent + karpenter::kDisruptionInterval, Phase::controllers, kDisrupt);
}

void Karpenter::validate(World& world) {
  const karpenter::DisruptionCommand command = *proposed_;
  proposed_.reset();
  const Simulation sim{world.placement, framework_, scratch_, world.shapes, world.names, simulated_};
  const std::vector<ClusterNode> nodes = view_nodes(world);
  const Cluster cluster{sim, types(world), config_->pools, config_->known, nodes, config_->daemons};
  const WorldPods directory(world, annotations_, &budgets_);
  const std::vector<DisruptionBudget> budgets = view_budgets(world, budgets_);
  const std::vector<SchedulingPod> pods = pending(world);
  karpenter::DisruptionInput input = disruption_input(world, directory, budgets, pods);
  input.templates = templates(cluster);
  const bool valid = karpenter::is_still_valid(cluster, input, command);
  if (world.is_explained()) {
    DisruptionDetail detail;
    detail.stage = valid ? DisruptionDetail::Stage::executed : DisruptionDetail::Stage::refused;
    detail.command = &command;
    detail.cluster = &cluster;
    detail.input = &input;
    world.explain(detail);
  }
  if (valid) execute(world, command);
  // After a command the next pass follows at once.
  world.wake(handler, world.now() + (valid ? milliseconds(100) : karpenter::kDisruptionInterval), Phase::controllers,
             kDisrupt);
}

void Karpenter::execute(World& world, const karpenter::DisruptionCommand& planned) {
  Command command;
  command.reason = reason_of(planned.method);
  command.since = world.now();
  const Simulation sim{world.placement, framework_, scratch_, world.shapes, world.names, simulated_};
  const std::vector<ClusterNode> nodes = view_nodes(world);
  const Cluster cluster{sim, types(world), config_->pools, config_->known, nodes, config_->daemons};
  for (const karpenter::PlannedClaim& claim : planned.replacements) {
    const NodeId id = launch(world, cluster, claim);
    // The command is off; replacements that came before stay, for the next pass to plan with or to take as empty.
    // SOURCE: pkg/controllers/disruption/orchestration/queue.go (waitOrTerminate: "replacement was deleted").
    if (id.is_none()) return;
    command.replacements.push_back(id);
  }
  for (const NodeId node : planned.nodes) {
    world.drain_node(node, command.reason);  // karpenter.sh/disrupted:NoSchedule
    managed(node)->disrupting = true;
    command.nodes.push_back(node);
  }
  commands_.push_back(std::move(command));
  continue_commands(world);
}

Duration Karpenter::command_timeout() const {
  if (config_->release < kLongTimeout) return kShortestTimeout;
  if (config_->release < kScaledTimeout) return kLongestTimeout;
  std::int64_t nodes = 0;
  for (const Command& c : commands_) nodes += static_cast<std::int64_t>(c.nodes.size());
  return std::clamp(kTimeoutPerNode * nodes, kShortestTimeout, kLongestTimeout);
}

void Karpenter::continue_commands(World& world) {
  const Duration timeout = command_timeout();
  for (std::size_t i = 0; i < commands_.size();) {
    const Command& c = commands_[i];
    const bool failed = std::any_of(c.replacements.begin(), c.replacements.end(),
                                    [&](NodeId n) { return world.node(n).state >= NodeState::terminating; }) ||
                        world.now() - c.since > timeout;
    const bool ready =
        std::all_of(c.replacements.begin(), c.replacements.end(), [&](NodeId n) { return is_initialized(world, n); });
    if (!ready && !failed) {
      ++i;
      continue;
    }
    const Command command = commands_[i];
    commands_.erase(commands_.begin() + static_cast<std::ptrdiff_t>(i));
    if (failed) {
      take_back(world, command);
    } else {
      for (const NodeId node : command.nodes) begin_deletion(world, node, command.reason);
    }
  }
}

void Karpenter::take_back(World& world, const Command& command) {
  for (const NodeId node : command.nodes) {
    Managed* m = managed(node);
    if (m == nullptr || m->deleting) continue;
    m->disrupting = false;
    world.undrain_node(node);
  }
}

void Karpenter::begin_deletion(World& world, NodeId node, plimsoll::Reason reason) {
  Managed* m = managed(node);
  if (m == nullptr || m->deleting) return;
  const NodeState state = world.node(node).state;
  if (state == NodeState::terminating || state == NodeState::terminated) return;
  m->deleting = true;
  if (const auto& grace = config_->pools[m->pool].termination_grace_period) m->deadline = world.now() + *grace;
  if (state < NodeState::ready) {
    world.terminate_node(node, reason);
    return;
  }
  world.drain_node(node, reason);
  world.edit_node(node).end_reason = reason;  // also of a node that was tainted for another one
  world.wake(handler, world.now(), Phase::controllers, pack(node.value(), kDrain));
}

void Karpenter::give_up(World& world, NodeId node) {
  world.terminate_node(node, plimsoll::Reason::launch_failed);
  open_batch(world);
}

std::vector<std::pair<PodId, std::string>> Karpenter::held_pods(const World& world, NodeId node) const {
  std::vector<std::pair<PodId, std::string>> out;
  const auto m = std::find_if(nodes_.begin(), nodes_.end(), [node](const Managed& x) { return x.node == node; });
  const NodeState state = world.node(node).state;
  if (m == nodes_.end() || !m->deleting || state == NodeState::terminating || state == NodeState::terminated)
    return out;
  const WorldPods directory(world, annotations_, &budgets_);
  bool others = false;
  for (const PodId id : world.pods_on(node)) {
    const Pod& pod = world.pod(id);
    others = others || (!pod.daemon && world.shapes[pod.shape].priority < kCritical);
  }
  for (const PodId id : world.pods_on(node)) {
    const Pod& pod = world.pod(id);
    if (pod.daemon) continue;
    std::string why = "is evicted next";
    if (pod.state == PodState::stopping) {
      why = "is ending";
    } else if (others && world.shapes[pod.shape].priority >= kCritical) {
      why = "is critical, it goes when the others are gone";
    } else if (karpenter::is_protected(directory.facts(id), pod.bound, world.now(), config_->release)) {
      why = "has karpenter.sh/do-not-disrupt";
    } else if (budgets_.allowed(world, pod.workload).value_or(1) < 1) {
      why = budgets_.refusal(world, id);
    }
    out.emplace_back(id, std::move(why));
  }
  return out;
}

void Karpenter::drain(World& world, NodeId node) {
  const NodeState state = world.node(node).state;
  const Managed* m = managed(node);
  if (m == nullptr || state == NodeState::terminating || state == NodeState::terminated) return;
  // Critical pods wait until the others are gone.
  const WorldPods directory(world, annotations_, &budgets_);
  std::vector<PodId> groups[2];
  for (const PodId id : world.pods_on(node)) {
    const Pod& pod = world.pod(id);
    if (pod.daemon) continue;
    // On a broken node nobody ends it: no reason to wait.
    if (pod.state == PodState::stopping && world.now() > pod.stopping + pod.stop_after + kStuckTerminating) continue;
    groups[world.shapes[pod.shape].priority >= kCritical ? 1 : 0].push_back(id);
  }
  const std::vector<PodId>& group = groups[groups[0].empty() ? 1 : 0];
  if (!group.empty() && (m->deadline == kTimeNever || world.now() < m->deadline)) {
    const Time deadline = m->deadline;
    // Of either group: a pod that would need what is left of the node's time to end is deleted, with no more time.
    // SOURCE: pkg/controllers/node/termination/terminator/terminator.go (DeleteExpiringPods).
    for (const std::vector<PodId>& of : groups) {
      if (deadline == kTimeNever) break;
      for (const PodId id : of) {
        if (world.now() >= deadline - directory.facts(id).grace)
          world.stop_pod(id, plimsoll::Reason::node_drain, deadline - world.now());
      }
    }
    for (const PodId id : group) {
      if (world.pod(id).state == PodState::stopping) continue;
      if (!karpenter::is_protected(directory.facts(id), world.pod(id).bound, world.now(), config_->release)) {
        budgets_.evict(world, id, plimsoll::Reason::node_drain);
      }
    }
    Time next = world.now() + kEvictionPoll;
    if (deadline != kTimeNever) next = std::min(next, std::max(deadline, world.now() + microseconds(1)));
    world.wake(handler, next, Phase::controllers, pack(node.value(), kDrain));
    return;
  }
  // Ended by us ahead of the notice's deadline: no interruption to the bill.
  const plimsoll::Reason reason = world.node(node).end_reason;
  world.terminate_node(node, reason == plimsoll::Reason::spot_interruption ? plimsoll::Reason::node_drain : reason);
}

}  // namespace plimsoll::eks
