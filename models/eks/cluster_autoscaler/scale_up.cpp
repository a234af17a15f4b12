#include "models/eks/cluster_autoscaler/scale_up.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "models/eks/cluster_autoscaler/flag_values.h"
#include "models/eks/cluster_autoscaler/similar_groups.h"
#include "models/eks/node/free_cpu.h"
#include "sim/core/hash.h"

namespace plimsoll::eks::ca {

namespace {

constexpr Duration kFreshPod = seconds(2);
constexpr Duration kFreshGpuPod = seconds(30);
constexpr std::string_view kAcceleratorLabel = "k8s.amazonaws.com/accelerator";
/// The whole of a scale-up has had a time limit since this release, by half of max-inactivity; the flag has been heeded
/// since the later one. SOURCE: kubernetes/autoscaler pull requests 6556 and 8801.
constexpr int kTimeLimitSince = 30, kTimeLimitByFlagSince = 35;
constexpr Duration kHalfOfMaxInactivity = minutes(5);

SimilarityParams similarity(const Options& options, Names& names) {
  SimilarityParams p;
  p.memory_difference_ratio = options.memory_difference_ratio;
  p.max_allocatable_difference_ratio = options.max_allocatable_difference_ratio;
  p.max_free_difference_ratio = options.max_free_difference_ratio;
  for (const std::string& label : options.balancing_ignore_label) p.extra_ignored_labels.push_back(names.intern(label));
  for (const std::string& label : options.balancing_label) p.only_labels.push_back(names.intern(label));
  return p;
}

GroupTemplate template_of(const NodeGroup& group, const ShapeTable& shapes) {
  GroupTemplate t{group.node.capacity, group.node.allocatable, {}, group.node.extended, {}, group.node.labels};
  for (const ShapeId daemon : group.daemons) t.requested += shapes[daemon].requests;
  return t;
}

std::uint64_t fingerprint(const Simulation& sim, const ScaleUpInput& input, const ScaleUpState& state) {
  TraceHash hash;
  hash.add(sim.cluster_version());
  hash.add(input.ready_nodes);
  for (const PendingPod& pod : input.pending) hash.add(pod.id.value());
  for (const NodeGroup& g : input.groups) {
    hash.add(g.target);
    hash.add(g.upcoming);
    hash.add(g.maximum);
    hash.add(static_cast<std::uint64_t>(g.healthy ? 1 : 0) +
             (state.backoff.is_backed_off(g.id, input.now) ? std::uint64_t{2} : std::uint64_t{0}));
    for (const Resource r : {Resource::cpu, Resource::memory, Resource::pods}) hash.add(g.node.allocatable[r]);
    hash.add(static_cast<std::uint64_t>(g.daemons.size()));
    hash.add(static_cast<std::uint64_t>(g.node.taints.size()));
  }
  return hash.value();
}

/// Which of a list of nodes have refused a shape for good: jumps over runs of them.
class Skips {
 public:
  bool hopeless = false;  ///< no node takes the shape any more

  /// The first at or after `at` that has not refused.
  std::size_t next(std::size_t at) {
    if (at >= jump_.size()) return at;
    std::size_t end = at;
    while (end < jump_.size() && jump_[end] != end) end = jump_[end];
    while (at != end) at = std::exchange(jump_[at], end);  // shorter ways for the next one
    return end;
  }
  void refuse(std::size_t at, std::size_t count) {
    if (jump_.empty()) {
      jump_.resize(count);
      std::iota(jump_.begin(), jump_.end(), std::size_t{0});
    }
    jump_[at] = at + 1;
  }

 private:
  std::vector<std::size_t> jump_;  // to itself where the node has not refused; empty: none has
};

/// One pass; lives as long as the call.
class Pass {
 public:
  Pass(const Simulation& sim, const ScaleUpInput& input, ScaleUpState& state)
      : sim_(sim), in_(input), groups_(input.groups), options_(*input.options), state_(state) {
    for (const std::string& limit : options_.gpu_total) gpu_limits_.push_back(*parse_gpu_limit(limit));
  }

