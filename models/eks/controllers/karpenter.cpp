#include "models/eks/controllers/karpenter.h"

#include <algorithm>

#include "models/aws/autoscaling/allocation_strategy.h"
#include "models/aws/spot/capacity_pools.h"
#include "models/eks/karpenter/drift.h"
#include "models/kubernetes/scheduler/priority_sort.h"
#include "sim/core/assert.h"

namespace plimsoll::eks {

using karpenter::CapacityType;
using karpenter::Cluster;
using karpenter::ClusterNode;
using karpenter::SchedulingPod;

namespace {

constexpr Duration kPendingRetry = seconds(10);
/// SOURCE: aws/karpenter-provider-aws pkg/cache (UnavailableOfferingsTTL).
constexpr Duration kUnavailableFor = minutes(3);
/// From the notice through EventBridge and the queue, which is polled without a pause.
constexpr Duration kQueueDelay = seconds(1);
/// The garbage collection looks so often. SOURCE: pkg/controllers/nodeclaim/garbagecollection.
constexpr Duration kCollection = minutes(2);
/// The first release that reads EC2 status checks.
constexpr karpenter::Release kReadsStatusChecks{1, 12};

}  // namespace

void Karpenter::start(World& world) {
  launches_.assign(config_->types.types.size() * std::max<std::size_t>(config_->types.zones.size(), 1), 0);
  const Stream stream = world.stream(hash_text("karpenter"), Purpose::loop_offset);
  const auto offset = stream.below(static_cast<std::uint64_t>(karpenter::kDisruptionInterval.count()), 0);
  world.wake(handler, world.now() + Duration{static_cast<std::int64_t>(offset)}, Phase::controllers, kDisrupt);
  for (std::size_t i = 0; i < config_->edits.size(); ++i) {
    if (config_->edits[i].at <= world.end)
      world.wake(handler, config_->edits[i].at, Phase::controllers, pack(i, kEdit));
  }
}

Karpenter::Managed* Karpenter::managed(NodeId node) {
  const auto at = std::find_if(nodes_.begin(), nodes_.end(), [&](const Managed& m) { return m.node == node; });
  return at == nodes_.end() ? nullptr : &*at;
}

bool Karpenter::is_initialized(const World& world, NodeId id) const {
  const Node& n = world.node(id);
  if (n.state != NodeState::ready && n.state != NodeState::draining) return false;
  const auto m = std::find_if(nodes_.begin(), nodes_.end(), [id](const Managed& k) { return k.node == id; });
  if (m == nodes_.end() || m->startup_taints.empty()) return true;
  return std::none_of(n.taints.begin(), n.taints.end(), [&](const Taint& t) {
    return std::find(m->startup_taints.begin(), m->startup_taints.end(), t.key) != m->startup_taints.end();
  });
}

std::uint64_t Karpenter::entity(const World& world, const Node& node) const {
  std::string path = "pool/";
  path += world.names.text(node.instance_type);
  path += '/';
  path += world.names.text(world.zones()[node.zone.index()]);
  return mix64(hash_text(path) + node.tag);
}

void Karpenter::open_batch(World& world) {
  batch_latest_ = world.now();
  if (!batch_open_) {
    batch_open_ = true;
    batch_first_ = world.now();
  }
  ++batch_;
  world.wake(handler, karpenter::batch_closes(batch_first_, batch_latest_, config_->batch), Phase::controllers,
             pack(batch_, kBatch));
}

void Karpenter::on_fact(World& world, const FactRecord& f) {
  switch (f.fact) {
    case Fact::pod_created:
      if (!world.workload(f.workload).daemon && !annotations_.of(f.workload).fargate) open_batch(world);
      break;
    case Fact::pod_bound:
    case Fact::pod_ended:
      if (!f.node.is_none()) {
        if (Managed* m = managed(f.node)) {
          // The condition is written at most every ten seconds.
          if (f.at - m->last_pod_event >= seconds(10)) m->last_pod_event = f.at;
        }
      }
      break;
    case Fact::node_terminating:
      // By us, or taken from us: the instance shuts down, and the claim goes with it.
      if (!f.node.is_none() && managed(f.node) != nullptr) {
        const Stream stream = world.stream(entity(world, world.node(f.node)), Purpose::boot_delay);
        world.wake(handler, world.now() + config_->delays.shutdown.sample(stream, 2), Phase::facts,
                   pack(f.node.value(), kTerminated));
        if (!commands_.empty()) world.wake(handler, world.now(), Phase::controllers, kCommands);
      }
      break;
    case Fact::control_plane_updated:
      images_since_ = f.at;
      break;
    case Fact::spot_notice:
      if (managed(f.node) != nullptr)
        world.wake(handler, world.now() + kQueueDelay, Phase::controllers, pack(f.node.value(), kInterrupted));
      break;
    case Fact::node_unreachable:
      if (config_->node_repair && managed(f.node) != nullptr)
        world.wake(handler, world.now() + config_->repair_toleration, Phase::controllers,
                   pack(f.node.value(), kRepair));
      break;
    case Fact::node_lost:
      if (config_->release >= kReadsStatusChecks && managed(f.node) != nullptr)
        world.wake(handler, world.now() + kCollection, Phase::controllers, pack(f.node.value(), kGone));
      break;
    default:
      break;
  }
}

std::vector<SchedulingPod> Karpenter::pending(const World& world) const {
  std::vector<SchedulingPod> out;
  for (const PodId id : world.pending_pods()) {
    const Pod& pod = world.pod(id);
    // A gated pod is not unschedulable: no scheduler has looked at it.
    if (pod.daemon || annotations_.of(pod.workload).fargate ||
        !kubernetes::SchedulingGates::admits(world.shapes[pod.shape]))
      continue;
    out.push_back({id, pod.shape, pod.created});
  }
  return out;
}

std::vector<ClusterNode> Karpenter::view_nodes(const World& world) const {
  std::vector<ClusterNode> out;
  for (const Managed& m : nodes_) {
    const Node& n = world.node(m.node);
    if (n.state == NodeState::terminating || n.state == NodeState::terminated) continue;
    ClusterNode c;
    c.id = m.node;
    c.name = n.name;
    c.row = n.row;
    c.pool = m.pool;
    c.type = m.type;
    c.zone = m.zone;
    c.capacity_type = m.capacity_type;
    c.initialized = is_initialized(world, m.node);
    c.ready = (n.state == NodeState::ready || n.state == NodeState::draining) && !n.is_lost();
    c.do_not_disrupt = m.do_not_disrupt;
    c.startup_taints = m.startup_taints;
    c.deleting = m.deleting || m.disrupting;
    c.nominated = m.nominated_until > world.now();
    c.drifted = m.drifted || (n.image < world.image() && !config_->pools[m.pool].image_pinned) ||
                (n.requested < images_since_ && !config_->pools[m.pool].image_by_id);
    c.created = n.requested;
    c.last_pod_event = m.last_pod_event;
    if (c.row == kNoRow) c.labels = n.labels;
    out.push_back(std::move(c));
  }
  return out;
}

const karpenter::PoolTemplates* Karpenter::templates(const Cluster& cluster) {
  if (templates_ == nullptr) templates_ = std::make_shared<const karpenter::PoolTemplates>(cluster);
  return templates_.get();
}

ZoneId Karpenter::zone_of(const World& world, std::uint8_t zone) const {
  for (std::size_t z = 0; z < world.zones().size(); ++z) {
    if (world.zones()[z] == config_->types.zones[zone]) return ZoneId{z};
  }
  return {};
}

void Karpenter::mark_unavailable(World& world, std::uint32_t type, std::uint8_t zone, CapacityType capacity_type) {
  const auto at = std::find_if(unavailable_.begin(), unavailable_.end(), [&](const Unavailable& u) {
    return u.type == type && u.zone == zone && u.capacity_type == capacity_type;
  });
  const Time until = world.now() + kUnavailableFor;
  if (at != unavailable_.end()) {
    at->until = until;
    return;
  }
  unavailable_.push_back({type, zone, capacity_type, until});
  offers_changed_ = true;  // plans under way go on with what they have
}

const karpenter::InstanceTypes& Karpenter::types(const World& world) {
  const std::size_t before = unavailable_.size();
  std::erase_if(unavailable_, [&](const Unavailable& u) { return u.until <= world.now(); });
  if (offers_changed_ || unavailable_.size() != before) {
    offers_changed_ = false;
    types_.reset();
    disruption_.idle.reset();
    templates_.reset();
  }
  if (unavailable_.empty()) return config_->types;
  if (types_ == nullptr) {
    auto now = std::make_shared<karpenter::InstanceTypes>(config_->types);
    for (const Unavailable& u : unavailable_) {
      for (karpenter::Offering& o : now->types[u.type].offerings) {
        if (o.zone == u.zone && o.capacity_type == u.capacity_type) o.available = false;
      }
    }
    types_ = std::move(now);
  }
  return *types_;
}

std::vector<karpenter::LaunchOverride> Karpenter::fleet_order(World& world, const karpenter::LaunchRequest& request,
                                                              std::size_t pool) const {
  // Equal prices of a type in several zones: the zone with fewest nodes of the pool (the provider takes the subnet with
  // most free addresses).
  std::vector<std::int64_t> per_zone(config_->types.zones.size(), 0);
  for (const Managed& m : nodes_) {
    const NodeState s = world.node(m.node).state;
    if (m.pool == pool && s != NodeState::terminating && s != NodeState::terminated) ++per_zone[m.zone];
  }
  std::vector<karpenter::LaunchOverride> order = request.overrides;
  std::stable_sort(order.begin(), order.end(),
                   [&](const karpenter::LaunchOverride& a, const karpenter::LaunchOverride& b) {
                     if (a.price != b.price) return a.price < b.price;
                     return a.type != b.type ? a.type < b.type : per_zone[a.zone] < per_zone[b.zone];
                   });
  const aws::CapacityPools* pools = aws::pools_of(world, config_->capacity);
  if (request.capacity_type != CapacityType::spot || pools == nullptr) return order;
  std::vector<aws::PoolOffer> offers;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const PoolId id = pools->find(config_->types[order[i].type].name, zone_of(world, order[i].zone));
    offers.push_back({i, order[i].price, id.is_none() ? 1 : pools->depth(world, id, PurchaseOption::spot), 0});
  }
  std::vector<karpenter::LaunchOverride> ranked;
  for (const std::size_t i : aws::rank_offers(offers, aws::AllocationStrategy::price_capacity_optimized)) {
    ranked.push_back(order[i]);
  }
  return ranked;
}

