#pragma once

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "models/eks/cluster_autoscaler/scale_down.h"
#include "models/eks/node/free_cpu.h"

/// The inside of one scale-down pass: who is looked at, and where its pods would go.
namespace plimsoll::eks::ca {

inline DrainParams drain_params(const Options& options, NameId kube_system) {
  DrainParams p;
  p.minor = options.minor;
  p.skip_nodes_with_system_pods = options.skip_nodes_with_system_pods;
  p.skip_nodes_with_local_storage = options.skip_nodes_with_local_storage;
  p.skip_nodes_with_custom_controller_pods = options.skip_nodes_with_custom_controller_pods;
  p.min_replica_count = options.min_replica_count;
  p.blocking_system_pod_timeout = options.blocking_system_pod_distruption_timeout;
  p.kube_system = kube_system;
  return p;
}

inline bool has_only_daemons(const Simulation& sim, Row row, ScaleDownState& state) {
  if (state.only_daemons.size() < sim.snapshot.rows()) state.only_daemons.resize(sim.snapshot.rows());
  ScaleDownState::RowDaemons& known = state.only_daemons[row];
  if (known.version != sim.snapshot.row_version(row)) {
    const auto pods = sim.snapshot.pods(row);
    known.only =
        std::all_of(pods.begin(), pods.end(), [&](const PodOnNode& p) { return sim.shapes[p.shape].is_daemon; });
    known.version = sim.snapshot.row_version(row);
  }
  return known.only;
}

/// Looks up times in a list that is sorted by node. Mostly they are asked for in its order: the search goes on from the
/// last answer.
class TimesOfNodes {
 public:
  explicit TimesOfNodes(const std::vector<std::pair<NodeId, Time>>& list) : list_(list) {}
  /// kTimeNever when the list does not have the node.
  Time of(NodeId node) {
    if (node < last_) at_ = 0;
    last_ = node;
    while (at_ < list_.size() && list_[at_].first < node) ++at_;
    return at_ < list_.size() && list_[at_].first == node ? list_[at_].second : kTimeNever;
  }

 private:
  const std::vector<std::pair<NodeId, Time>>& list_;
  NodeId last_{0};
  std::size_t at_ = 0;
};

/// Since when nodes are unneeded, by node.
inline std::vector<std::pair<NodeId, Time>> unneeded_by_node(const ScaleDownState& state) {
  std::vector<std::pair<NodeId, Time>> out;
  for (const UnneededNodes::Entry& e : state.unneeded.entries()) out.emplace_back(e.node.node, e.since);
  std::sort(out.begin(), out.end());
  return out;
}

/// Known ones come first, and empty ones before others; in node order within each.
inline std::size_t rank_of(const Simulation& sim, const ScaleDownNode& node, TimesOfNodes& unneeded_since,
                           ScaleDownState& state) {
  const bool known = unneeded_since.of(node.id) != kTimeNever;
  return (known ? 0u : 2u) + (has_only_daemons(sim, node.row, state) ? 0u : 1u);
}

/// Pods of a row; expendable ones neither move nor block.
inline void drain_pods_on(const Simulation& sim, const PodDirectory& directory, Row row, const Options& options,
                          std::vector<DrainPod>& out) {
  out.clear();
  for (const PodOnNode& p : sim.snapshot.pods(row)) {
    if (p.priority < options.expendable_pods_priority_cutoff) continue;
    out.push_back({p.id, &sim.shapes[p.shape], &directory.facts(p.id), p.start, p.shape});
  }
}

/// One pass of simulation; lives as long as the call. As long as all pods that move are of a kind that FreeRoom knows,
/// moves are a matter of free amounts; with the first that is not, they are made up for in the snapshot.
class RemovalSimulation {
 public:
  RemovalSimulation(const Simulation& sim, const ScaleDownInput& input, ScaleDownState& state)
      : sim_(sim),
        in_(input),
        options_(*input.options),
        state_(state),
        params_(drain_params(*input.options, input.kube_system)),
        pdbs_((state.matches.update(input.budgets, input.budgets_version), input.budgets), sim.names, &state.matches),
        room_(state.room) {
    room_.follow(sim);
    if (state_.utilization.size() < sim.snapshot.rows()) state_.utilization.resize(sim.snapshot.rows());
    for (const ScaleDownNode& node : input.nodes) {
      if (node.being_deleted) room_.close(node.row);
    }
    std::erase_if(state_.unremovable_until, [&](const auto& entry) { return entry.second < in_.now; });
  }
  ~RemovalSimulation() { room_.undo(0); }
  RemovalSimulation(const RemovalSimulation&) = delete;
  RemovalSimulation& operator=(const RemovalSimulation&) = delete;

