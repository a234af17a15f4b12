#include "models/kubernetes/controllers/kube_scheduler.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "models/kubernetes/controllers/api_server.h"
#include "models/kubernetes/controllers/volume_claims.h"
#include "models/kubernetes/scheduler/reason_text.h"
#include "models/kubernetes/scheduler/volume_binding.h"
#include "sim/core/payload.h"

namespace plimsoll::kubernetes {

namespace {

/// Draws of a pod's attempt: one for the tie, others apart from it.
constexpr std::uint64_t kOffsetDraw = std::uint64_t{1} << 32, kCandidateDraw = std::uint64_t{2} << 32;

/// SOURCE: pkg/features/kube_features.go SchedulerPopFromBackoffQ (beta, on, since 1.33).
constexpr int kPopsFromBackoffSince = 33;

QueueRules rules_of(const KubeSchedulerParameters& p) {
  QueueRules rules = queue_rules(p.version);
  if (p.gates < kPopsFromBackoffSince) rules.whole_seconds = rules.pop_from_backoff = false;
  if (p.configuration.initial_backoff) rules.initial_backoff = *p.configuration.initial_backoff;
  if (p.configuration.maximum_backoff) rules.maximum_backoff = *p.configuration.maximum_backoff;
  return rules;
}

/// What the condition PodScheduled of a pod that fits nowhere says: how many nodes there are, and how many of them fail
/// for which reason. Never 0. Names within a reason (of a taint, of an extended resource) are not told apart.
std::uint64_t condition_of(const Decision& decision) {
  std::uint64_t digest = 0xcbf29ce484222325u;
  const auto add = [&](std::uint64_t value) { digest = (digest ^ value) * 0x100000001b3u; };
  add(decision.looked_at);
  for (const std::uint32_t count : decision.failed) add(count);
  return std::max<std::uint64_t>(digest, 1);
}

ClientRate rate_of(const KubeSchedulerParameters& p) {
  return ClientRate::of_milli(p.configuration.qps_milli.value_or(p.qps * 1000),
                              p.configuration.burst.value_or(p.burst));
}

}  // namespace

KubeScheduler::KubeScheduler(const KubeSchedulerParameters& parameters, Names& names)
    : parameters_(parameters), rate_(rate_of(parameters)), queue_(rules_of(parameters)), rules_(rules_of(parameters)) {
  make_profiles(names);
}

void KubeScheduler::make_profiles(Names& names) {
  profiles_.clear();
  std::vector<ProfileSpec> specs = parameters_.configuration.profiles;
  if (specs.empty()) specs.emplace_back();
  for (const ProfileSpec& spec : specs) {
    Profile profile = make_profile(spec, parameters_.version, names);
    profile.tie = parameters_.tie;
    profile.custom_scores = parameters_.custom_scores;
    if (!spec.percentage_of_nodes_to_score) {
      profile.percentage_of_nodes_to_score =
          parameters_.configuration.percentage_of_nodes_to_score.value_or(parameters_.percentage_of_nodes_to_score);
    }
    profiles_.push_back({names.intern(spec.scheduler_name),
                         Framework(std::move(profile), names),
                         {},
                         spec.preemption,
                         {spec.minimum_candidates_percent, spec.minimum_candidates}});
  }
}

void KubeScheduler::replace(World& world, const ControlPlaneRelease& release) {
  parameters_.version = release.version;
  parameters_.gates = release.gates;
  make_profiles(world.names);
  search_ = {};
  rate_ = rate_of(parameters_);
  QueueRules rules = rules_of(parameters_);
  rules.backoff_offset = rules_.backoff_offset;
  rules.unschedulable_offset = rules_.unschedulable_offset;
  rules_ = rules;
  queue_ = SchedulingQueue(rules_);
  free_at_ = release.leads;
  // Daemon pods that wait for their node are its work too.
  for (const PodId id : world.pending_pods()) {
    const Pod& pod = world.pod(id);
    if (pod.daemon || pod.workload.index() >= left_out_.size() || !left_out_[pod.workload.index()]) enqueue(world, id);
  }
}

void KubeScheduler::set_rates(const ClientRates& rates) {
  parameters_.qps = rates.scheduler_qps;
  parameters_.burst = rates.scheduler_burst;
  rate_ = rate_of(parameters_);
}

std::vector<BindingLimits::Limit> KubeScheduler::binding_limits(const World& world) const {
  const Duration window = world.end - world.window_start;
  if (held_counted_.count() == 0 || window.count() <= 0) return {};
  const std::int64_t milli = parameters_.configuration.qps_milli.value_or(parameters_.qps * 1000);
  std::string qps = std::to_string(milli / 1000);
  if (milli % 1000 != 0) {
    qps += "." + std::to_string(1000 + milli % 1000).substr(1);
    qps.erase(qps.find_last_not_of('0') + 1);
  }
  return {{"the calls a second of kube-scheduler's client (" + qps + ")",
           static_cast<double>(held_counted_.count()) / static_cast<double>(window.count())}};
}

void KubeScheduler::leave_out(WorkloadId workload) {
  if (left_out_.size() <= workload.index()) left_out_.resize(workload.index() + 1, false);
  left_out_[workload.index()] = true;
}

void KubeScheduler::start(World& world) {
  left_out_.resize(world.workloads().size(), false);
  // The two flush loops began at some instant of their periods.
  const Stream offsets = world.stream(hash_text("kube-scheduler"), Purpose::loop_offset);
  const auto offset = [&](Duration period, std::uint64_t item) {
    return Duration{static_cast<std::int64_t>(offsets.below(static_cast<std::uint64_t>(period.count()), item))};
  };
  rules_.backoff_offset = offset(rules_.backoff_flush, 0);
  rules_.unschedulable_offset = offset(rules_.unschedulable_flush, 1);
  queue_ = SchedulingQueue(rules_);
}

KubeScheduler::ProfileState* KubeScheduler::profile_of(const World& world, const PodShape& shape) {
  if (shape.scheduler_name.is_none()) {
    for (ProfileState& p : profiles_) {
      if (world.names.text(p.name) == kDefaultScheduler) return &p;
    }
    return nullptr;
  }
  for (ProfileState& p : profiles_) {
    if (p.name == shape.scheduler_name) return &p;
  }
  return nullptr;
}

const Framework* KubeScheduler::framework_of(const World& world, const PodShape& shape) const {
  const auto at = std::find_if(profiles_.begin(), profiles_.end(), [&](const ProfileState& p) {
    return shape.scheduler_name.is_none() ? world.names.text(p.name) == kDefaultScheduler
                                          : p.name == shape.scheduler_name;
  });
  return at == profiles_.end() ? nullptr : &at->framework;
}

NodeId KubeScheduler::nominated_node(PodId pod) const {
  for (const Nomination& n : nominations_) {
    if (n.pod == pod) return n.node;
  }
  return {};
}

void KubeScheduler::clear_nomination(PodId pod) {
  std::erase_if(nominations_, [pod](const Nomination& n) { return n.pod == pod; });
}

// ---- queue -----------------------------------------------------------------------------------------------------

void KubeScheduler::wake_cycle(World& world, Time at) {
  if (cycle_pending_ || !queue_.has_next()) return;
  cycle_pending_ = true;
  world.wake(handler, std::max({at, free_at_, world.now()}), Phase::scheduler, kCycle);
}

/// The loops tick on, but only the ticks that find something are events.
void KubeScheduler::wake_flushes(World& world) {
  const auto arm = [&](Time next, Time& armed, std::uint64_t step) {
    if (next >= armed) return;
    armed = next;
    world.wake(handler, std::max(next, world.now()), Phase::scheduler, step);
  };
  arm(queue_.next_backoff_flush(), backoff_wake_, kFlushBackoff);
  arm(queue_.next_unschedulable_flush(), unschedulable_wake_, kFlushUnschedulable);
}

void KubeScheduler::enqueue(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  if (pod.state != PodState::pending) return;
  const PodShape& shape = world.shapes[pod.shape];
  // A pod of a scheduler that is not here waits for it; one with gates for whoever removes them.
  if (profile_of(world, shape) == nullptr || !SchedulingGates::admits(shape)) return;
  QueuedPod queued;
  queued.pod = id;
  queued.shape = pod.shape;
  queued.priority = shape.priority;
  queue_.add(queued, world.now());
  wake_cycle(world, world.now());
}

std::string KubeScheduler::why_pending(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  // Daemon pods that wait are in its queue, whoever binds the others of their workload.
  if (!pod.daemon && pod.workload.index() < left_out_.size() && left_out_[pod.workload.index()]) return {};
  const PodShape& shape = world.shapes[pod.shape];
  ProfileState* profile = profile_of(world, shape);
  if (profile == nullptr) return "no scheduler of this name runs";
  if (!SchedulingGates::admits(shape)) return "Scheduling is blocked due to non-empty scheduling gates";
  const ClusterView view{world.placement, world.shapes, world.names};
  std::vector<Row> rows;
  std::vector<Verdict> verdicts;
  profile->framework.filter_all(view, pod.shape, profile->scratch, rows, verdicts);
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (verdicts[i].ok()) return "it fits a node and waits for its turn";
    for (std::string& text : reason_texts(profile->framework, view, pod.shape, rows[i], verdicts[i]))
      reasons.push_back(std::move(text));
  }
  return fit_error(parameters_.version, rows.size(), reasons);
}

