#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "sim/cluster/world.h"

namespace plimsoll::cli {

/// Why each instance of one Auto Scaling group or node group came and went, by the facts of a run: what the group's
/// desired capacity asked for, whom it replaced, and what was launched ahead of another's end. A scale-in takes back
/// what was asked for last and has not come yet; of several places to fill the oldest is filled first. Of a group whose
/// instances have weights only the last resize before each is told.
class GroupHistory {
 public:
  enum class Cause : std::uint8_t {
    first,        ///< part of the size that the group began with
    resized,      ///< `resize` asked for it (launch), or for one less (end)
    replacement,  ///< launch: in the place of `other`, which had gone
    ahead,        ///< launch: before the end of `other` (none: it has not ended); end: `other` had come for it
    alone,        ///< end: nobody wanted it gone, another comes in its place
  };
  struct Move {
    Cause cause = Cause::alone;
    const FactRecord* resize = nullptr;
    std::int64_t before = 0;  ///< desired capacity before the resize
    NodeId other;
  };

  GroupHistory(const World& world, NodeGroupId group);

  /// None when the node is not of the group.
  std::optional<Move> launch_of(NodeId node) const;
  /// None when it is of another group, or has not left.
  std::optional<Move> end_of(NodeId node) const;
  /// Nodes of the group in a zone that had been asked for before `at` and had not left it by then.
  std::int64_t members_in(ZoneId zone, Time at) const;

 private:
  void resize(const FactRecord& fact);
  void come(NodeId node);
  void leave(const FactRecord& fact);
  /// Which of those to go has gone with it; none when another is to come in its place.
  std::deque<Move>::iterator surplus_for(const FactRecord& fact);
  /// Whether places are filled by one instance each. Those of a group with weights are not: it counts units.
  bool adds_up() const;
  void by_resizes_alone();
  Move last_resize(Time until, bool up) const;

  const World& world_;
  NodeGroupId group_;
  std::int64_t desired_ = -1;
  std::deque<Move> places_;   ///< to be filled, the oldest first
  std::deque<Move> surplus_;  ///< to go, the oldest first
  std::map<NodeId, Move> launches_, ends_;
  std::map<NodeId, Time> left_;
  const FactRecord* warning_ = nullptr;  ///< the last one that EC2 gave of a node of the group
  std::map<NodeId, NodeId> warned_;      ///< launched ahead for a node that it warned of
};

}  // namespace plimsoll::cli