  ScaleUpDecision run() {
    std::vector<PendingPod> pods = wanted_pods();
    out_.pending = pods.size();
    if (pods.empty()) return out_;
    const bool by_room = set_aside_by_room(pods);
    const Trial trial(sim_);
    if (!by_room) {
      add_upcoming();
      set_aside_fitting(pods);
    }
    std::erase_if(pods, [&](const PendingPod& p) {
      const Duration delay = std::max(options_.new_pod_scale_up_delay, p.scale_up_delay);
      return delay > Duration{} && in_.now - p.created <= delay;
    });
    out_.unhelped = pods.size();
    if (pods.empty()) {
      out_.outcome = ScaleUpOutcome::all_fit;
      return out_;
    }
    if (options_.max_nodes_total > 0 && in_.ready_nodes >= options_.max_nodes_total) {
      out_.outcome = ScaleUpOutcome::max_nodes_reached;
      return out_;
    }
    if (options_.bypassed_scheduler_names.empty() && all_fresh(pods)) {
      out_.outcome = ScaleUpOutcome::waiting_for_pods;
      return out_;
    }
    if (by_room) add_upcoming();
    decide(pods);
    ScaleUpDecision first = std::move(out_);
    if (options_.salvo_scale_up) go_on(pods, first);
    return first;
  }

 private:
  void decide(const std::vector<PendingPod>& pods) {
    pod_groups_ = equivalence_groups(pods);
    make_options();
    choose();
    out_.spent = spent_;
  }

  /// The nodes just asked for are put in the snapshot with the pods that they are for, and what is left is packed
  /// again, on nodes that do not exist yet: a place left over on the others is not looked at. SOURCE:
  /// kubernetes/autoscaler 1.37 cluster-autoscaler/core/static_autoscaler.go (runScaleUpSalvo).
  void go_on(std::vector<PendingPod>& pods, ScaleUpDecision& first) {
    own_groups_.assign(in_.groups.begin(), in_.groups.end());
    groups_ = own_groups_;
    const ScaleUpDecision* latest = &first;
    while (latest->outcome == ScaleUpOutcome::scale_up && latest->unhelped > 0 &&
           spent_ < options_.salvo_scale_up_budget) {
      if (!add_latest(*latest, pods)) return;
      out_ = {};
      out_.pending = out_.unhelped = pods.size();
      schedulable_.clear();
      offers_.clear();
      decide(pods);
      first.further.push_back(std::move(out_));
      latest = &first.further.back();
    }
  }

  /// False when the pods do not fit the nodes that were added for them after all.
  bool add_latest(const ScaleUpDecision& latest, std::vector<PendingPod>& pods) {
    std::vector<Row> rows;
    for (const Resize& r : latest.resized) {
      NodeGroup& group = own_groups_[r.index];
      for (std::int64_t i = r.current; i < r.wanted; ++i) rows.push_back(add_template_node(sim_, group, next_name()));
      group.target = r.wanted;
    }
    std::vector<PodId> helped = latest.helped;
    std::sort(helped.begin(), helped.end());
    std::size_t next = 0;
    for (const PendingPod& pod : pods) {
      if (!std::binary_search(helped.begin(), helped.end(), pod.id)) continue;
      std::size_t tried = 0;
      while (tried < rows.size() && !sim_.fits(pod.shape, rows[(next + tried) % rows.size()])) ++tried;
      if (tried == rows.size()) return false;
      const std::size_t at = (next + tried) % rows.size();
      sim_.place(rows[at], pod.id, pod.shape);
      next = at + 1;
    }
    std::erase_if(pods, [&](const PendingPod& p) { return std::binary_search(helped.begin(), helped.end(), p.id); });
    return true;
  }

  std::size_t next_name() { return static_cast<std::size_t>(upcoming_++); }

  std::vector<PendingPod> wanted_pods() const {
    std::vector<PendingPod> pods;
    pods.reserve(in_.pending.size());
    for (const PendingPod& pod : in_.pending) {
      const PodShape& shape = sim_.shapes[pod.shape];
      if (!shape.is_daemon && shape.priority >= options_.expendable_pods_priority_cutoff) pods.push_back(pod);
    }
    return pods;
  }

