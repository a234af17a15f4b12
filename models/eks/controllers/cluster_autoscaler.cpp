#include "models/eks/controllers/cluster_autoscaler.h"

#include <algorithm>
#include <tuple>

#include "models/aws/spot/capacity_pools.h"
#include "models/eks/node/volume_attach_limit.h"
#include "models/kubernetes/scheduler/priority_sort.h"
#include "sim/core/payload.h"

namespace plimsoll::eks {

namespace {

constexpr Duration kProviderRefresh = minutes(1);
/// A pod that turned unschedulable longer ago does not start a loop.
constexpr Duration kPodChangeAge = seconds(10);
/// The real loop takes about a second of calls to the API even where it has nothing to compute.
constexpr Duration kShortestLoop = seconds(1);
/// A node that has been ready for less does not stand for the next one of its group. SOURCE:
/// processors/nodeinfosprovider/mixed_nodeinfos_processor.go (stabilizationDelay).
constexpr Duration kStableNode = minutes(1);
/// From this release preempting DaemonSets of this priority count on a new node, whether they run on the others or not.
/// SOURCE: kubernetes/autoscaler pull request 7841.
constexpr int kCriticalDaemonsSince = 33;
constexpr std::int32_t kSystemNodeCritical = 2'000'001'000;
constexpr std::string_view kDefaultScheduler = "default-scheduler";
/// From the creation of a pod to the scheduler's verdict and its watch.
constexpr Duration kVerdict = milliseconds(100);

ca::BackoffParams backoff_of(const ca::Options& o) {
  return {o.initial_node_group_backoff_duration, o.max_node_group_backoff_duration, o.node_group_backoff_reset_timeout};
}

bool is_registered(const Node& n) { return n.state == NodeState::ready || n.state == NodeState::draining; }
/// Of facts about a node: whether World::nodes_version() counts it.
bool changes_node(Fact fact) {
  return fact <= Fact::node_terminated || fact == Fact::node_lost || fact == Fact::node_stopped;
}
bool is_instance(const Node& n) {
  return n.state == NodeState::requested || n.state == NodeState::running || is_registered(n);
}

}  // namespace

ClusterAutoscaler::ClusterAutoscaler(ca::Options options, std::shared_ptr<const ca::ExpanderChain> expanders,
                                     kubernetes::Framework framework, kubernetes::DisruptionBudgets budgets,
                                     AutoscalerComputeTime compute, AnnotationTable annotations)
    : options_(std::move(options)),
      taints_(options_),
      drain_priorities_(ca::parse_drain_priorities(options_.drain_priority_config)),
      expanders_(std::move(expanders)),
      framework_(std::move(framework)),
      budgets_(std::move(budgets)),
      compute_(compute),
      annotations_(std::move(annotations)),
      up_(backoff_of(options_)) {}

void ClusterAutoscaler::start(World& world) {
  const Stream stream = world.stream(hash_text("cluster-autoscaler"), Purpose::loop_offset);
  const auto offset = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(scan_interval().count()), 0));
  next_loop(world, world.now() + Duration{offset});
}

Duration ClusterAutoscaler::scan_interval() const { return std::max(options_.scan_interval, kShortestLoop); }

void ClusterAutoscaler::next_loop(World& world, Time at) {
  world.wake(handler, at, Phase::controllers, packed_step(++turn_, kLoop));
}

std::size_t ClusterAutoscaler::group_of(NodeGroupId id) const {
  const auto at = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) { return g.what.id == id; });
  return static_cast<std::size_t>(at - groups_.begin());
}

void ClusterAutoscaler::on_fact(World& world, const FactRecord& fact) {
  idle_ = false;
  if (!fact.workload.is_none()) {
    if (budgets_changed_.size() <= fact.workload.index()) budgets_changed_.resize(world.workloads().size(), 0);
    budgets_changed_[fact.workload.index()] = 1;
  }
  if (changes_node(fact.fact)) nodes_changed_.push_back(fact.node);
  if (fact.fact == Fact::launch_refused) {
    if (const std::size_t g = group_of(fact.group); !fact.group.is_none() && g < groups_.size()) {
      groups_[g].refused = fact.at;
      groups_[g].over_quota = fact.reason == Reason::vcpu_limit;
    }
  } else if (fact.fact == Fact::pod_created) {
    if (!options_.frequent_loops_enabled || trigger_pending_ || world.workload(fact.workload).daemon) return;
    trigger_pending_ = true;
    world.wake(handler, world.now() + kVerdict, Phase::controllers, packed_step(0, kTrigger));
  }
}