void KubeScheduler::pod_updated(World& world, PodId pod) {
  const Pod& p = world.pod(pod);
  if (!p.daemon && p.workload.index() < left_out_.size() && left_out_[p.workload.index()]) return;
  world.wake(handler, world.now() + parameters_.watch_delay, Phase::scheduler, packed_step(pod.value(), kEnqueue));
}

void KubeScheduler::on_fact(World& world, const FactRecord& f) {
  const auto later = [&](std::uint32_t subject, std::uint64_t step) {
    world.wake(handler, world.now() + parameters_.watch_delay, Phase::scheduler, packed_step(subject, step));
  };
  if (f.fact == Fact::pod_created) {
    if (f.workload.index() >= left_out_.size() || !left_out_[f.workload.index()]) later(f.pod.value(), kEnqueue);
    return;
  }
  if (f.fact == Fact::pod_ended && !nominations_.empty()) clear_nomination(f.pod);
  // The rest may make room; the watch tells it to those who wait.
  if (queue_.unschedulable() == 0 || f.node.is_none() || world.node(f.node).host != HostKind::ec2) return;
  switch (f.fact) {
    case Fact::node_ready:
      later(f.node.value(), world.node(f.node).ready == world.now() ? kNodeAdded : kNodeUncordoned);
      break;
    case Fact::node_terminating:
      later(f.node.value(), kNodeDeleted);
      break;
    case Fact::pod_bound:
      later(f.pod.value(), kPodAssigned);
      break;
    case Fact::pod_ended:
      later(f.pod.value(), kPodDeleted);
      break;
    default:
      break;
  }
}