  /// Indices of the pods by priority, highest first.
  std::vector<std::size_t> by_priority(const std::vector<PendingPod>& pods) const {
    std::vector<std::size_t> order(pods.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto higher = [&](std::size_t a, std::size_t b) {
      return sim_.shapes[pods[a].shape].priority > sim_.shapes[pods[b].shape].priority;
    };
    if (!std::is_sorted(order.begin(), order.end(), higher)) std::stable_sort(order.begin(), order.end(), higher);
    return order;
  }

  static void keep_unplaced(std::vector<PendingPod>& pods, const std::vector<std::uint8_t>& placed) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < pods.size(); ++i) {
      if (placed[i] == 0) pods[kept++] = pods[i];
    }
    pods.resize(kept);
  }

  /// Rows for the nodes to come, as add_upcoming makes them in the snapshot.
  void add_upcoming_room(FreeRoom& room) {
    std::int64_t upcoming = 0;
    std::vector<std::uint8_t> admitted(room.kinds());
    for (const NodeGroup& g : in_.groups) {
      if (g.upcoming <= 0) continue;
      {
        const Trial trial(sim_);
        const Row row = add_template_node(sim_, g, 0);
        for (FreeRoom::Kind k = 0; k < admitted.size(); ++k) admitted[k] = room.admits(sim_, k, row) ? 1 : 0;
      }
      ResourceVector free = g.node.allocatable;
      for (const ShapeId daemon : g.daemons) free -= sim_.shapes[daemon].requests;
      for (std::int64_t i = 0; i < g.upcoming; ++i) room.add_row(free, admitted);
      upcoming += g.upcoming;
    }
    for (; state_.stand_ins < upcoming; ++state_.stand_ins)
      stand_in_name(sim_, static_cast<std::size_t>(state_.stand_ins));
  }

  /// set_aside_fitting among pods of which each fits or not by what is free on a node and what the node is: nothing is
  /// placed in the snapshot. False, with nothing done, when some pod is of another sort.
  bool set_aside_by_room(std::vector<PendingPod>& pods) {
    FreeRoom& room = state_.room;
    room.follow(sim_);
    std::vector<FreeRoom::Kind> kinds(pods.size());
    for (std::size_t i = 0; i < pods.size(); ++i) {
      kinds[i] = room.kind_of(sim_, pods[i].shape);
      if (kinds[i] == FreeRoom::kNoKind) return false;
    }
    add_upcoming_room(room);
    const std::size_t rows = room.rows();
    std::vector<std::uint8_t> placed(pods.size(), 0);
    std::vector<Skips> skips(room.kinds());
    for (const std::size_t i : by_priority(pods)) {
      const FreeRoom::Kind kind = kinds[i];
      Skips& skip = skips[kind];
      if (skip.hopeless) continue;
      const auto search = [&](std::size_t first, std::size_t last) {
        for (std::size_t at = first; (at = room.next(skip.next(at), last, kind)) < last; ++at) {
          if (skip.next(at) != at) continue;
          const Row row = static_cast<Row>(at);
          if (!room.fits(sim_, kind, row)) {
            skip.refuse(at, rows);
            continue;
          }
          room.place(kind, row);
          state_.next_row = (at + 1) % rows;
          placed[i] = 1;
          ++out_.fitting;
          return true;
        }
        return false;
      };
      const std::size_t begin = rows == 0 ? 0 : state_.next_row % rows;
      if (!search(begin, rows) && !search(0, begin)) skip.hopeless = true;
    }
    room.undo(0);
    keep_unplaced(pods, placed);
    return true;
  }

  void add_upcoming() {
    for (const NodeGroup& g : in_.groups) {
      for (std::int64_t i = 0; i < g.upcoming; ++i) add_template_node(sim_, g, next_name());
    }
  }