  RemovalPass run(std::span<const ScaleDownNode> candidates, std::size_t limit) {
    RemovalPass out;
    out.unremovable.reserve(candidates.size());
    TimesOfNodes left_alone(state_.unremovable_until);
    for (const ScaleDownNode& node : candidates) {
      double utilization = 0;
      const UnremovableReason reason = eligibility(node, left_alone, utilization);
      if (reason == UnremovableReason::none) {
        eligible_.emplace_back(&node, utilization);
      } else {
        out.unremovable.push_back({node.id, reason, BlockReason::none, PodId{}, utilization});
      }
    }
    try_eligible(limit, out);
    return out;
  }

  /// `run` on the candidates in their order, without the verdicts; `recheck_at`: as plan_scale_down keeps it.
  RemovalPass run_in_order(std::size_t limit, Time& recheck_at) {
    TimesOfNodes left_alone(state_.unremovable_until);
    std::vector<std::uint8_t> shrinks;
    for (const NodeGroup& g : in_.groups) shrinks.push_back(g.target > g.minimum ? 1 : 0);
    for (const ScaleDownNode& node : in_.nodes) {
      if (shrinks[node.group] == 0) continue;
      double utilization = 0;
      const UnremovableReason reason = eligibility(node, left_alone, utilization);
      if (reason == UnremovableReason::none) {
        eligible_.emplace_back(&node, utilization);
      } else if (reason == UnremovableReason::recently_unremovable) {
        recheck_at = std::min(recheck_at, left_alone.of(node.id));
      }
    }
    sort_by_rank();
    RemovalPass out;
    try_eligible(limit, out);
    return out;
  }

 private:
  using Eligible = std::pair<const ScaleDownNode*, double>;
  /// A pod that a removal before this one would have put there.
  struct Arrival {
    Row row = kNoRow;
    PodId pod;
    ShapeId shape;
  };
  struct Move {
    PodId pod;
    ShapeId shape;
    Row from = kNoRow, to = kNoRow;
  };

  void sort_by_rank() {
    const std::vector<std::pair<NodeId, Time>> before = unneeded_by_node(state_);
    TimesOfNodes unneeded_since(before);
    std::array<std::vector<Eligible>, 4> ranked;
    for (const Eligible& e : eligible_) ranked[rank_of(sim_, *e.first, unneeded_since, state_)].push_back(e);
    eligible_.clear();
    for (const auto& rank : ranked) eligible_.insert(eligible_.end(), rank.begin(), rank.end());
  }

  void try_eligible(std::size_t limit, RemovalPass& out) {
    const Trial trial(sim_);
    Duration spent{};
    for (const auto& [node, utilization] : eligible_) {
      if (out.removable.size() >= limit || spent > options_.scale_down_simulation_timeout) {
        out.truncated = true;
        if (!in_.verdicts) break;
        out.unremovable.push_back(
            {node->id, UnremovableReason::not_looked_at, BlockReason::none, PodId{}, utilization});
        continue;
      }
      spent += in_.simulation_cost;
      ++out.simulated;
      try_remove(*node, utilization, out);
    }
  }

  UnremovableReason eligibility(const ScaleDownNode& node, TimesOfNodes& left_alone, double& utilization) const {
    if (node.being_deleted) return UnremovableReason::being_deleted;
    if (node.scale_down_disabled) return UnremovableReason::scale_down_disabled_annotation;
    if (!node.ready && !options_.scale_down_unready_enabled) return UnremovableReason::unready_disabled;
    if (left_alone.of(node.id) != kTimeNever) return UnremovableReason::recently_unremovable;
    const GroupOptions* own = node.group < in_.groups.size() ? &in_.groups[node.group].options : nullptr;
    UtilizationParams params{options_.ignore_daemonsets_utilization, options_.ignore_mirror_pods_utilization};
    double threshold = options_.scale_down_utilization_threshold;
    double gpu_threshold = options_.scale_down_gpu_utilization_threshold;
    if (own != nullptr) {
      params.ignore_daemonsets = own->ignore_daemonsets_utilization.value_or(params.ignore_daemonsets);
      threshold = own->scale_down_utilization_threshold.value_or(threshold);
      gpu_threshold = own->scale_down_gpu_utilization_threshold.value_or(gpu_threshold);
    }
    const ScaleDownState::RowUtilization u = utilization_of(node.row, params);
    utilization = u.value;
    return u.value > (u.resource == Resource::gpus ? gpu_threshold : threshold) ? UnremovableReason::not_underutilized
                                                                                : UnremovableReason::none;
  }

