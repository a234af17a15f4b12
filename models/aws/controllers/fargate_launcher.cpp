#include "models/aws/controllers/fargate_launcher.h"

#include <algorithm>

#include "sim/core/payload.h"

namespace plimsoll::aws {

namespace {

enum : std::uint64_t { kLaunch = 0, kBind = 1, kHostGone = 2, kLost = 3 };

// SOURCE: ECS developer guide, "Service event messages".
constexpr std::string_view kNoCapacity =
    "Capacity is unavailable at this time. Please try again later or in a different availability zone";
constexpr std::string_view kVcpuLimit = "You've reached the limit on the number of vCPUs you can run concurrently";

bool is_live(const Node& n) { return n.state != NodeState::terminating && n.state != NodeState::terminated; }

}  // namespace

HostProfile read_fargate_host(document::Fields& delays, const HostProfile& instance) {
  HostProfile host = instance;
  host.prepare = Delay::constant(Duration{});
  host.image_cache = false;
  host.pull_bytes_per_s =
      delays
          .bytes("fargatePullRate", Bytes{15'000'000},
                 "413 MB image in 53 to 62 s less provisioning (elasticscale.com 2024)", "bytes a second")
          .raw();
  return host;
}

void FargateLauncher::serve(WorkloadId workload, const ResourceVector& size) {
  if (sizes_.size() <= workload.index()) sizes_.resize(workload.index() + 1);
  sizes_[workload.index()] = {true, size, {}};
}

void FargateLauncher::start(World& world) {
  for (Size& s : sizes_) s.per_zone.assign(world.zones().size(), 0);
}

std::string FargateLauncher::why_pending(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  if (!serves(pod.workload) || (parameters_.lane && pod.lane != *parameters_.lane)) return {};
  const auto first = queue_.begin() + static_cast<std::ptrdiff_t>(queue_head_);
  if (std::find(first, queue_.end(), id) == queue_.end()) return "its microVM is being provisioned";
  if (short_of_capacity_) return std::string(vcpus_.binds() ? kVcpuLimit : kNoCapacity);
  const std::int64_t milli = parameters_.quota.per_second.raw() / 1000;
  std::string rate = std::to_string(milli / 1000);
  if (milli % 1000 != 0) rate += "." + std::to_string(1000 + milli % 1000).substr(1);
  return "it waits for its turn under the launch quota of " + rate + " a second";
}

bool FargateLauncher::within_vcpu_quota(const World& world, PodId pod) const {
  if (!parameters_.vcpu_quota) return true;
  const PurchaseOption purchase = parameters_.spot ? PurchaseOption::spot : PurchaseOption::on_demand;
  Cpu used = sizes_[world.pod(pod).workload.index()].size.cpu();
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.host == HostKind::fargate && n.purchase == purchase && is_live(n)) used += n.capacity.cpu();
  }
  return used <= cpu_cores(*parameters_.vcpu_quota);
}

void FargateLauncher::wait_for_capacity(World& world, Reason reason) {
  if (!short_of_capacity_) {
    short_of_capacity_ = true;
    world.record({.at = world.now(),
                  .fact = Fact::launch_refused,
                  .reason = reason,
                  .workload = world.pod(queue_[queue_head_]).workload,
                  .value = static_cast<std::int64_t>(queue_.size() - queue_head_)});
  }
  wake_pending_ = true;
  quota_.set(world, false);
  vcpus_.set(world, reason == Reason::vcpu_limit);
  world.wake(handler, world.now() + parameters_.retry, Phase::scheduler, packed_step(0, kLaunch));
}

void FargateLauncher::launch_queued(World& world) {
  while (queue_head_ < queue_.size()) {
    // A pod that was given up while it waited takes no token.
    if (world.pod(queue_[queue_head_]).state != PodState::pending) {
      ++queue_head_;
      continue;
    }
    if (!within_vcpu_quota(world, queue_[queue_head_])) {
      wait_for_capacity(world, Reason::vcpu_limit);
      return;
    }
    if (tokens_.take(1, world.now()) != 1) break;
    if (!launch(world, queue_[queue_head_])) {
      wait_for_capacity(world, Reason::launch_failed);
      return;
    }
    short_of_capacity_ = false;
    ++queue_head_;
  }
  vcpus_.set(world, false);
  quota_.set(world, queue_head_ < queue_.size());
  if (queue_head_ == queue_.size()) {
    queue_.clear();
    queue_head_ = 0;
  } else {
    wake_pending_ = true;
    world.wake(handler, tokens_.when_available(1, world.now()), Phase::scheduler, packed_step(0, kLaunch));
  }
}

std::vector<BindingLimits::Limit> FargateLauncher::binding_limits(const World& world) const {
  std::vector<Limit> out;
  const std::string on = parameters_.spot ? "Fargate Spot" : "Fargate";
  if (const double share = quota_.share(world); share > 0) out.push_back({"the launch quota of " + on, share});
  if (const double share = vcpus_.share(world); share > 0)
    out.push_back({"the account's quota of " + std::to_string(*parameters_.vcpu_quota) + " vCPUs on " + on, share});
  return out;
}

bool FargateLauncher::is_ours(const World& world, const FactRecord& fact) const {
  return serves(fact.workload) && (!parameters_.lane || world.pod(fact.pod).lane == *parameters_.lane);
}

std::string FargateLauncher::why_waiting(const World& world, PodId id) const {
  const Pod& pod = world.pod(id);
  if (!serves(pod.workload) || (parameters_.lane && pod.lane != *parameters_.lane)) return {};
  const bool queued =
      std::find(queue_.begin() + static_cast<std::ptrdiff_t>(queue_head_), queue_.end(), id) != queue_.end();
  if (!queued) return "its microVM is being prepared";
  if (!short_of_capacity_) return "it waits for its turn under the launch quota of the account";
  return "service " + std::string(world.names.text(world.workload(pod.workload).name)) +
         " was unable to place a task. Reason: " + std::string(vcpus_.binds() ? kVcpuLimit : kNoCapacity);
}