void KubeScheduler::cluster_event(World& world, std::uint64_t step, std::uint32_t subject) {
  using Kind = ClusterEvent::Kind;
  ClusterEvent event;
  event.kind = step == kNodeAdded        ? Kind::node_added
               : step == kNodeUncordoned ? Kind::node_uncordoned
               : step == kNodeDeleted    ? Kind::node_deleted
               : step == kPodAssigned    ? Kind::pod_assigned
                                         : Kind::pod_deleted;
  if (step == kPodAssigned || step == kPodDeleted) {
    event.shape = world.pod(PodId{subject}).shape;
  } else {
    event.row = world.node(NodeId{subject}).row;
    if (event.row == kNoRow && step != kNodeDeleted) return;
  }
  // Many pods of few shapes wait, rejected by the same filters: the last answer mostly stands.
  const ClusterView view{world.placement, world.shapes, world.names};
  QueuedPod last;
  bool answer = false;
  queue_.move(world.now(), [&](const QueuedPod& pod) {
    if (pod.shape != last.shape || pod.rejected != last.rejected) {
      last = pod;
      const ProfileState* profile = profile_of(world, world.shapes[pod.shape]);
      answer = profile != nullptr && may_help(profile->framework, view, pod, event);
    }
    return answer;
  });
}

void KubeScheduler::handle(World& world, const Event& event) {
  const std::uint64_t step = event.payload & 0xffu;
  const auto subject = static_cast<std::uint32_t>(event.payload >> 8);
  switch (step) {
    case kEnqueue:
      enqueue(world, PodId{subject});
      break;
    case kCycle:
      cycle_pending_ = false;
      if (world.now() >= free_at_) cycle(world);  // else its process has been replaced meanwhile
      break;
    case kNodeUpdated:
      if (queue_.unschedulable() > 0)
        world.wake(handler, world.now() + parameters_.watch_delay, Phase::scheduler,
                   packed_step(subject, kNodeUncordoned));
      return;
    case kFlushBackoff:
      backoff_wake_ = kTimeNever;
      queue_.flush_backoff(world.now());
      break;
    case kFlushUnschedulable:
      unschedulable_wake_ = kTimeNever;
      queue_.flush_unschedulable(world.now());
      break;
    default:
      cluster_event(world, step, subject);
      break;
  }
  wake_cycle(world, world.now());
  wake_flushes(world);
}