  ScaleDownState::RowUtilization utilization_of(Row row, const UtilizationParams& params) const {
    ScaleDownState::RowUtilization& known = state_.utilization[row];
    const bool plain = !params.ignore_daemonsets && !params.ignore_mirror_pods;
    if (plain && known.version == sim_.snapshot.row_version(row)) return known;
    const Utilization u = node_utilization(sim_.snapshot, row, sim_.shapes, *in_.pods, params, in_.now);
    const ScaleDownState::RowUtilization found{sim_.snapshot.row_version(row), u.value, u.resource};
    // Terminating pods stop counting as time passes.
    const auto pods = sim_.snapshot.pods(row);
    if (plain && std::none_of(pods.begin(), pods.end(), [](const PodOnNode& p) { return p.terminating; })) {
      known = found;
    }
    return found;
  }

  void try_remove(const ScaleDownNode& node, double utilization, RemovalPass& out) {
    // Pods that an earlier candidate's simulation put here count.
    drain_pods_on(sim_, *in_.pods, node.row, options_, pods_);
    if (!arrivals_.empty() && met_[node.row] != 0) {
      for (const Arrival& a : arrivals_) {
        const PodShape& shape = sim_.shapes[a.shape];
        if (a.row == node.row && shape.priority >= options_.expendable_pods_priority_cutoff)
          pods_.push_back({a.pod, &shape, &in_.pods->facts(a.pod), Time{}, a.shape});
      }
    }
    const DrainVerdict verdict = pods_to_move(pods_, pdbs_, params_, in_.now);
    if (verdict.blocked()) {
      refuse(node, utilization, UnremovableReason::blocked_by_pod, out);
      out.unremovable.back().block = verdict.reason;
      out.unremovable.back().blocking_pod = verdict.blocking_pod;
      return;
    }
    // In the same order.
    std::size_t kept = 0;
    for (const DrainPod& pod : pods_) {
      if (kept < verdict.move.size() && pod.id == verdict.move[kept]) pods_[kept++] = pod;
    }
    pods_.resize(kept);
    if (!find_places(node)) {
      refuse(node, utilization, UnremovableReason::no_place_to_move_pods, out);
      return;
    }
    const UnneededNode found{node.id, !verdict.move.empty(), !pdbs_.can_remove(pods_).at_once};
    pdbs_.remove(pods_);
    if (by_room_) {
      room_.close(node.row);
    } else {
      destination_[node.row] = 0;
    }
    gone_.push_back(node.row);
    out.removable.push_back(found);
  }

  void refuse(const ScaleDownNode& node, double utilization, UnremovableReason reason, RemovalPass& out) {
    out.unremovable.push_back({node.id, reason, BlockReason::none, PodId{}, utilization});
    const auto at = std::lower_bound(state_.unremovable_until.begin(), state_.unremovable_until.end(), node.id,
                                     [](const auto& entry, NodeId id) { return entry.first < id; });
    state_.unremovable_until.insert(at, {node.id, in_.now + options_.unremovable_node_recheck_timeout});
  }

  /// Moves the pods that are to leave to other nodes; all or none.
  bool find_places(const ScaleDownNode& node) {
    if (by_room_) {
      const bool all_known = std::all_of(pods_.begin(), pods_.end(), [&](const DrainPod& p) {
        return room_.kind_of(sim_, p.shape_id) != FreeRoom::kNoKind;
      });
      if (all_known) return find_room(node);
      use_snapshot();
    }
    const Snapshot::Level level = sim_.snapshot.checkpoint();
    for (const DrainPod& pod : pods_) sim_.snapshot.remove_pod(node.row, pod.id, *pod.shape);
    for (const DrainPod& pod : pods_) {
      if (!place(pod.id, pod.shape_id, node.row)) {
        sim_.snapshot.rollback(level);
        return false;
      }
    }
    sim_.snapshot.commit(level);
    return true;
  }

  // ---- by free amounts alone ----

  bool find_room(const ScaleDownNode& node) {
    const std::size_t mark = room_.mark(), moves = moves_.size();
    for (const DrainPod& pod : pods_) {
      const Row to = room_for(pod.id, pod.shape_id, node.row);
      if (to == kNoRow) {
        room_.undo(mark);
        moves_.resize(moves);
        return false;
      }
      moves_.push_back({pod.id, pod.shape_id, node.row, to});
    }
    if (met_.empty() && !pods_.empty()) met_.assign(room_.rows(), 0);
    for (std::size_t i = moves; i < moves_.size(); ++i) {
      met_[moves_[i].to] = 1;
      arrivals_.push_back({moves_[i].to, moves_[i].pod, moves_[i].shape});
    }
    return true;
  }