NodeId Karpenter::launch(World& world, const Cluster& cluster, const karpenter::PlannedClaim& claim,
                         LaunchOutcome* outcome) {
  const karpenter::LaunchRequest request = karpenter::launch_request(claim, cluster);
  if (request.overrides.empty()) return {};
  const aws::CapacityPools* pools = aws::pools_of(world, config_->capacity);
  const PurchaseOption purchase =
      request.capacity_type == CapacityType::spot ? PurchaseOption::spot : PurchaseOption::on_demand;
  const std::vector<karpenter::LaunchOverride> order = fleet_order(world, request, claim.pool);
  const karpenter::LaunchOverride* best = nullptr;
  PoolId capacity;
  bool quota = false;
  for (const karpenter::LaunchOverride& o : order) {
    capacity = pools != nullptr ? pools->find(config_->types[o.type].name, zone_of(world, o.zone)) : PoolId{};
    if (capacity.is_none() || pools->request(world, capacity, purchase, 1).granted > 0) {
      best = &o;
      break;
    }
    // VcpuLimitExceeded and MaxSpotInstanceCountExceeded count as capacity that is unavailable. SOURCE:
    // aws/karpenter-provider-aws pkg/errors/errors.go (unfulfillableCapacityErrorCodes).
    quota = quota || pools->held_by_quota(world, capacity, purchase);
    mark_unavailable(world, o.type, o.zone, request.capacity_type);
  }
  if (best == nullptr) {
    world.record({.at = world.now(),
                  .fact = Fact::launch_refused,
                  .reason = quota ? plimsoll::Reason::vcpu_limit : plimsoll::Reason::none,
                  .value = 1});
    if (outcome != nullptr && quota) (purchase == PurchaseOption::spot ? outcome->spot : outcome->on_demand) = true;
    return {};
  }
  if (outcome != nullptr) outcome->launched = true;
  const karpenter::InstanceType& type = config_->types[best->type];
  const SnapshotNode node = karpenter::node_of(cluster, claim.pool, best->type, best->zone, request.capacity_type,
                                               NodeId{}, type.name, &claim.requirements);
  NodeSpec spec;
  spec.purchase = purchase;
  spec.pool = capacity;
  spec.instance_type = type.name;
  spec.zone = zone_of(world, best->zone);
  spec.capacity.set_cpu(type.capacity.cpu());
  spec.capacity.set_memory(type.source != nullptr ? type.source->memory : type.capacity.memory());
  spec.allocatable = config_->node_allocatable[best->type];
  if (best->type < config_->node_extended.size()) spec.extended = config_->node_extended[best->type];
  spec.labels = node.labels;
  spec.taints = node.taints;
  const std::vector<Taint>& startup = config_->pools[claim.pool].startup_taints;
  spec.taints.insert(spec.taints.end(), startup.begin(), startup.end());
  spec.tag = launches_[best->type * config_->types.zones.size() + best->zone]++;
  const NodeId id = world.request_node(spec);
  world.edit_node(id).labels.set(config_->known.hostname, world.node(id).name);
  Managed m;
  m.node = id;
  m.pool = claim.pool;
  m.type = best->type;
  m.zone = best->zone;
  m.capacity_type = request.capacity_type;
  m.nominated_until = world.now() + karpenter::nomination_window(config_->batch);
  m.last_pod_event = world.now();
  m.template_hash = karpenter::template_hash(config_->pools[claim.pool]);
  m.do_not_disrupt = config_->pools[claim.pool].do_not_disrupt;
  for (const Taint& t : startup) m.startup_taints.push_back(t.key);
  nodes_.push_back(m);
  if (world.is_explained()) {
    LaunchDetail detail;
    detail.node = id;
    detail.claim = &claim;
    detail.request = &request;
    detail.chosen = best;
    detail.config = config_.get();
    world.explain(detail);
  }
  const Stream stream = world.stream(entity(world, world.node(id)), Purpose::boot_delay);
  world.wake(handler, world.now() + config_->delays.api.sample(stream, 3) + config_->delays.pending.sample(stream, 0),
             Phase::facts, pack(id.value(), kRunning));
  world.wake(handler, world.now() + config_->registration_timeout, Phase::controllers, pack(id.value(), kLiveness));
  if (const auto& expiry = config_->pools[claim.pool].expire_after)
    world.wake(handler, world.now() + *expiry, Phase::controllers, pack(id.value(), kExpire));
  return id;
}