std::pair<std::int64_t, std::int64_t> ClusterAutoscaler::bounds_of(const World& world, const Group& group) const {
  if (group.what.bounds) return {group.what.bounds->minimum, group.what.bounds->maximum};
  const NodeGroup& own = world.group(group.what.id);
  return {own.minimum, own.maximum};
}

bool ClusterAutoscaler::is_starting(const World& world, const Node& node) const {
  return is_registered(node) && taints_.has_startup(node.taints, world.names);
}

void ClusterAutoscaler::see_template(const World& world, Group& g, ca::NodeGroup& view) {
  const Node* example = nullptr;
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.group != g.what.id || n.state != NodeState::ready || n.row == kNoRow || n.is_lost() ||
        world.placement.node(n.row).unschedulable || is_starting(world, n))
      continue;
    if (!(n.ready + kStableNode < world.now())) {
      templates_until_ = std::min(templates_until_, n.ready + kStableNode);
      continue;
    }
    example = &n;
    break;
  }
  if (example == nullptr && g.has_example) g.example_seen = world.now();  // the last loop still saw it
  g.has_example = example != nullptr;
  if (g.has_example) {
    g.example = world.placement.node(example->row);
    // No CSINode stands beside the node that it imagines: volumes are not limited there (until its release 1.35).
    const NameId attach_limit = world.names.find(kEbsAttachLimit);
    std::erase_if(g.example->extended, [&](const auto& e) { return e.first == attach_limit; });
    g.example_daemons.clear();
    std::vector<ShapeId> here;
    for (const PodId id : world.pods_on(example->id)) {
      const Pod& pod = world.pod(id);
      if (pod.daemon && pod.state != PodState::stopping) here.push_back(world.workload(pod.workload).shape);
    }
    for (const ShapeId daemon : g.what.daemons) {
      const bool runs = std::find(here.begin(), here.end(), daemon) != here.end();
      const bool preempts =
          options_.minor >= kCriticalDaemonsSince && world.shapes[daemon].priority == kSystemNodeCritical;
      if (runs || preempts || options_.force_ds) g.example_daemons.push_back(daemon);
    }
  }
  const bool known =
      g.example && (g.has_example || world.now() - g.example_seen <= options_.node_info_cache_expire_time);
  if (known && !g.has_example)
    templates_until_ = std::min(templates_until_, g.example_seen + options_.node_info_cache_expire_time);
  view.node = known ? *g.example : g.what.template_node;
  view.daemons = known ? g.example_daemons : g.what.daemons;
  taints_.sanitize(view.node.taints, world.names);
}

void ClusterAutoscaler::see_groups(const World& world) {
  const bool same_nodes = group_view_.size() == groups_.size() && group_nodes_version_ == world.nodes_version() &&
                          group_rows_version_ == world.placement.nodes_version() && world.now() <= templates_until_;
  if (!same_nodes) templates_until_ = kTimeNever;
  group_nodes_version_ = world.nodes_version();
  group_rows_version_ = world.placement.nodes_version();
  group_view_.resize(groups_.size());
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    Group& g = groups_[i];
    const NodeGroup& group = world.group(g.what.id);
    ca::NodeGroup& view = group_view_[i];
    std::tie(view.minimum, view.maximum) = bounds_of(world, g);
    view.target = group.desired;
    view.upcoming = 0;
    view.healthy = true;
    view.last_scale_up = g.last_scale_up;
    view.last_delete = g.last_delete;
    view.last_scale_down_failure = g.last_failure;
    view.deletions_in_progress =
        static_cast<std::int64_t>(std::count_if(deletions_.begin(), deletions_.end(), [&](const Deletion& d) {
          return world.node(d.node).group == g.what.id;
        }));
    if (same_nodes) continue;
    view.id = g.what.id;
    view.name = world.names.text(group.name);
    view.options = g.what.options;
    see_template(world, g, view);
  }
}