// ---- cycle -----------------------------------------------------------------------------------------------------

void KubeScheduler::cycle(World& world) {
  while (std::optional<QueuedPod> next = queue_.pop()) {
    if (world.pod(next->pod).state != PodState::pending) continue;
    next->shape = world.pod(next->pod).shape;
    ProfileState* profile = profile_of(world, world.shapes[next->shape]);
    if (profile == nullptr) continue;
    schedule(world, *next, *profile);
    break;
  }
}

void KubeScheduler::schedule(World& world, QueuedPod pod, ProfileState& profile) {
  const Decision decision = decide(world, pod, profile);
  const Duration queued = api_wait(world, api_server_);
  if (world.is_explained()) {
    SchedulingDetail detail;
    detail.pod = pod.pod;
    detail.attempt = pod.attempts;
    detail.decision = &decision;
    detail.framework = &profile.framework;
    world.explain(detail);
  }
  bool calls = true;
  if (decision.placed()) {
    rate_.take(world.now());
    clear_nomination(pod.pod);
    bind_volumes(world, pod.shape, decision.row);
    tie_own_volumes(world, pod.pod, zone_of(world.placement.node(decision.row), framework().keys()));
    world.bind_pod(pod.pod, world.placement.node(decision.row).id);
  } else {
    pod.rejected = rejecting_plugins(decision);
    // Without a node the newest releases see an error, and retry after the backoff.
    const bool error = decision.looked_at == 0 && parameters_.version == KubernetesVersion::current;
    const std::uint64_t before = std::exchange(pod.told, condition_of(decision));
    queue_.add_unschedulable(pod, world.now(), error);
    const NodeId nominated = nominated_node(pod.pod);
    if (profile.preemption && decision.looked_at > 0) preempt(world, pod, profile);
    // Its status is patched when that says something new. SOURCE: schedule_one.go handleSchedulingFailure, updatePod.
    calls = pod.told != before || nominated_node(pod.pod) != nominated;
    if (calls) rate_.take(world.now());
  }
  const Time sent = std::max(rate_.last(), world.now());  // victims are deleted by calls too
  const Time idle = world.now() + parameters_.cycle;
  if (sent > idle && queue_.has_next()) {
    held_ += sent - idle;
    held_counted_ += std::max(std::min(sent, world.end) - std::max(idle, world.window_start), Duration{});
  }
  free_at_ = std::max(idle, sent + (calls ? queued : Duration{}));
}

/// PreBind of VolumeBinding: claims that waited for their first consumer get a volume in its zone, and the pods that
/// share them, of whatever workload, are tied to it from now on.
void KubeScheduler::bind_volumes(World& world, ShapeId shape, Row row) {
  std::vector<NameId> claims;
  for (const PodVolume& v : world.shapes[shape].volumes) {
    if (!v.claim.is_none() && v.zone.is_none()) claims.push_back(v.claim);
  }
  if (claims.empty()) return;
  const NameId zone = zone_of(world.placement.node(row), framework().keys());
  const auto bound = [&](ShapeId old) {
    const auto waits = [&](const PodVolume& v) {
      return v.zone.is_none() && std::find(claims.begin(), claims.end(), v.claim) != claims.end();
    };
    const std::vector<PodVolume>& volumes = world.shapes[old].volumes;
    if (std::none_of(volumes.begin(), volumes.end(), waits)) return old;
    PodShape next = world.shapes[old];
    for (PodVolume& v : next.volumes) {
      if (!waits(v)) continue;
      v.zone = zone;
      v.allowed.clear();
    }
    return world.shapes.intern(std::move(next));
  };
  for (const Workload& w : world.workloads()) world.edit_workload(w.id).shape = bound(w.shape);
  for (const PodId id : world.pending_pods()) world.edit_pod(id).shape = bound(world.pod(id).shape);
}