void Karpenter::note_quota(World& world, const LaunchOutcome& outcome) {
  aws::CapacityPools* pools = aws::pools_of(world, config_->capacity);
  if (pools == nullptr) return;
  const bool held = outcome.on_demand || outcome.spot;
  if (!held && !outcome.launched) return;
  pools->note_quota(world, NodeGroupId{}, PurchaseOption::on_demand, outcome.on_demand);
  pools->note_quota(world, NodeGroupId{}, PurchaseOption::spot, outcome.spot);
}

void Karpenter::note_limits(const World& world, std::span<const std::size_t> pools) {
  if (limits_.empty() && pools.empty()) return;
  limits_.resize(std::max(limits_.size(), config_->pools.size()));
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    const bool binds = std::find(pools.begin(), pools.end(), i) != pools.end();
    if (binds != limits_[i].binds()) limits_[i].set(world, binds);
  }
}

std::vector<BindingLimits::Limit> Karpenter::binding_limits(const World& world) const {
  std::vector<Limit> out;
  for (std::size_t i = 0; i < limits_.size() && i < config_->pools.size(); ++i) {
    const double share = limits_[i].share(world);
    if (share > 0) out.push_back({"a limit of NodePool " + config_->pools[i].name, share});
  }
  return out;
}

void Karpenter::provision(World& world) {
  batch_open_ = false;
  if (solving_) {
    batch_waits_ = true;
    return;
  }
  const std::vector<SchedulingPod> pods = pending(world);
  const bool leaving = std::any_of(nodes_.begin(), nodes_.end(), [](const Managed& m) { return m.deleting; });
  if (pods.empty()) {
    note_limits(world, {});
    note_quota(world, {.launched = true});
  }
  if (pods.empty() && !leaving) return;
  const Simulation sim{world.placement, framework_, scratch_, world.shapes, world.names, simulated_};
  const std::vector<ClusterNode> nodes = view_nodes(world);
  const Cluster cluster{sim, types(world), config_->pools, config_->known, nodes, config_->daemons};
  const WorldPods directory(world, annotations_, &budgets_);
  karpenter::ProvisioningInput input;
  input.pending = pods;
  input.pods = &directory;
  input.release = config_->release;
  input.templates = templates(cluster);
  input.try_cost = config_->scheduling_try;
  input.now = world.now();
  solving_ = karpenter::plan_provisioning(cluster, input);
  solving_for_pending_ = !pods.empty();
  if (world.is_explained()) {
    ProvisioningDetail detail;
    detail.plan = &*solving_;
    detail.cluster = &cluster;
    detail.templates = input.templates;
    detail.pending = pods;
    world.explain(detail);
  }
  if (solving_->spent > Duration{}) {
    world.wake(handler, world.now() + solving_->spent, Phase::controllers, kSolved);
  } else {
    finish_provisioning(world);
  }
}