  /// Packs by priority, highest first, round the node list; what finds a place keeps it for the rest of the pass.
  void set_aside_fitting(std::vector<PendingPod>& pods) {
    const std::size_t rows = sim_.snapshot.rows();
    std::vector<Row> open;  // takes pods
    for (Row row = 0; row < rows; ++row) {
      if (sim_.snapshot.alive(row) && !sim_.snapshot.node(row).unschedulable) open.push_back(row);
    }
    FreeCpu cpu;
    cpu.read(sim_.snapshot, open);
    std::vector<std::uint8_t> placed(pods.size(), 0);
    std::map<ShapeId, Skips> skips;
    for (const std::size_t i : by_priority(pods)) {
      const ShapeId shape = pods[i].shape;
      Skips& skip = skips[shape];
      if (skip.hopeless) continue;
      const PodShape& what = sim_.shapes[shape];
      const bool lasting = refusals_last(what);
      const auto begin = static_cast<std::size_t>(
          std::lower_bound(open.begin(), open.end(), static_cast<Row>(rows == 0 ? 0 : state_.next_row % rows)) -
          open.begin());
      // Once round: from `begin` to the end, then from the front.
      const auto search = [&](std::size_t first, std::size_t last) {
        for (std::size_t at = first; (at = cpu.next(skip.next(at), last, what)) < last; ++at) {
          if (skip.next(at) != at) continue;  // has the room, and has refused
          const Row row = open[at];
          if (!state_.refusals.fits(sim_, shape, row)) {
            if (lasting) skip.refuse(at, open.size());
            continue;
          }
          sim_.place(row, pods[i].id, shape);
          cpu.take(at, what);
          state_.next_row = (row + std::size_t{1}) % rows;
          placed[i] = 1;
          ++out_.fitting;
          return true;
        }
        return false;
      };
      // Pods alike are not tried again in this pass.
      if (!search(begin, open.size()) && !search(0, begin)) skip.hopeless = true;
    }
    keep_unplaced(pods, placed);
  }

  bool all_fresh(const std::vector<PendingPod>& pods) const {
    return std::all_of(pods.begin(), pods.end(), [&](const PendingPod& p) {
      const bool gpu = sim_.shapes[p.shape].requests[Resource::gpus] > 0;
      return in_.now - p.created < (gpu ? kFreshGpuPod : kFreshPod);
    });
  }

  std::int64_t current_nodes() const { return in_.ready_nodes + upcoming_; }

  /// Nodes of the group that cores-total, memory-total and gpu-total leave room for. GPUs count by the accelerator
  /// label of their node: one without it has none. SOURCE: processors/customresources/gpu_processor.go.
  std::int64_t resource_room(const NodeGroup& group) const {
    std::int64_t cores = 0;
    std::int64_t memory_mib = 0;
    for (Row row = 0; row < sim_.snapshot.rows(); ++row) {
      if (!sim_.snapshot.alive(row)) continue;
      cores += sim_.snapshot.node(row).capacity[Resource::cpu] / kCpuTicksPerVcpu;
      memory_mib += sim_.snapshot.node(row).capacity[Resource::memory] / kMiB;
    }
    std::int64_t room = INT64_MAX;
    const std::int64_t node_cores = group.node.capacity[Resource::cpu] / kCpuTicksPerVcpu;
    const std::int64_t node_mib = group.node.capacity[Resource::memory] / kMiB;
    if (node_cores > 0) room = std::min(room, std::max<std::int64_t>(0, options_.cores_total_max - cores) / node_cores);
    if (node_mib > 0) {
      room = std::min(room, std::max<std::int64_t>(0, options_.memory_total_max_gib * 1024 - memory_mib) / node_mib);
    }
    const NameId label = gpu_limits_.empty() ? NameId{} : sim_.names.find(kAcceleratorLabel);
    const auto kind = [&](const SnapshotNode& node) { return label.is_none() ? NameId{} : node.labels.find(label); };
    const std::int64_t node_gpus = group.node.allocatable[Resource::gpus];
    for (const GpuLimit& limit : gpu_limits_) {
      const NameId type = sim_.names.find(limit.type);
      if (type.is_none() || kind(group.node) != type || node_gpus == 0) continue;
      std::int64_t gpus = 0;
      for (Row row = 0; row < sim_.snapshot.rows(); ++row) {
        if (sim_.snapshot.alive(row) && kind(sim_.snapshot.node(row)) == type)
          gpus += sim_.snapshot.node(row).allocatable[Resource::gpus];
      }
      room = std::min(room, std::max<std::int64_t>(0, limit.maximum - gpus) / node_gpus);
    }
    return room;
  }

  SkipReason check_group(const NodeGroup& group) const {
    if (!group.healthy) return SkipReason::unhealthy;
    if (state_.backoff.is_backed_off(group.id, in_.now)) return SkipReason::backed_off;
    if (group.target >= group.maximum) return SkipReason::at_maximum;
    if (resource_room(group) < 1) return SkipReason::resource_limit;
    return SkipReason::none;
  }