void ClusterAutoscaler::see_node(const World& world, NodeId id) {
  const Node& n = world.node(id);
  const std::size_t group = n.group.is_none() ? groups_.size() : group_of(n.group);
  const bool ours = group < groups_.size() && n.state != NodeState::terminated;
  const auto put = [id](auto& list, auto node_of, bool wanted, const auto& entry) {
    const auto at = !list.empty() && list.back().*node_of < id
                        ? list.end()
                        : std::lower_bound(list.begin(), list.end(), id,
                                           [&](const auto& e, NodeId sought) { return e.*node_of < sought; });
    const bool there = at != list.end() && (*at).*node_of == id;
    if (there && wanted) {
      *at = entry;
    } else if (there) {
      list.erase(at);
    } else if (wanted) {
      list.insert(at, entry);
    }
  };
  ca::RegistryInstance i;
  i.node = id;
  i.group = group;
  i.seen = n.requested;
  if (is_registered(n)) i.registered = n.ready;
  const bool starting = ours && is_starting(world, n);
  std::erase(starting_, id);
  if (starting) starting_.push_back(id);
  i.ready = is_registered(n) && !n.is_lost() && !starting;
  i.to_be_deleted = n.state == NodeState::draining;
  put(instances_, &ca::RegistryInstance::node, ours && is_instance(n), i);
  const auto known = std::lower_bound(nodes_.begin(), nodes_.end(), id,
                                      [](const ca::ScaleDownNode& e, NodeId sought) { return e.id < sought; });
  if (known != nodes_.end() && known->id == id) nodes_hash_ -= ca::hash_of({&*known, 1});
  ca::ScaleDownNode node;
  node.id = id;
  node.row = n.row;
  node.group = group;
  node.ready = !n.is_lost() && !starting;
  node.being_deleted = n.state == NodeState::draining || deletion_of(id) != nullptr;
  // What has not started yet is no candidate.
  const bool young =
      starting && n.ready + groups_[group].what.options.max_node_startup_time.value_or(options_.max_node_startup_time) >
                      world.now();
  const bool has_row = ours && n.row != kNoRow && !young;
  put(nodes_, &ca::ScaleDownNode::id, has_row, node);
  if (has_row) nodes_hash_ += ca::hash_of({&node, 1});
}

void ClusterAutoscaler::see_nodes(const World& world) {
  // Each change of a node is told as a fact, but for its joining of a group; then all are looked at.
  if (nodes_are_seen_ && nodes_changed_.size() == world.nodes_version() - nodes_version_) {
    for (const NodeId id : nodes_changed_) see_node(world, id);
    for (const NodeId id : deletions_over_) see_node(world, id);
    // Taints go, and time passes, without a fact.
    for (const NodeId id : std::vector<NodeId>(starting_)) see_node(world, id);
  } else {
    instances_.clear();
    starting_.clear();
    nodes_.clear();
    nodes_hash_ = 0;
    for (const NodeId id : world.live_nodes()) see_node(world, id);
  }
  nodes_are_seen_ = true;
  nodes_version_ = world.nodes_version();
  nodes_changed_.clear();
  deletions_over_.clear();
}

std::vector<ca::PendingPod> ClusterAutoscaler::view_pending(const World& world) const {
  std::vector<ca::PendingPod> out;
  const std::vector<std::string>& allowed = options_.allowed_scheduler_names;
  const auto is_allowed = [&](const PodShape& shape) {
    const NameId name = shape.scheduler_name;
    const std::string_view text = name.is_none() ? kDefaultScheduler : world.names.text(name);
    return allowed.empty() || std::find(allowed.begin(), allowed.end(), text) != allowed.end();
  };
  for (const PodId id : world.pending_pods()) {
    const Pod& pod = world.pod(id);
    // A gated pod is not unschedulable: no scheduler has looked at it.
    if (pod.daemon || annotations_.of(pod.workload).fargate || !is_allowed(world.shapes[pod.shape]) ||
        !kubernetes::SchedulingGates::admits(world.shapes[pod.shape]))
      continue;
    out.push_back({id, pod.shape, pod.workload, pod.created, annotations_.of(pod.workload).scale_up_delay});
  }
  // Pods that wait for their eviction from a node that is being drained: their replacements must find room.
  for (const Deletion& d : deletions_) {
    if (!d.drain) continue;
    for (const PodId id : world.pods_on(d.node)) {
      const Pod& pod = world.pod(id);
      if (!pod.daemon && pod.state != PodState::stopping) out.push_back({id, pod.shape, pod.workload, pod.created, {}});
    }
  }
  if (options_.enable_proactive_scaleup) add_expected(world, out);
  return out;
}