void Karpenter::finish_provisioning(World& world) {
  const karpenter::ProvisioningPlan plan = std::move(*solving_);
  solving_.reset();
  const Simulation sim{world.placement, framework_, scratch_, world.shapes, world.names, simulated_};
  const std::vector<ClusterNode> nodes = view_nodes(world);
  const Cluster cluster{sim, types(world), config_->pools, config_->known, nodes, config_->daemons};
  note_limits(world, plan.limited_pools);
  for (const karpenter::PlannedPlacement& p : plan.nominations) {
    if (Managed* m = managed(p.node)) m->nominated_until = world.now() + karpenter::nomination_window(config_->batch);
  }
  LaunchOutcome outcome;
  for (const karpenter::PlannedClaim& claim : plan.claims) launch(world, cluster, claim, &outcome);
  // While the types that the quota forbids count as unavailable, their pods have no claim.
  if (plan.claims.empty() && plan.unschedulable.empty()) outcome.launched = true;
  note_quota(world, outcome);
  // A pod that stays pending triggers again.
  if (batch_waits_) {
    batch_waits_ = false;
    open_batch(world);
  } else if (solving_for_pending_ && !batch_open_) {
    ++batch_;
    world.wake(handler, world.now() + kPendingRetry, Phase::controllers, pack(batch_, kBatch));
  }
}

