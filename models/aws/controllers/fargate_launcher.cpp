#include "models/aws/controllers/fargate_launcher.h"

#include <algorithm>

namespace plimsoll::aws {

namespace {

enum : std::uint64_t { kLaunch = 0, kBind = 1, kHostGone = 2 };

std::uint64_t pack(std::uint32_t id, std::uint64_t step) { return (static_cast<std::uint64_t>(id) << 8) | step; }

}  // namespace

void FargateLauncher::serve(WorkloadId workload, const ResourceVector& size) {
  if (sizes_.size() <= workload.index()) sizes_.resize(workload.index() + 1);
  sizes_[workload.index()] = {true, size, {}};
}

void FargateLauncher::start(World& world) {
  for (Size& s : sizes_) s.per_zone.assign(world.zones().size(), 0);
}

void FargateLauncher::launch_queued(World& world) {
  while (queue_head_ < queue_.size()) {
    // A pod that was given up while it waited takes no token.
    if (world.pod(queue_[queue_head_]).state != PodState::pending) {
      ++queue_head_;
      continue;
    }
    if (tokens_.take(1, world.now()) != 1) break;
    launch(world, queue_[queue_head_++]);
  }
  if (queue_head_ == queue_.size()) {
    queue_.clear();
    queue_head_ = 0;
  } else {
    wake_pending_ = true;
    world.wake(handler, tokens_.when_available(1, world.now()), Phase::scheduler, pack(0, kLaunch));
  }
}

void FargateLauncher::on_fact(World& world, const FactRecord& fact) {
  if (!serves(fact.workload)) return;
  if (fact.fact == Fact::pod_created) {
    queue_.push_back(fact.pod);
    if (!wake_pending_) {
      wake_pending_ = true;
      world.wake(handler, world.now(), Phase::scheduler, pack(0, kLaunch));
    }
  } else if (fact.fact == Fact::pod_ended && !fact.node.is_none()) {
    --sizes_[fact.workload.index()].per_zone[world.node(fact.node).zone.index()];
    world.wake(handler, world.now(), Phase::facts, pack(fact.node.value(), kHostGone));
  }
}

void FargateLauncher::launch(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  Size& size = sizes_[pod.workload.index()];
  const auto zone =
      static_cast<std::size_t>(std::min_element(size.per_zone.begin(), size.per_zone.end()) - size.per_zone.begin());
  ++size.per_zone[zone];
  NodeSpec spec;
  spec.name_prefix = "fargate";
  spec.host = HostKind::fargate;
  spec.zone = ZoneId{zone};
  spec.capacity = size.size;
  spec.allocatable = size.size;
  spec.tag = id.value();
  const NodeId node = world.request_node(spec);
  const Stream stream = world.stream(world.entity(pod), Purpose::boot_delay);
  world.wake(handler, world.now() + parameters_.provision.sample(stream, 0), Phase::scheduler,
             pack(node.value(), kBind));
}

void FargateLauncher::handle(World& world, const Event& event) {
  const auto id = static_cast<std::uint32_t>(event.payload >> 8);
  switch (event.payload & 0xffu) {
    case kLaunch:
      wake_pending_ = false;
      launch_queued(world);
      break;
    case kBind: {
      const NodeId node{id};
      const PodId pod{static_cast<std::uint32_t>(world.node(node).tag)};
      world.node_running(node);
      world.node_ready(node);
      if (world.bind_pod(pod, node) != Applied::yes) {
        --sizes_[world.pod(pod).workload.index()].per_zone[world.node(node).zone.index()];
        world.terminate_node(node, Reason::unschedulable);
        world.node_terminated(node);
      }
      break;
    }
    default: {
      const NodeId node{id};
      world.terminate_node(node, Reason::host_ended);
      world.node_terminated(node);
      break;
    }
  }
}

}  // namespace plimsoll::aws