void ClusterAutoscaler::add_expected(const World& world, std::vector<ca::PendingPod>& out) const {
  std::vector<std::size_t> samples(world.workloads().size(), out.size());
  for (std::size_t i = 0; i < out.size(); ++i) samples[out[i].controller.index()] = i;
  const std::size_t real = out.size();
  for (const Workload& w : world.workloads()) {
    const std::size_t sample = samples[w.id.index()];
    if (w.daemon || sample == real) continue;
    const auto missing = w.desired - (static_cast<std::int64_t>(w.pods.size()) - w.stopping);
    for (std::int64_t i = 0; i < missing && static_cast<std::int64_t>(out.size()) < options_.pod_injection_limit; ++i) {
      // Ids that no pod has yet.
      ca::PendingPod expected = out[sample];
      expected.id = PodId{world.pods().size() + (out.size() - real)};
      out.push_back(expected);
    }
  }
}

bool ClusterAutoscaler::mend_groups(World& world, std::vector<ca::NodeGroup>& groups) {
  if (world.now() - provider_seen_ < kProviderRefresh) return false;
  provider_seen_ = world.now();
  bool mended = false;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (groups_[g].refused == kTimeNever) continue;
    groups_[g].refused = kTimeNever;
    // Places that the group could not fill are given back, and the group is left alone for a while.
    std::int64_t instances = 0;
    for (const NodeId id : world.live_nodes()) {
      const Node& n = world.node(id);
      if (n.group == groups_[g].what.id && is_instance(n)) ++instances;
    }
    const std::int64_t wanted = std::max(instances, groups[g].minimum);
    if (wanted >= groups[g].target) continue;
    registry_.creation_failed(groups_[g].what.id, world.now(), up_.backoff);
    world.set_group_desired(groups_[g].what.id, wanted);
    groups[g].target = wanted;
    mended = true;
  }
  return mended;
}

bool ClusterAutoscaler::found_nothing() const {
  const auto stands = [](const ca::RegistryInstance& i) { return i.registered != kTimeNever && i.ready; };
  const auto settled = [&](const Group& g) {
    return g.refused == kTimeNever && !registry_.has_open_scale_up(g.what.id);
  };
  return nothing_timed_out_ && deletions_.empty() && marked_.empty() && down_.unneeded.entries().empty() &&
         down_.seen_is_valid && std::all_of(groups_.begin(), groups_.end(), settled) &&
         std::all_of(instances_.begin(), instances_.end(), stands);
}

bool ClusterAutoscaler::is_idle(const World& world) const {
  if (!idle_ || world.is_explained() || world.now() > down_.recheck_at || world.placement.version() != idle_version_ ||
      world.nodes_version() != nodes_version_) {
    return false;
  }
  return std::all_of(group_view_.begin(), group_view_.end(), [&](const ca::NodeGroup& view) {
    const Group& g = groups_[static_cast<std::size_t>(&view - group_view_.data())];
    return bounds_of(world, g) == std::pair{view.minimum, view.maximum} && world.group(view.id).desired == view.target;
  });
}