  Row room_for(PodId pod, ShapeId shape, Row from) {
    const FreeRoom::Kind kind = room_.kind_of(sim_, shape);
    const auto takes = [&](Row row) { return row != from && room_.is_open(row) && room_.fits(sim_, kind, row); };
    const ScaleDownState::Hint& hint = hint_of(pod);
    if (hint.row < room_.rows() && sim_.snapshot.node(hint.row).id == hint.node && takes(hint.row)) {
      room_.place(kind, hint.row);
      return hint.row;
    }
    const std::size_t rows = room_.rows();
    if (rows == 0) return kNoRow;
    const std::size_t begin = state_.next_row % rows;
    for (const auto& [first, last] : {std::pair{begin, rows}, std::pair{std::size_t{0}, begin}}) {
      for (std::size_t at = first; (at = room_.next(at, last, kind)) < last; ++at) {
        const Row row = static_cast<Row>(at);
        if (!takes(row)) continue;
        room_.place(kind, row);
        state_.next_row = (at + 1) % rows;
        hint_of(pod) = {sim_.snapshot.node(row).id, row};
        return row;
      }
    }
    return kNoRow;
  }

  ScaleDownState::Hint& hint_of(PodId pod) {
    if (state_.hints.size() <= pod.index()) state_.hints.resize(pod.index() + pod.index() / 2 + 1);
    return state_.hints[pod.index()];
  }

  // ---- in the snapshot ----

  /// Makes up for the moves so far.
  void use_snapshot() {
    by_room_ = false;
    for (const Move& m : moves_) {
      sim_.snapshot.remove_pod(m.from, m.pod, sim_.shapes[m.shape]);
      sim_.place(m.to, m.pod, m.shape);
    }
    arrivals_.clear();
    const std::size_t rows = sim_.snapshot.rows();
    std::vector<Row> all(rows);
    std::iota(all.begin(), all.end(), Row{0});
    cpu_.read(sim_.snapshot, all);
    destination_.assign(rows, 0);
    for (const Row row : all) destination_[row] = sim_.snapshot.alive(row) ? 1 : 0;
    for (const ScaleDownNode& node : in_.nodes) {
      if (node.being_deleted) destination_[node.row] = 0;
    }
    for (const Row row : gone_) destination_[row] = 0;
  }

  bool place(PodId pod, ShapeId shape, Row from) {
    const ScaleDownState::Hint hint = hint_of(pod);
    const bool same =
        hint.row < destination_.size() && sim_.snapshot.alive(hint.row) && sim_.snapshot.node(hint.row).id == hint.node;
    if (same && try_row(pod, shape, hint.row, from)) return true;
    const std::size_t rows = destination_.size();
    if (rows == 0) return false;
    // Once round: from where the last search ended to the end, then from the front.
    const std::size_t begin = state_.next_row % rows;
    return search(pod, shape, from, begin, rows) || search(pod, shape, from, 0, begin);
  }

  bool search(PodId pod, ShapeId shape, Row from, std::size_t first, std::size_t last) {
    const PodShape& what = sim_.shapes[shape];
    for (std::size_t at = first; (at = cpu_.next(at, last, what)) < last; ++at) {
      const Row row = static_cast<Row>(at);
      if (!try_row(pod, shape, row, from)) continue;
      state_.next_row = (at + 1) % destination_.size();
      hint_of(pod) = {sim_.snapshot.node(row).id, row};
      return true;
    }
    return false;
  }

  bool try_row(PodId pod, ShapeId shape, Row row, Row from) {
    if (row == from || destination_[row] == 0 || sim_.snapshot.node(row).unschedulable ||
        !state_.refusals.fits(sim_, shape, row))
      return false;
    sim_.place(row, pod, shape);
    return true;
  }

  const Simulation& sim_;
  const ScaleDownInput& in_;
  const Options& options_;
  ScaleDownState& state_;
  DrainParams params_;
  PdbTracker pdbs_;
  FreeRoom& room_;
  std::vector<Eligible> eligible_;
  std::vector<DrainPod> pods_;  // of the node that is tried; then those of them that are to move
  std::vector<Row> gone_;       // of removable nodes
  bool by_room_ = true;
  std::vector<Move> moves_;
  std::vector<Arrival> arrivals_;
  std::vector<std::uint8_t> met_;          // by row: has arrivals
  std::vector<std::uint8_t> destination_;  // by row
  /// As the snapshot was when it began to be used: no destination has more later, as pods only leave nodes that are
  /// none any more, or come back.
  FreeCpu cpu_;
};

}  // namespace plimsoll::eks::ca