  /// Which pod groups a lone new node of the group would take.
  std::vector<std::uint8_t> schedulable_on(const NodeGroup& group) const {
    const Trial trial(sim_);
    const Row row = add_template_node(sim_, group, static_cast<std::size_t>(upcoming_));
    std::vector<std::uint8_t> out(pod_groups_.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = sim_.fits(pod_groups_[i].shape, row) ? 1 : 0;
    return out;
  }

  Duration check_cost(std::size_t checks) const {
    return Duration{in_.check_cost.count() * static_cast<std::int64_t>(checks)};
  }

  bool out_of_time(Duration begun) const {
    if (options_.minor < kTimeLimitSince || offers_.empty()) return false;
    return spent_ - begun >
           (options_.minor < kTimeLimitByFlagSince ? kHalfOfMaxInactivity : options_.max_binpacking_time);
  }

  void make_options() {
    const Duration begun = spent_;
    const std::size_t n = groups_.size();
    out_.groups.resize(n);
    schedulable_.resize(n);
    for (std::size_t g = 0; g < n; ++g) {
      out_.groups[g].group = g;
      out_.groups[g].skipped = check_group(groups_[g]);
      if (out_.groups[g].skipped != SkipReason::none) continue;
      schedulable_[g] = schedulable_on(groups_[g]);
      spent_ += check_cost(pod_groups_.size());
    }
    const SimilarityParams params = similarity(options_, sim_.names);
    for (std::size_t g = 0; g < n; ++g) {
      GroupOption& option = out_.groups[g];
      if (option.skipped != SkipReason::none) continue;
      if (out_of_time(begun)) {
        option.skipped = SkipReason::out_of_time;
        continue;
      }
      std::vector<PodGroup> wanted;
      std::vector<std::size_t> index;
      for (std::size_t i = 0; i < pod_groups_.size(); ++i) {
        if (schedulable_[g][i] == 0) continue;
        wanted.push_back(pod_groups_[i]);
        index.push_back(i);
      }
      if (wanted.empty()) {
        option.skipped = SkipReason::no_pod_fits;
        continue;
      }
      if (options_.balance_similar_node_groups) option.similar = similar_to(g, params);
      std::int64_t room = groups_[g].maximum - groups_[g].target;
      for (const std::size_t s : option.similar)
        room += std::max<std::int64_t>(0, groups_[s].maximum - groups_[s].target);
      const std::int64_t thresholds[] = {options_.max_nodes_per_scaleup, group_capacity_threshold(room),
                                         cluster_capacity_threshold(options_.max_nodes_total, current_nodes())};
      PackingParams packing;
      packing.check_cost = in_.check_cost;
      packing.first_name = static_cast<std::size_t>(upcoming_);
      packing.fastpath = options_.fastpath_binpacking_enabled;
      Estimate e = estimate(sim_, groups_[g], wanted, Limiter(thresholds, options_.max_nodegroup_binpacking_duration),
                            estimator_rules(options_.minor), packing);
      spent_ += e.spent;
      option.nodes = e.nodes;
      option.pods = e.pods;
      if (e.nodes == 0 || e.pods == 0) {
        option.skipped = e.limited ? SkipReason::limited : SkipReason::no_pod_fits;
        continue;
      }
      offers_.push_back({g, std::move(wanted), std::move(e)});
    }
  }

  /// Groups that may grow, look alike and take every pod group that `g` takes. What their own option came to is no
  /// matter, and not yet known of all. SOURCE: core/scaleup/orchestrator ComputeSimilarNodeGroups.
  std::vector<std::size_t> similar_to(std::size_t g, const SimilarityParams& params) const {
    std::vector<std::size_t> out;
    const GroupTemplate mine = template_of(groups_[g], sim_.shapes);
    for (std::size_t s = 0; s < groups_.size(); ++s) {
      if (s == g || schedulable_[s].empty()) continue;  // empty: not asked, as it cannot grow
      if (!are_similar(mine, template_of(groups_[s], sim_.shapes), sim_.names, params)) continue;
      bool takes_the_same = true;
      for (std::size_t i = 0; i < pod_groups_.size(); ++i) {
        if (schedulable_[g][i] != 0 && schedulable_[s][i] == 0) takes_the_same = false;
      }
      if (takes_the_same) out.push_back(s);
    }
    return out;
  }

  void choose() {
    if (offers_.empty()) {
      out_.outcome = ScaleUpOutcome::no_options;
      for (GroupOption& option : out_.groups) {
        if (option.skipped != SkipReason::at_maximum) continue;
        const std::vector<std::uint8_t> takes = schedulable_on(groups_[option.group]);
        option.would_help = std::find(takes.begin(), takes.end(), 1) != takes.end();
      }
      return;
    }
    std::vector<ExpansionOption> expansions;
    for (const Offer& o : offers_) {
      ExpansionOption x{o.group, groups_[o.group].name,         o.estimate.nodes, o.estimate.pods,
                        {},      groups_[o.group].node.capacity};
      for (std::size_t i = 0; i < o.pods.size(); ++i) {
        const ResourceVector& each = sim_.shapes[o.pods[i].shape].requests;
        for (std::size_t r = 0; r < kResourceCount; ++r) {
          x.requested.v[r] += each.v[r] * static_cast<std::int64_t>(o.estimate.placed[i]);
        }
      }
      out_.groups[o.group].score = in_.expanders->expanders().front()->score(x);
      expansions.push_back(x);
    }
    const Offer& best = offers_[in_.expanders->choose(expansions, in_.tie, state_.draws)];
    ++state_.draws;
    const NodeGroup& group = groups_[best.group];
    out_.chosen = best.group;

    std::int64_t nodes = std::min(best.estimate.nodes, resource_room(group));
    if (options_.max_nodes_total > 0) nodes = std::min(nodes, options_.max_nodes_total - current_nodes());
    if (nodes < 1) {
      out_.outcome = ScaleUpOutcome::max_nodes_reached;
      return;
    }
    std::vector<BalanceGroup> targets{{best.group, group.target, group.maximum}};
    for (const std::size_t s : out_.groups[best.group].similar) {
      targets.push_back({s, groups_[s].target, groups_[s].maximum});
    }
    out_.resized = balance(targets, nodes);
    for (const Resize& r : out_.resized) out_.new_nodes += r.wanted - r.current;
    for (std::size_t i = 0; i < best.pods.size(); ++i) {
      out_.helped.insert(out_.helped.end(), best.pods[i].pods.begin(),
                         best.pods[i].pods.begin() + static_cast<std::ptrdiff_t>(best.estimate.placed[i]));
    }
    out_.unhelped -= out_.helped.size();
    out_.outcome = ScaleUpOutcome::scale_up;
  }

  struct Offer {
    std::size_t group;
    std::vector<PodGroup> pods;
    Estimate estimate;
  };

  const Simulation& sim_;
  const ScaleUpInput& in_;
  std::vector<NodeGroup> own_groups_;  // of salvo-scale-up: with the targets that were just set
  std::span<const NodeGroup> groups_;  // those asked, or the above
  const Options& options_;
  ScaleUpState& state_;
  ScaleUpDecision out_;
  std::int64_t upcoming_ = 0;  // stand-ins in the snapshot, named by the numbers below it
  Duration spent_{};
  std::vector<GpuLimit> gpu_limits_;
  std::vector<PodGroup> pod_groups_;
  std::vector<std::vector<std::uint8_t>> schedulable_;  // by group, then pod group
  std::vector<Offer> offers_;
};

}  // namespace

ScaleUpDecision plan_scale_up(const Simulation& sim, const ScaleUpInput& input, ScaleUpState& state) {
  if (input.pending.empty()) return {};
  const std::uint64_t key = fingerprint(sim, input, state);
  // A pod's age can change the answer by itself only while a delay is asked for or pods are fresh.
  if (state.seen_is_valid && state.seen == key) {
    ScaleUpDecision same = state.last;
    same.reused = true;
    return same;
  }
  ScaleUpDecision out = Pass(sim, input, state).run();
  const bool delayed = input.options->new_pod_scale_up_delay > Duration{} ||
                       std::any_of(input.pending.begin(), input.pending.end(),
                                   [](const PendingPod& p) { return p.scale_up_delay > Duration{}; });
  state.seen_is_valid =
      !delayed && (out.outcome == ScaleUpOutcome::all_fit || out.outcome == ScaleUpOutcome::no_options ||
                   out.outcome == ScaleUpOutcome::max_nodes_reached);
  state.seen = key;
  state.last = out;
  return out;
}

}  // namespace plimsoll::eks::ca