void Karpenter::handle(World& world, const Event& event) {
  const NodeId node{static_cast<std::uint32_t>(event.payload >> 8)};
  switch (event.payload & 0xffu) {
    case kBatch:
      if (event.payload >> 8 == batch_) provision(world);
      break;
    case kSolved:
      finish_provisioning(world);
      break;
    case kDisrupt:
      disrupt(world);
      break;
    case kValidate:
      validate(world);
      break;
    case kRunning: {
      if (world.node(node).state != NodeState::requested) break;
      world.node_running(node);
      if (const Managed* m = managed(node);
          m != nullptr && m->type < config_->never_joins.size() && config_->never_joins[m->type] != 0)
        break;  // kLiveness ends it
      const Stream stream = world.stream(entity(world, world.node(node)), Purpose::boot_delay);
      world.wake(handler, world.now() + config_->delays.join.sample(stream, 1), Phase::facts,
                 pack(node.value(), kReady));
      break;
    }
    case kReady:
      if (world.node(node).state != NodeState::running) break;
      world.node_ready(node);
      continue_commands(world);
      break;
    case kDrain:
      drain(world, node);
      break;
    case kEdit:
      edit_pools(world, node.index());
      break;
    case kRepair:
      repair(world, node);
      break;
    case kExpire:
      if (managed(node) == nullptr) break;
      begin_deletion(world, node, plimsoll::Reason::expired);
      open_batch(world);
      break;
    case kLiveness:
      if (world.node(node).state < NodeState::ready && managed(node) != nullptr) give_up(world, node);
      break;
    case kCommands:
      continue_commands(world);
      break;
    case kInterrupted:
      if (const Managed* m = managed(node)) {
        mark_unavailable(world, m->type, m->zone, m->capacity_type);
        begin_deletion(world, node, plimsoll::Reason::spot_interruption);
        open_batch(world);
      }
      break;
    case kGone:
      if (managed(node) == nullptr || world.node(node).state >= NodeState::terminating) break;
      world.terminate_node(node, plimsoll::Reason::node_lost);
      open_batch(world);
      break;
    default: {
      world.node_terminated(node);
      std::erase_if(nodes_, [&](const Managed& m) { return m.node == node; });
      break;
    }
  }
}

}  // namespace plimsoll::eks
