#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/billing/bill.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// One of the volumeClaimTemplates of a StatefulSet.
struct ClaimTemplate {
  std::string name;  ///< of its claims, without the ordinal: "shop/data-db"
  /// Of a class that binds at once: zones, by name, that its volumes are made in; empty: where their first pod goes.
  std::vector<NameId> zones;
};

/// The volumeClaimTemplates of one StatefulSet.
struct ClaimTemplates {
  std::int64_t gib = 0;                  ///< of one pod's claims together
  LineItemId line;                       ///< that their volumes are billed to, a GiB
  bool deleted_when_scaled = false;      ///< persistentVolumeClaimRetentionPolicy.whenScaled: Delete
  std::vector<ClaimTemplate> each = {};  ///< in the order of the last volumes of the pods' shape; may be left out
};

/// A claim that pods name, or the volumes that each of them has for itself.
struct SharedClaim {
  NameId name;  ///< namespace/name; none: a pod's own
  std::int64_t gib = 0;
  LineItemId line;  ///< that its volume is billed to, a GiB; of an existing volume without a size: none
  NameId zone;      ///< of a class that binds at once; none: where its first pod goes
};

/// Persistent volume claims of StatefulSets, one set an ordinal: bound to the zone of the node that the ordinal's first
/// pod is placed on (volumeBindingMode WaitForFirstConsumer), and provisioned and paid for from then on; those of a
/// class that binds at once are there from the pod's creation on, in the zone that the provisioner takes. A pod that
/// comes back under its ordinal can only be placed in that zone (the scheduler's VolumeBinding). A claim outlives its
/// pod; with whenScaled: Delete it goes with a pod that is scaled away. Claims that pods name are bound the same way,
/// by whichever of their pods is placed first, and stay to the end; generic ephemeral volumes come and go with their
/// pod. SOURCE: pkg/controller/volume/scheduling, pkg/controller/statefulset/stateful_pod_control.go (claim retention,
/// on since 1.27); EBS pricing (per second, a minute at least, from creation to deletion). Left out: whenDeleted
/// (nothing is deleted), the time that a volume takes to be made (it is not waited for by itself), classes other than
/// gp3.
class VolumeClaims : public ComponentOf<VolumeClaims> {
 public:
  explicit VolumeClaims(HandlerId bill) : bill_(bill) {}

  void manage(WorkloadId workload, const ClaimTemplates& claims);
  bool manages(WorkloadId workload) const { return workload.index() < sets_.size() && sets_[workload.index()].managed; }

  /// A claim that pods name; each name once.
  void share(const SharedClaim& claim);
  /// What each pod of the workload has for itself and takes along when it ends.
  void give_each(WorkloadId workload, const SharedClaim& volumes);
  /// The ordinal of a pod whose claims go by it.
  std::optional<std::size_t> ordinal_of(PodId pod) const;

  /// The shape of a pod of this ordinal: the workload's, bound to the zone of its volumes when they exist.
  ShapeId shape_of(World& world, WorkloadId workload, std::size_t ordinal) const;
  /// The pod has this ordinal.
  void created(World& world, PodId pod, std::size_t ordinal);
  /// No pod of this ordinal is wanted or there any more.
  void scaled_away(World& world, WorkloadId workload, std::size_t ordinal);
  /// Zone of the ordinal's volumes; none: not bound.
  NameId zone_of(WorkloadId workload, std::size_t ordinal) const;
  /// Zone of the volume of a claim, namespace/name, that pods name or that a set made for an ordinal; none: not bound,
  /// or not known here.
  NameId zone_of(const World& world, NameId claim) const;
  /// Whose ordinal a claim, namespace/name, was made for.
  std::optional<std::pair<WorkloadId, std::size_t>> ordinal_of(const World& world, NameId claim) const;

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& /*world*/, const Event& /*event*/) override {}
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  struct Volumes {
    NameId zone;
    std::optional<billing::MeterId> meter;
  };
  struct Set {
    bool managed = false;
    ClaimTemplates claims;
    std::vector<Volumes> volumes;  ///< by ordinal
  };
  struct Shared {
    SharedClaim claim;
    std::optional<billing::MeterId> meter;
  };
  struct Own {
    WorkloadId workload;
    SharedClaim volumes;
  };
  struct OwnMeter {
    PodId pod;
    billing::MeterId meter;
  };
  static NameId zone_at_once(const ClaimTemplate& claim, std::size_t ordinal);
  /// The volumes of an ordinal are made, unless they are there.
  void bind(World& world, WorkloadId workload, std::size_t ordinal, NameId zone);
  void bind_shared(World& world, const FactRecord& fact);
  billing::Bill& bill(World& world) const { return dynamic_cast<billing::Bill&>(world.component(bill_)); }

  HandlerId bill_;
  std::vector<Shared> shared_;
  std::vector<Own> own_;
  std::vector<OwnMeter> open_;           ///< of pods that are there
  std::vector<Set> sets_;                ///< by workload
  std::vector<std::uint32_t> ordinals_;  ///< by pod; 0: no ordinal, else one more than it
};

/// Before a pod is bound to a node of this zone: the volumes that it has by its ordinal will be made there, so that who
/// asks later where it could be moved to (the autoscalers do) sees it. Other pods are left alone.
void tie_own_volumes(World& world, PodId pod, NameId zone);

}  // namespace plimsoll::kubernetes