Verdict KubeScheduler::filter_with_nominated(World& world, PodId id, ShapeId shape, Row row, ProfileState& profile) {
  const ClusterView view{world.placement, world.shapes, world.names};
  const std::int32_t priority = world.shapes[shape].priority;
  const Snapshot::Level trial = world.placement.checkpoint();
  for (const Nomination& n : nominations_) {
    if (n.pod == id || n.priority < priority || world.node(n.node).row != row) continue;
    const ShapeId there = world.pod(n.pod).shape;
    world.placement.add_pod(row, {n.pod, there, n.priority, false, world.now()}, world.shapes[there]);
  }
  const Verdict verdict = profile.framework.filter_row(view, shape, row, profile.scratch);
  world.placement.rollback(trial);
  return verdict;
}

bool KubeScheduler::bind_at_once(World& world, PodId id, NodeId node) {
  const ShapeId shape = world.pod(id).shape;
  ProfileState* profile = profile_of(world, world.shapes[shape]);
  const Row row = world.node(node).row;
  if (profile == nullptr || row == kNoRow || !SchedulingGates::admits(world.shapes[shape])) return false;
  const ClusterView view{world.placement, world.shapes, world.names};
  if (!profile->framework.filter_row(view, shape, row, profile->scratch).ok()) return false;
  if (!nominations_.empty() && !filter_with_nominated(world, id, shape, row, *profile).ok()) return false;
  if (world.is_explained()) {
    Decision decision;
    decision.row = row;
    decision.looked_at = decision.feasible = 1;
    SchedulingDetail detail;
    detail.pod = id;
    detail.decision = &decision;
    detail.framework = &profile->framework;
    world.explain(detail);
  }
  bind_volumes(world, shape, row);
  return world.bind_pod(id, node) == Applied::yes;
}

/// One decision, with room kept for nominated pods that this one may not displace.
Decision KubeScheduler::decide(World& world, const QueuedPod& pod, ProfileState& profile) {
  const ClusterView view{world.placement, world.shapes, world.names};
  const TieDraw draw{world.stream(world.entity(world.pod(pod.pod)), Purpose::tie_break), pod.attempts - 1};
  if (nominations_.empty()) {
    return profile.framework.schedule_one(view, pod.shape, search_, draw, profile.scratch);
  }
  // Nodes where it fits only without the nominated pods are closed to it while it is decided.
  const Snapshot::Level level = world.placement.checkpoint();
  std::vector<std::pair<Row, Verdict>> closed;
  std::vector<Row> seen;
  for (const Nomination& n : nominations_) {
    const Row row = world.node(n.node).row;
    if (n.pod == pod.pod || n.priority < pod.priority || row == kNoRow) continue;
    if (std::find(seen.begin(), seen.end(), row) != seen.end()) continue;
    seen.push_back(row);
    if (!profile.framework.filter_row(view, pod.shape, row, profile.scratch).ok()) continue;
    const Verdict with_them = filter_with_nominated(world, pod.pod, pod.shape, row, profile);
    if (!with_them.ok()) closed.emplace_back(row, with_them);
  }
  // Its own nominated node goes first, unless it is closed (PreferNominatedNode, from 1.22 on).
  const NodeId wanted = nominated_node(pod.pod);
  const Row own = wanted.is_none() ? kNoRow : world.node(wanted).row;
  const bool own_closed = std::any_of(closed.begin(), closed.end(), [own](const auto& c) { return c.first == own; });
  if (parameters_.version != KubernetesVersion::v1_20 && own != kNoRow && !own_closed &&
      profile.framework.filter_row(view, pod.shape, own, profile.scratch).ok()) {
    world.placement.rollback(level);
    Decision d;
    d.row = own;
    d.total = 0;
    d.looked_at = d.feasible = 1;
    return d;
  }
  for (const auto& [row, verdict] : closed) world.placement.set_unschedulable(row, true);
  Decision d = profile.framework.schedule_one(view, pod.shape, search_, draw, profile.scratch);
  world.placement.rollback(level);
  for (const auto& [row, verdict] : closed) {
    auto& stand_in = d.failed[static_cast<std::size_t>(Reason::unschedulable)];
    if (stand_in > 0) --stand_in;
    for (std::uint32_t bits = verdict.reasons; bits != 0; bits &= bits - 1) {
      ++d.failed[static_cast<std::size_t>(std::countr_zero(bits))];
    }
  }
  return d;
}

// ---- preemption ------------------------------------------------------------------------------------------------

