#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/eks/cluster_autoscaler/backoff.h"
#include "models/eks/cluster_autoscaler/balance.h"
#include "models/eks/cluster_autoscaler/equivalence.h"
#include "models/eks/cluster_autoscaler/expander.h"
#include "models/eks/cluster_autoscaler/node_group.h"
#include "models/eks/cluster_autoscaler/options.h"
#include "models/eks/node/free_room.h"
#include "models/eks/node/simulation.h"

namespace plimsoll::eks::ca {

enum class ScaleUpOutcome : std::uint8_t {
  nothing_pending,
  all_fit,            ///< every pending pod fits existing or upcoming nodes
  waiting_for_pods,   ///< all that is left is younger than 2 s (30 s for GPU pods): wait one loop, remove nothing
  max_nodes_reached,  ///< max-nodes-total, cores-total or memory-total
  no_options,         ///< no group helps any pod
  scale_up,
};

/// Why a group offers nothing.
enum class SkipReason : std::uint8_t {
  none,
  unhealthy,
  backed_off,
  at_maximum,
  resource_limit,
  no_pod_fits,
  limited,
  out_of_time,  ///< max-binpacking-time was over before it was its turn
};

/// A group's part in a decision, for explanations.
struct GroupOption {
  std::size_t group = 0;
  SkipReason skipped = SkipReason::none;
  bool would_help = false;  ///< at its maximum, and a node of it would take a pod that no group can help now
  std::int64_t nodes = 0, pods = 0;
  double score = 0;                  ///< of the first expander, smaller is better
  std::vector<std::size_t> similar;  ///< groups that would share it
};

struct ScaleUpDecision {
  ScaleUpOutcome outcome = ScaleUpOutcome::nothing_pending;
  std::vector<GroupOption> groups;  ///< one for each group, in order; empty when none was asked
  std::size_t chosen = 0;           ///< index of the group; meaningful for scale_up
  std::int64_t new_nodes = 0;       ///< after limits
  std::vector<Resize> resized;      ///< group index, current and wanted target
  std::vector<PodId> helped;        ///< pods that the chosen option places
  std::size_t pending = 0;          ///< pods after priority and daemon filters
  std::size_t fitting = 0;          ///< of these, pods that fit existing or upcoming nodes
  std::size_t unhelped = 0;         ///< left for the next loop
  bool reused = false;              ///< nothing changed since the last loop: its answer stands
  Duration spent{};                 ///< computing time, those before this one in the same loop included
  /// With salvo-scale-up: what else was decided in the same loop, one after the other. A last one that adds nothing
  /// tells why no more was.
  std::vector<ScaleUpDecision> further;
};

/// What the autoscaler remembers between loops for scaling up.
struct ScaleUpState {
  explicit ScaleUpState(const BackoffParams& params = {}) : backoff(params) {}
  Backoff backoff;
  std::uint64_t draws = 0;   ///< random ties broken so far
  std::size_t next_row = 0;  ///< where the search for existing nodes goes on
  std::uint64_t seen = 0;    ///< fingerprint of the last question
  bool seen_is_valid = false;
  ScaleUpDecision last;
  RowRefusals refusals;        ///< of the nodes there are
  FreeRoom room;               ///< on them
  std::int64_t stand_ins = 0;  ///< most upcoming nodes so far
};

struct ScaleUpInput {
  std::span<const NodeGroup> groups;
  /// Unschedulable pods, oldest first; daemons and pods below the priority cutoff may be among them.
  std::span<const PendingPod> pending;
  Time now{};
  std::int64_t ready_nodes = 0;  ///< counted against max-nodes-total together with upcoming ones
  const Options* options = nullptr;
  const ExpanderChain* expanders = nullptr;
  const Stream* tie = nullptr;  ///< breaks ties between options; null: the first
  Duration check_cost{};        ///< computing time of one try of a pod on a new node
};

/// One scale-up pass, from the list of pending pods to new group sizes: stand-ins for upcoming nodes, pods that fit
/// existing nodes (by priority) are set aside, one option a group as if it alone grew, expander, cluster limits, split
/// over similar groups. Nothing happens to the snapshot. When neither the cluster nor the question changed since a loop
/// that could not help, its answer is given again without simulating. The time that packing takes is set against
/// max-nodegroup-binpacking-duration, max-binpacking-time (which lets the options found so far do) and
/// salvo-scale-up-budget; that of setting pods aside is left out.
/// SOURCE: kubernetes/autoscaler 1.28 and 1.37 cluster-autoscaler/core/{static_autoscaler,scaleup/orchestrator}.
ScaleUpDecision plan_scale_up(const Simulation& sim, const ScaleUpInput& input, ScaleUpState& state);

}  // namespace plimsoll::eks::ca
