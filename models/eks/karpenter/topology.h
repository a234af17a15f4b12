#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "models/eks/karpenter/requirements.h"
#include "models/eks/node/simulation.h"
#include "sim/cluster/pod_shape.h"

namespace plimsoll::eks::karpenter {

/// Values that new nodes could give a label, by key: what the pools and their types leave.
using DomainUniverse = std::vector<std::pair<NameId, std::vector<NameId>>>;

/// Counts of pods by domain for topology spread, pod affinity and pod anti-affinity, over the nodes of the snapshot and
/// the nodes that are being planned. Preferences (ScheduleAnyway, preferred terms) bind until they are relaxed. Where
/// Karpenter picks any of equal domains, the first by name is taken.
/// SOURCE: kubernetes-sigs/karpenter v0.36.2 pkg/controllers/provisioning/scheduling/{topology,topologygroup}.go.
class Topology {
 public:
  /// @pre pods that are to be scheduled are not on the snapshot.
  Topology(const Simulation& sim, const DomainUniverse& universe);

  /// Makes the groups of a shape. Every shape to be scheduled is announced before the first pod is placed.
  void announce(ShapeId shape);
  /// False when no group concerns the shape: then the other calls need not be made.
  bool concerns(ShapeId shape);
  /// A node that does not exist yet gets a name of its own.
  void add_hostname(NameId hostname);

  /// Whether a real node's labels are a place for the shape.
  bool allows(ShapeId shape, const Requirements& pod, const Labels& node);
  /// Adds to a planned node's requirements the domains that the shape may go to; false when there are none.
  bool narrow(ShapeId shape, const Requirements& pod, Requirements& node);
  void record(ShapeId shape, const Labels& node);
  void record(ShapeId shape, const Requirements& node);

 private:
  enum class Kind : std::uint8_t { spread, affinity, anti_affinity, inverse };
  struct Domain {
    NameId value;
    std::int32_t count = 0;
  };
  struct Group {
    Kind kind = Kind::spread;
    NameId key;
    LabelSelector selector;
    std::vector<NameId> namespaces;
    std::int32_t max_skew = 1;
    std::optional<std::int32_t> min_domains;
    ShapeId filter;               ///< spread: nodes that do not fit this shape's node affinity do not count
    std::vector<Domain> domains;  ///< sorted by text
    std::vector<ShapeId> owners;
    std::vector<std::int8_t> selected;  ///< by shape: -1 unknown
  };

  Group& group_of(Group wanted, ShapeId owner);
  void count_existing(Group& group);
  bool selects(Group& group, ShapeId shape);
  static bool owned(const Group& group, ShapeId shape);
  /// Owned by the shape, or keeping it away.
  bool matches(Group& group, ShapeId shape);
  Domain& domain(Group& group, NameId value);
  bool takes_part(Group& group, ShapeId shape);
  bool node_counts(const Group& group, const SnapshotNode& node) const;
  std::int32_t minimum(const Group& group, const KeyRequirement* pod_domains) const;
  std::optional<KeyRequirement> next_domains(Group& group, ShapeId shape, const Requirements& pod,
                                             const Requirements& node);
  bool bootstraps(Group& group, ShapeId shape, const KeyRequirement* pod_domains);

  const Simulation& sim_;
  const DomainUniverse& universe_;
  NameId hostname_;
  std::vector<Group> groups_;
  std::vector<std::int8_t> concerned_;   ///< by shape: -1 unknown
  std::vector<std::uint8_t> announced_;  ///< by shape
};

}  // namespace plimsoll::eks::karpenter
