#include "models/kubernetes/controllers/daemon_set_controller.h"

#include <algorithm>
#include <utility>

#include "models/kubernetes/controllers/kube_scheduler.h"
#include "models/kubernetes/controllers/requeue.h"

namespace plimsoll::kubernetes {

namespace {

/// SOURCE: daemon_controller.go, BackoffGCInterval and the controller's flowcontrol.NewBackOff(1 s, 15 min); an entry
/// that was not used for twice the longest delay starts anew.
constexpr Duration kFirst = seconds(1), kLongest = minutes(15);

// payload: node (32) | set (16) | step (8)
std::uint64_t pack(NodeId node, std::size_t set, std::uint64_t step) {
  return (static_cast<std::uint64_t>(node.value()) << 24) | (static_cast<std::uint64_t>(set) << 8) | step;
}

bool takes_pods(const Node& node) { return node.state == NodeState::ready && !node.is_lost(); }

}  // namespace

void DaemonSetController::on_fact(World& world, const FactRecord& fact) {
  if (workloads_.empty() || fact.node.is_none()) return;
  const Node& node = world.node(fact.node);
  if (node.host != HostKind::ec2) return;
  switch (fact.fact) {
    case Fact::node_ready:
      // A node that was only uncordoned has its daemons.
      if (node.pod_count == 0) world.wake(handler, world.now(), Phase::controllers, pack(fact.node, 0, kJoined));
      break;
    case Fact::node_terminating:
      if (!waiting_.empty()) world.wake(handler, world.now(), Phase::controllers, pack(fact.node, 0, kGone));
      break;
    case Fact::pod_ended: {
      const auto set = std::find(workloads_.begin(), workloads_.end(), fact.workload);
      if (set == workloads_.end() || !takes_pods(node)) break;
      world.wake(handler, world.now() + backoff(world, fact.workload, fact.node), Phase::controllers,
                 pack(fact.node, static_cast<std::size_t>(set - workloads_.begin()), kReplace));
      break;
    }
    default:
      break;
  }
}

Duration DaemonSetController::backoff(World& world, WorkloadId workload, NodeId node) {
  auto at = std::find_if(failures_.begin(), failures_.end(),
                         [&](const Failures& f) { return f.workload == workload && f.node == node; });
  if (at == failures_.end()) at = failures_.insert(failures_.end(), {workload, node, 0, {}});
  if (world.now() - at->last > kLongest * 2) at->count = 0;
  at->last = world.now();
  return requeue_delay(++at->count, kFirst, kLongest);
}

bool DaemonSetController::runs_on(const World& world, WorkloadId workload, NodeId node) const {
  const std::vector<PodId>& pods = world.workload(workload).pods;
  return std::any_of(pods.begin(), pods.end(), [&](PodId pod) { return world.pod(pod).node == node; }) ||
         std::any_of(waiting_.begin(), waiting_.end(), [&](const Waiting& w) {
           return w.node == node && world.pod(w.pod).workload == workload &&
                  world.pod(w.pod).state == PodState::pending;
         });
}

void DaemonSetController::place(World& world, WorkloadId workload, NodeId node) {
  const PodId pod = world.create_pod(workload);
  if (world.bind_pod(pod, node) == Applied::yes) return;
  PodShape shape = world.shapes[world.pod(pod).shape];
  NodeSelectorTerm term;
  Requirement name;
  name.key = world.names.intern("metadata.name");
  name.values = {world.node(node).name};
  term.fields = {name};
  shape.node_required = std::vector<NodeSelectorTerm>{term};
  world.edit_pod(pod).shape = world.shapes.intern(std::move(shape));
  std::erase_if(waiting_, [&](const Waiting& w) { return world.pod(w.pod).state != PodState::pending; });
  waiting_.push_back({pod, node});
  if (!scheduler_.is_none()) dynamic_cast<KubeScheduler&>(world.component(scheduler_)).pod_updated(world, pod);
}

void DaemonSetController::handle(World& world, const Event& event) {
  const NodeId node{static_cast<std::uint32_t>(event.payload >> 24)};
  switch (event.payload & 0xffu) {
    case kJoined:
      if (world.node(node).state != NodeState::ready) return;
      for (const WorkloadId workload : workloads_) place(world, workload, node);
      break;
    case kReplace: {
      const WorkloadId workload = workloads_[(event.payload >> 8) & 0xffffu];
      if (takes_pods(world.node(node)) && !runs_on(world, workload, node)) place(world, workload, node);
      break;
    }
    default:
      for (const Waiting& w : waiting_) {
        if (w.node == node && world.pod(w.pod).state == PodState::pending)
          world.stop_pod(w.pod, plimsoll::Reason::host_ended);
      }
      std::erase_if(waiting_, [&](const Waiting& w) { return world.pod(w.pod).state != PodState::pending; });
      break;
  }
}

}  // namespace plimsoll::kubernetes
