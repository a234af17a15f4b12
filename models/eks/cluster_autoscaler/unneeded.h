#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/time.h"

namespace plimsoll::eks::ca {

/// Why a node that is unneeded is not removed now.
enum class WaitReason : std::uint8_t {
  none,
  scale_down_disabled,  ///< annotation
  not_unneeded_long_enough,
  not_unready_long_enough,
  group_min_size_reached,
};

/// What one pass of removal simulation found of a node.
struct UnneededNode {
  NodeId node;
  bool needs_drain = false;  ///< has pods to move
  bool risky = false;        ///< more evictions than a disruption budget allows at once
};

/// How a node stands when the timers are read.
struct NodeState {
  std::size_t group = 0;  ///< index into the sizes
  bool ready = true;
  bool scale_down_disabled = false;
  Duration unneeded_time = minutes(10);  ///< --scale-down-unneeded-time, or the group's own
  Duration unready_time = minutes(20);   ///< --scale-down-unready-time, or the group's own
};

/// A group's size while victims are chosen.
struct GroupSize {
  std::int64_t target = 0, minimum = 0, deletions_in_progress = 0;
};

/// Since when nodes have been unneeded, without a break. Copyable.
/// SOURCE: kubernetes/autoscaler 1.28 cluster-autoscaler/core/scaledown/unneeded/nodes.go.
class UnneededNodes {
 public:
  struct Entry {
    UnneededNode node;
    Time since{};
  };

  /// Nodes found unneeded at `now`; those that are not among them lose their timer.
  void update(std::span<const UnneededNode> found, Time now);
  void clear() { entries_.clear(); }
  bool contains(NodeId node) const;
  /// In the order in which the nodes were found.
  const std::vector<Entry>& entries() const { return entries_; }

  struct Removable {
    std::vector<UnneededNode> empty, drain;
    std::vector<std::pair<NodeId, WaitReason>> waiting;
  };
  /// Which may be removed at `now`: since + time < now, strictly; empty nodes are offered first, and each one offered
  /// counts against its group's minimum. `state_of(node)` answers a NodeState.
  template <class StateOf>
  Removable removable_at(Time now, std::vector<GroupSize> sizes, const StateOf& state_of) const {
    Removable out;
    for (const bool drain : {false, true}) {
      for (const Entry& e : entries_) {
        if (e.node.needs_drain != drain) continue;
        const WaitReason reason = wait_reason(e, now, state_of(e.node.node), sizes);
        if (reason != WaitReason::none) {
          out.waiting.emplace_back(e.node.node, reason);
        } else {
          (drain ? out.drain : out.empty).push_back(e.node);
        }
      }
    }
    return out;
  }

 private:
  static WaitReason wait_reason(const Entry& entry, Time now, const NodeState& state, std::vector<GroupSize>& sizes);
  std::vector<Entry> entries_;
};

}  // namespace plimsoll::eks::ca