void FargateLauncher::on_fact(World& world, const FactRecord& fact) {
  switch (fact.fact) {
    case Fact::pod_created:
      if (!is_ours(world, fact)) return;
      queue_.push_back(fact.pod);
      if (!wake_pending_) {
        wake_pending_ = true;
        world.wake(handler, world.now(), Phase::scheduler, packed_step(0, kLaunch));
      }
      return;
    case Fact::pod_stopping:
      // Nobody is there to stop a pod on a lost host: its end is the end of the microVM.
      if (!parameters_.lost && is_ours(world, fact) && world.node(fact.node).is_lost())
        world.wake(handler, world.now(), Phase::facts, packed_step(fact.node.value(), kLost));
      return;
    case Fact::pod_ended:
      if (fact.node.is_none() || !is_ours(world, fact)) return;
      --sizes_[fact.workload.index()].per_zone[world.node(fact.node).zone.index()];
      world.wake(handler, world.now(), Phase::facts, packed_step(fact.node.value(), kHostGone));
      return;
    case Fact::node_lost:
    case Fact::spot_notice: {
      const Node& node = world.node(fact.node);
      if (node.host != HostKind::fargate) return;
      const Pod& pod = world.pod(PodId{static_cast<std::uint32_t>(node.tag)});
      if (!serves(pod.workload) || (parameters_.lane && pod.lane != *parameters_.lane)) return;
      if (fact.fact == Fact::spot_notice) {
        world.wake(handler, world.now(), Phase::facts, packed_step(fact.node.value(), kLost));
      } else if (parameters_.lost) {
        const Stream stream = world.stream(world.entity(pod), Purpose::host_failure);
        world.wake(handler, world.now() + parameters_.lost->sample(stream, 1), Phase::facts,
                   packed_step(fact.node.value(), kLost));
      }
      return;
    }
    default:
      return;
  }
}

bool FargateLauncher::launch(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  Size& size = sizes_[pod.workload.index()];
  const CapacityPools* pools = pools_of(world, parameters_.pools);
  const NameId spot_type = parameters_.spot ? world.names.intern(kFargateSpotPool) : NameId{};
  std::optional<std::size_t> zone;
  PoolId pool;
  for (std::size_t z = 0; z < size.per_zone.size(); ++z) {
    if (zone && size.per_zone[z] >= size.per_zone[*zone]) continue;
    if (!world.zone_available(ZoneId{z})) continue;
    PoolId here;
    if (pools != nullptr) {
      if (parameters_.spot) here = pools->find(spot_type, ZoneId{z});
      if (!here.is_none() && pools->request(world, here, PurchaseOption::spot, 1).granted == 0) continue;
    }
    zone = z;
    pool = here;
  }
  if (!zone) return false;
  ++size.per_zone[*zone];
  NodeSpec spec;
  spec.name_prefix = "fargate";
  spec.host = HostKind::fargate;
  spec.purchase = parameters_.spot ? PurchaseOption::spot : PurchaseOption::on_demand;
  spec.zone = ZoneId{*zone};
  spec.pool = pool;
  spec.capacity = size.size;
  spec.allocatable = size.size;
  spec.tag = id.value();
  const NodeId node = world.request_node(spec);
  const Stream stream = world.stream(world.entity(pod), Purpose::boot_delay);
  world.wake(handler, world.now() + parameters_.provision.sample(stream, 0), Phase::scheduler,
             packed_step(node.value(), kBind));
  return true;
}

/// The microVM's host is gone, or is taken back: what runs on it stops.
void FargateLauncher::host_lost(World& world, NodeId id) {
  const Node& node = world.node(id);
  if (!is_live(node)) return;
  const PodId pod{static_cast<std::uint32_t>(node.tag)};
  if (!node.is_lost()) {  // a Spot notice: SIGTERM now, the end within the two minutes
    if (node.state == NodeState::ready || node.state == NodeState::draining)
      world.stop_pod(pod, Reason::spot_interruption);
    return;
  }
  world.terminate_node(id, Reason::node_lost);
  world.node_terminated(id);
}

/// The zone went away while the microVM was on its way.
void FargateLauncher::launch_elsewhere(World& world, NodeId id) {
  const PodId pod{static_cast<std::uint32_t>(world.node(id).tag)};
  --sizes_[world.pod(pod).workload.index()].per_zone[world.node(id).zone.index()];
  world.terminate_node(id, Reason::launch_failed);
  world.node_terminated(id);
  if (world.pod(pod).state != PodState::pending) return;
  queue_.push_back(pod);
  if (!wake_pending_) {
    wake_pending_ = true;
    world.wake(handler, world.now(), Phase::scheduler, packed_step(0, kLaunch));
  }
}

void FargateLauncher::handle(World& world, const Event& event) {
  const NodeId node{static_cast<std::uint32_t>(event.payload >> 8)};
  switch (event.payload & 0xffu) {
    case kLaunch:
      wake_pending_ = false;
      launch_queued(world);
      break;
    case kBind: {
      if (!is_live(world.node(node))) break;
      if (!world.zone_available(world.node(node).zone)) {
        launch_elsewhere(world, node);
        break;
      }
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
    case kLost:
      host_lost(world, node);
      break;
    default:
      if (is_live(world.node(node))) world.terminate_node(node, Reason::host_ended);
      if (world.node(node).state == NodeState::terminating) world.node_terminated(node);
      break;
  }
}

}  // namespace plimsoll::aws