void ClusterAutoscaler::loop(World& world) {
  triggered_ = false;
  if (is_idle(world)) {
    if (world.now() - provider_seen_ >= kProviderRefresh) provider_seen_ = world.now();
    up_.backoff.remove_stale(world.now());
    next_loop(world, world.now() + scan_interval());
    return;
  }
  idle_ = false;
  see_groups(world);
  std::vector<ca::NodeGroup>& groups = group_view_;
  const bool mended = mend_groups(world, groups);
  see_nodes(world);
  const ca::RegistryView view = registry_.update(groups, instances_, world.now(), options_, up_.backoff);
  if (mended) {
    next_loop(world, world.now() + scan_interval());
    return;
  }
  for (const NodeId id : view.long_unregistered) {
    const NodeGroupId group = world.node(id).group;
    world.terminate_node(id, Reason::launch_failed);
    world.set_group_desired(group, world.group(group).desired - 1);
  }
  if (!view.long_unregistered.empty()) {
    next_loop(world, world.now() + scan_interval());
    return;
  }
  if (!view.cluster_healthy) {
    down_.unneeded.clear();
    down_.seen_is_valid = false;
    next_loop(world, world.now() + scan_interval());
    return;
  }
  if (options_.enforce_node_group_min_size) {
    for (std::size_t g = 0; g < groups.size(); ++g) {
      if (groups[g].target >= groups[g].minimum) continue;
      world.set_group_desired(groups[g].id, groups[g].minimum);
      groups[g].target = groups[g].minimum;
    }
  }
  for (std::size_t g = 0; g < groups.size(); ++g) {
    groups[g].upcoming = view.upcoming[g];
    groups[g].healthy = view.healthy[g] != 0;
  }
  const Simulation sim{world.placement, framework_, scratch_, world.shapes, world.names, simulated_};
  nothing_timed_out_ = view.timed_out.empty();
  const Duration packing = plan_growth(world, sim, groups);
  computing_ = true;
  if (packing > Duration{}) {
    world.wake(handler, world.now() + packing, Phase::controllers, packed_step(0, kGrow));
  } else {
    grow(world);
  }
}

void ClusterAutoscaler::grow(World& world) {
  const std::span<const ca::NodeGroup> groups = group_view_;
  bool blocked = false;
  const bool grew = apply_growth(world, groups, blocked);
  const Simulation sim{world.placement, framework_, scratch_, world.shapes, world.names, simulated_};
  idle_ = !blocked;  // until something happens
  const Duration spent = scale_down(world, sim, groups, blocked);
  idle_version_ = world.placement.version();
  idle_ = idle_ && spent == Duration{} && found_nothing() && view_pending(world).empty();
  if (spent > Duration{}) {
    world.wake(handler, world.now() + spent, Phase::controllers, packed_step(grew ? 1 : 0, kApply));
  } else {
    apply(world, grew);
  }
}

Duration ClusterAutoscaler::plan_growth(World& world, const Simulation& sim, std::span<const ca::NodeGroup> groups) {
  const std::vector<ca::PendingPod> pending = view_pending(world);
  growth_.reset();
  growth_pending_ = !pending.empty();
  ca::ScaleUpInput input;
  input.groups = groups;
  input.pending = pending;
  input.now = world.now();
  input.ready_nodes = static_cast<std::int64_t>(world.placement.live_rows());
  input.options = &options_;
  input.expanders = expanders_.get();
  const Stream tie = world.stream(hash_text("cluster-autoscaler"), Purpose::tie_break);
  input.tie = &tie;
  input.check_cost = compute_.packing_check;
  if (!options_.scale_up_from_zero && input.ready_nodes == 0) return {};
  growth_ = ca::plan_scale_up(sim, input, up_);
  return growth_->further.empty() ? growth_->spent : growth_->further.back().spent;
}

bool ClusterAutoscaler::apply_growth(World& world, std::span<const ca::NodeGroup> groups, bool& blocked) {
  if (!growth_) return false;
  const ca::ScaleUpDecision& up = *growth_;
  if (world.is_explained()) {
    std::vector<ca::NodeGroup> as_of(groups.begin(), groups.end());
    const std::vector<ca::PendingPod> pending = view_pending(world);
    const Simulation sim{world.placement, framework_, scratch_, world.shapes, world.names, simulated_};
    const auto tell = [&](const ca::ScaleUpDecision& decision) {
      ScaleUpDetail detail;
      detail.decision = &decision;
      detail.groups = as_of;
      detail.expanders = expanders_.get();
      detail.pending = pending;
      detail.sim = &sim;
      world.explain(detail);
      for (const ca::Resize& r : decision.resized) as_of[r.index].target = r.wanted;
    };
    tell(up);
    for (const ca::ScaleUpDecision& more : up.further) tell(more);
  }
  const ca::ScaleUpDecision& last = up.further.empty() ? up : up.further.back();
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const bool binds = g < last.groups.size() && last.groups[g].would_help;
    if (binds != groups_[g].maximum.binds()) groups_[g].maximum.set(world, binds);
  }
  const bool beyond_totals = up.outcome == ca::ScaleUpOutcome::max_nodes_reached;
  if (beyond_totals != totals_.binds()) totals_.set(world, beyond_totals);
  note_quota(world, growth_pending_ && up.outcome != ca::ScaleUpOutcome::scale_up);
  blocked = up.outcome == ca::ScaleUpOutcome::waiting_for_pods || up.outcome == ca::ScaleUpOutcome::scale_up;
  if (up.outcome != ca::ScaleUpOutcome::scale_up) return false;
  resize(world, up);
  for (const ca::ScaleUpDecision& more : up.further) resize(world, more);
  last_scale_up_ = world.now();
  return true;
}

