#include "models/eks/controllers/cluster_control_plane.h"

#include <algorithm>
#include <iterator>

#include "models/eks/accepted_setting.h"
#include "models/kubernetes/controllers/api_server.h"
#include "models/kubernetes/controllers/kube_scheduler.h"

namespace plimsoll::eks {

namespace {

/// Beyond so many nodes a control plane of each standard size grows.
constexpr std::int64_t kNodesOfSize[] = {500, 2000};
constexpr Duration kLook = minutes(1);
/// So many looks in a row must find it busy.
constexpr int kBusyLooks = 5;

kubernetes::ClientRates rates_of(const ControlPlaneCapacity& c) {
  constexpr kubernetes::ClientRates kDefault;
  kubernetes::ClientRates r;
  // Only the scheduler's limit is published; the others keep their proportions to it.
  r.scheduler_qps = c.scheduling;
  r.scheduler_burst = kDefault.scheduler_burst * c.scheduling / kDefault.scheduler_qps;
  r.controllers_qps = kDefault.controllers_qps * c.scheduling / kDefault.scheduler_qps;
  r.controllers_burst = kDefault.controllers_burst * c.scheduling / kDefault.scheduler_qps;
  return r;
}

}  // namespace

ControlPlaneLines control_plane_lines(BuildContext& context, const ControlPlane& plane) {
  ControlPlaneLines out;
  out.bill = context.bill.handler;
  billing::LineItem fee;
  fee.unit = "Hours";
  fee.service = "Amazon Elastic Kubernetes Service";
  fee.category = "Compute";
  fee.resource_type = "Cluster";
  const auto line = [&](SupportTier tier) {
    const bool extended = tier == SupportTier::extended;
    fee.item = "eks/control-plane";
    if (tier != plane.tier) fee.item += extended ? "/extended-support" : "/standard-support";
    fee.label = extended ? "EKS control plane, extended support" : "EKS control plane";
    fee.rate = plane.hour_of(tier);
    fee.sku = extended ? "AmazonEKS-Hours:extendedSupport" : "AmazonEKS-Hours:perCluster";
    return context.bill.line(fee);
  };
  for (const SupportTier tier : {SupportTier::standard, SupportTier::extended}) {
    const bool may_come = plane.minor != 0 && !plane.tier_said;
    if (tier == plane.tier || may_come) (tier == SupportTier::extended ? out.extended : out.standard) = line(tier);
  }
  if (plane.scaling != nullptr) {
    fee.item = "eks/control-plane/" + std::string(plane.scaling->name);
    fee.label = "EKS provisioned control plane, " + std::string(plane.scaling->name);
    fee.rate = plane.scaling_hour;
    fee.sku = "AmazonEKS-Hours:" + std::string(plane.scaling->name);
    out.scaling = context.bill.line(fee);
  }
  return out;
}

int ClusterControlPlane::gates() const {
  ControlPlane now = plane_;
  now.minor = minor_;
  return gates_minor(now, rules_);
}

ControlPlaneCapacity ClusterControlPlane::capacity() const {
  if (plane_.scaling != nullptr) return plane_.scaling->capacity(minor_ == 0 ? 34 : minor_);
  return standard_sizes(minor_)[size_];
}

void ClusterControlPlane::apply_capacity(World& world) {
  const ControlPlaneCapacity now = capacity();
  dynamic_cast<kubernetes::ApiServer&>(world.component(api_server_)).set_seats(world, now.seats);
  world.each_component<kubernetes::ControlPlaneProcess>(
      [&](kubernetes::ControlPlaneProcess& process) { process.set_rates(rates_of(now)); });
}

void ClusterControlPlane::open_fee(World& world) {
  auto& bill = dynamic_cast<billing::Bill&>(world.component(lines_.bill));
  const SupportTier tier = minor_ == plane_.minor ? plane_.tier : plane_.tier_of(minor_);
  if (fee_ && tier == fee_tier_) return;
  if (fee_) bill.close(*fee_, world.now());
  fee_tier_ = tier;
  fee_ = bill.open(tier == SupportTier::extended ? lines_.extended : lines_.standard, 1, world.now());
}

void ClusterControlPlane::start(World& world) {
  open_fee(world);
  if (!lines_.scaling.is_none())
    dynamic_cast<billing::Bill&>(world.component(lines_.bill)).open(lines_.scaling, 1, world.now());
  if (plane_.scaling != nullptr) apply_capacity(world);
}

std::pair<int, int> ClusterControlPlane::kubelets(const World& world) const {
  std::pair<int, int> out{minor_, minor_};
  bool any = false;
  for (const NodeId id : world.live_nodes()) {
    if (world.node(id).state == NodeState::terminating || id.index() >= kubelet_.size()) continue;
    const int minor = kubelet_[id.index()];
    if (minor == 0) continue;
    if (!any) out = {minor, minor};
    out = {std::min(out.first, minor), std::max(out.second, minor)};
    any = true;
  }
  return out;
}

void ClusterControlPlane::refuse(World& world, int target, Reason reason) const {
  world.record({.at = world.now(), .fact = Fact::control_plane_refused, .reason = reason, .value = target});
}

void ClusterControlPlane::update_version(World& world, const std::string& version) {
  const int target = minor_of(version);
  if (target_ != 0) return refuse(world, target, Reason::in_progress);
  const auto [oldest, newest] = kubelets(world);
  // A step may have been refused before this one.
  const bool step = target == minor_ + 1 || target == minor_ - 1;
  if (!step || oldest < target - kubelet_skew(target) || newest > target)
    return refuse(world, target, Reason::version_skew);
  target_ = target;
  world.record({.at = world.now(), .fact = Fact::control_plane_update, .value = target});
  const Stream stream = world.stream(hash_text("control-plane/update"), Purpose::control_plane);
  world.wake(handler, world.now() + plane_.update.sample(stream, updates_++), Phase::facts, kUpdated);
}

void ClusterControlPlane::updated(World& world) {
  minor_ = target_;
  target_ = 0;
  world.record({.at = world.now(), .fact = Fact::control_plane_updated, .value = minor_});
  open_fee(world);
  if (plane_.rules_follow) rules_ = rules_of(minor_);
  const Stream stream = world.stream(hash_text("control-plane/leader"), Purpose::control_plane);
  kubernetes::ControlPlaneRelease release;
  release.version = rules_;
  release.gates = gates();
  release.node_monitor_grace = plane_.monitor_grace.value_or(node_monitor_grace(rules_));
  release.leads = world.now() + plane_.leader_election.sample(stream, updates_);
  world.each_component<kubernetes::ControlPlaneProcess>(
      [&](kubernetes::ControlPlaneProcess& process) { process.replace(world, release); });
  if (plane_.scaling != nullptr || size_ > 0) apply_capacity(world);
}

void ClusterControlPlane::look_at_load(World& world) {
  if (plane_.scaling != nullptr || growing_ || size_ >= std::size(kNodesOfSize)) return;
  bool busy = nodes_ > kNodesOfSize[size_];
  if (!busy && world.now() - looked_ >= kLook) {
    auto& api = dynamic_cast<kubernetes::ApiServer&>(world.component(api_server_));
    const auto* scheduler = world.find_component<kubernetes::KubeScheduler>();
    const Duration held = scheduler == nullptr ? Duration{} : scheduler->held_by_rate();
    const bool pressed = (held - held_) * 2 >= world.now() - looked_ || api.seats_in_use(world) * 10 >= api.seats() * 7;
    looked_ = world.now();
    held_ = held;
    busy_looks_ = pressed ? busy_looks_ + 1 : 0;
    busy = busy_looks_ >= kBusyLooks;
  }
  if (!busy) return;
  growing_ = true;
  busy_looks_ = 0;
  const Stream stream = world.stream(hash_text("control-plane/growth"), Purpose::control_plane);
  world.wake(handler, world.now() + plane_.growth.sample(stream, growths_++), Phase::facts, kResized);
}

void ClusterControlPlane::handle(World& world, const Event& event) {
  if (event.payload == kUpdated) return updated(world);
  growing_ = false;
  ++size_;
  apply_capacity(world);
  world.record({.at = world.now(), .fact = Fact::control_plane_resized, .value = capacity().seats});
}

void ClusterControlPlane::on_fact(World& world, const FactRecord& fact) {
  switch (fact.fact) {
    case Fact::node_requested: {
      if (minor_ == 0) break;
      const Node& node = world.node(fact.node);
      const bool by_group = !node.group.is_none() && node.host == HostKind::ec2;
      kubelet_.resize(std::max(kubelet_.size(), fact.node.index() + 1));
      kubelet_[fact.node.index()] = static_cast<std::uint8_t>(by_group ? template_minor_ : minor_);
      break;
    }
    case Fact::image_changed:
      template_minor_ = minor_;
      break;
    case Fact::node_ready:
      if (world.node(fact.node).ready == world.now()) ++nodes_;
      look_at_load(world);
      break;
    case Fact::node_terminating:
      if (world.node(fact.node).ready != kTimeNever) --nodes_;
      break;
    case Fact::pod_bound:
      look_at_load(world);
      break;
    default:
      break;
  }
}

}  // namespace plimsoll::eks