std::vector<PreemptionBudget> KubeScheduler::preemption_budgets(const World& world) const {
  std::vector<PreemptionBudget> out;
  budgets_.each(world, [&](const DisruptionBudgets::Status& status) {
    // An empty selector, which covers a whole namespace, is nothing to preemption.
    if (status.selector != nullptr && status.selector->requirements.empty()) return;
    PreemptionBudget budget;
    budget.disruptions_allowed = status.disruptions_allowed;
    for (const WorkloadId workload : status.workloads) {
      for (const PodId id : world.workload(workload).pods) {
        const Pod& pod = world.pod(id);
        if (pod.state == PodState::stopping) budget.disrupted.push_back(id);
        if (std::find(budget.shapes.begin(), budget.shapes.end(), pod.shape) == budget.shapes.end()) {
          budget.shapes.push_back(pod.shape);
        }
      }
    }
    if (!budget.shapes.empty()) out.push_back(std::move(budget));
  });
  return out;
}

void KubeScheduler::preempt(World& world, const QueuedPod& queued, ProfileState& profile) {
  const PodShape& shape = world.shapes[queued.shape];
  // Mostly all pods are of one priority.
  for (; shapes_seen_ < world.shapes.size(); ++shapes_seen_) {
    least_priority_ = std::min(least_priority_, world.shapes[ShapeId{shapes_seen_}].priority);
  }
  if (!shape.preempts || least_priority_ >= shape.priority) return;
  const bool someone_is_lower = std::any_of(world.workloads().begin(), world.workloads().end(), [&](const Workload& w) {
    return !w.pods.empty() && world.shapes[w.shape].priority < shape.priority;
  });
  if (!someone_is_lower) return;
  const ClusterView view{world.placement, world.shapes, world.names};
  // While victims of an earlier attempt are still leaving its node, it does not ask for more.
  if (const NodeId wanted = nominated_node(queued.pod); !wanted.is_none() && world.node(wanted).row != kNoRow) {
    const Row row = world.node(wanted).row;
    const auto pods = world.placement.pods(row);
    const bool leaving = std::any_of(pods.begin(), pods.end(),
                                     [&](const PodOnNode& p) { return p.terminating && p.priority < shape.priority; });
    const Verdict verdict = profile.framework.filter_row(view, queued.shape, row, profile.scratch);
    if (leaving && verdict.code != Code::unresolvable) return;
  }
  const bool random = parameters_.tie == Tie::random;
  const Stream draws = world.stream(world.entity(world.pod(queued.pod)), Purpose::tie_break);
  const std::size_t nodes = std::max<std::size_t>(world.placement.live_rows(), 1);
  const std::size_t offset = random ? static_cast<std::size_t>(draws.below(nodes, kOffsetDraw + queued.attempts)) : 0;
  // Pods nominated before, and not to be displaced, count as if they were on their nodes.
  const Snapshot::Level level = world.placement.checkpoint();
  for (const Nomination& n : nominations_) {
    const Row row = world.node(n.node).row;
    if (n.pod == queued.pod || n.priority < shape.priority || row == kNoRow) continue;
    const ShapeId there = world.pod(n.pod).shape;
    world.placement.add_pod(row, {n.pod, there, n.priority, false, world.now()}, world.shapes[there]);
  }
  const auto found =
      DefaultPreemption::candidates(profile.framework, world.placement, world.shapes, world.names, queued.shape,
                                    preemption_budgets(world), offset, 0, profile.scratch, nullptr, profile.share);
  world.placement.rollback(level);
  clear_nomination(queued.pod);
  if (found.empty()) return;
  const std::vector<std::size_t> best = DefaultPreemption::best(world.placement, found);
  const std::size_t which =
      random ? static_cast<std::size_t>(draws.below(best.size(), kCandidateDraw + queued.attempts)) : 0;
  const PreemptionCandidate& chosen = found[best[which]];
  const NodeId node = world.placement.node(chosen.row).id;
  for (const PodId victim : chosen.victims) {
    if (world.pod(victim).state == PodState::stopping) continue;
    rate_.take(world.now());
    world.stop_pod(victim, plimsoll::Reason::preempted);
  }
  // Lower pods nominated here look for another place at once.
  const std::vector<Nomination> before = nominations_;
  for (const Nomination& n : before) {
    if (n.node != node || n.priority >= shape.priority) continue;
    clear_nomination(n.pod);
    queue_.activate(n.pod);
  }
  nominations_.push_back({queued.pod, shape.priority, node});
}

}  // namespace plimsoll::kubernetes