void ClusterAutoscaler::resize(World& world, const ca::ScaleUpDecision& decision) {
  for (const ca::Resize& r : decision.resized) {
    Group& g = groups_[r.index];
    g.over_quota = false;
    world.set_group_desired(g.what.id, r.wanted);
    registry_.scale_up(g.what.id, r.wanted - r.current, world.now(),
                       g.what.options.max_node_provision_time.value_or(options_.max_node_provision_time));
    g.last_scale_up = world.now();
  }
}

void ClusterAutoscaler::note_quota(World& world, bool waits) {
  const auto held = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) {
    return g.over_quota && up_.backoff.is_backed_off(g.what.id, world.now());
  });
  waits = waits && held != groups_.end();
  if (waits == quota_waits_) return;
  auto* pools = world.find_component<aws::CapacityPools>();
  if (pools == nullptr) return;
  quota_waits_ = waits;
  PurchaseOption purchase = PurchaseOption::on_demand;
  for (const NodeId id : world.live_nodes()) {
    if (waits && world.node(id).group == held->what.id) purchase = world.node(id).purchase;
  }
  pools->note_quota(world, NodeGroupId{}, PurchaseOption::on_demand, waits && purchase == PurchaseOption::on_demand);
  pools->note_quota(world, NodeGroupId{}, PurchaseOption::spot, waits && purchase == PurchaseOption::spot);
}

std::vector<BindingLimits::Limit> ClusterAutoscaler::binding_limits(const World& world) const {
  std::vector<Limit> out;
  for (const Group& g : groups_) {
    const double share = g.maximum.share(world);
    if (share > 0)
      out.push_back({"the maximum of node group " + std::string(world.names.text(world.group(g.what.id).name)), share});
  }
  if (const double share = totals_.share(world); share > 0)
    out.push_back({"the cluster's limit (max-nodes-total, cores-total or memory-total)", share});
  return out;
}

void ClusterAutoscaler::apply(World& world, bool grew) {
  computing_ = false;
  bool removed = false;
  for (const ca::Removal& r : chosen_) {
    if (world.node(r.node).state != NodeState::ready) continue;
    begin_removal(world, r);
    removed = true;
  }
  chosen_.clear();
  const bool at_once = options_.frequent_loops_enabled && (grew || removed || triggered_);
  next_loop(world, world.now() + (at_once ? kShortestLoop : scan_interval()));
}

void ClusterAutoscaler::handle(World& world, const Event& event) {
  const std::uint64_t id = event.payload >> 8;
  switch (event.payload & 0xffu) {
    case kLoop:
      if (id == turn_) loop(world);
      return;
    case kTrigger: {
      trigger_pending_ = false;
      const auto pending = world.pending_pods();
      const bool fresh = std::any_of(pending.begin(), pending.end(), [&](PodId p) {
        return !world.pod(p).daemon && world.now() - world.pod(p).created <= kPodChangeAge;
      });
      if (!fresh) return;
      triggered_ = true;
      if (!computing_) next_loop(world, world.now());
      return;
    }
    case kGrow:
      grow(world);
      return;
    case kApply:
      apply(world, id != 0);
      return;
    default:
      break;
  }
  Deletion* d = deletion_of(NodeId{static_cast<std::uint32_t>(id)});
  if (d == nullptr) return;
  const auto index = static_cast<std::size_t>(d - deletions_.data());
  if (world.node(d->node).state != NodeState::draining) {
    deletions_over_.push_back(d->node);
    deletions_.erase(deletions_.begin() + static_cast<std::ptrdiff_t>(index));
    return;
  }
  drain(world, index);
}

}  // namespace plimsoll::eks
