#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/kubernetes/scheduler/framework.h"
#include "models/kubernetes/scheduler/scratch.h"
#include "sim/cluster/names.h"
#include "sim/cluster/pod_shape.h"
#include "sim/cluster/snapshot.h"

namespace plimsoll::eks {

/// The filters of a scheduler without its scores, which simulations do not need: the framework of Cluster Autoscaler.
inline kubernetes::Profile simulation_profile(kubernetes::KubernetesVersion version) {
  kubernetes::Profile profile = kubernetes::default_profile(version);
  profile.scores.clear();
  return profile;
}

/// Where an autoscaler tries things out: the placement snapshot of the world, which a plan leaves as it found it, and
/// the scheduler's predicates. `simulated` counts the changes that simulations made and took back, so that `version() -
/// simulated` moves only when the cluster itself does; one counter stands beside each snapshot and is shared by all
/// planners that simulate on it. Made anew for each plan.
struct Simulation {
  Snapshot& snapshot;
  const kubernetes::Framework& framework;
  kubernetes::Scratch& scratch;
  ShapeTable& shapes;
  Names& names;
  std::uint64_t& simulated;
  bool anti_affinity = false;  ///< some pod may keep others away from its node

  Simulation(Snapshot& snapshot_, const kubernetes::Framework& framework_, kubernetes::Scratch& scratch_,
             ShapeTable& shapes_, Names& names_, std::uint64_t& simulated_)
      : snapshot(snapshot_),
        framework(framework_),
        scratch(scratch_),
        shapes(shapes_),
        names(names_),
        simulated(simulated_) {
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      anti_affinity = anti_affinity || !shapes[ShapeId{i}].anti_required.empty();
    }
  }

  bool fits(ShapeId shape, Row row) const { return has_room(shapes[shape], row) && verdict(shape, row).ok(); }
  kubernetes::Verdict verdict(ShapeId shape, Row row) const {
    const kubernetes::ClusterView view{snapshot, shapes, names};
    return depends_on_others(shapes[shape]) ? framework.filter_row(view, shape, row, scratch)
                                            : framework.filter_alone(view, shape, row);
  }
  void place(Row row, PodId pod, ShapeId shape) const {
    const PodShape& s = shapes[shape];
    snapshot.add_pod(row, {.id = pod, .shape = shape, .priority = s.priority, .terminating = false, .start = {}}, s);
  }
  /// Whether pods on other nodes can change the answer for this shape.
  bool depends_on_others(ShapeId shape) const { return depends_on_others(shapes[shape]); }
  /// Moves only when something other than a simulation changed the snapshot.
  std::uint64_t cluster_version() const { return snapshot.version() - simulated; }

 private:
  /// The cheapest part of the predicates first: most refusals are a matter of CPU, memory or the count of pods.
  bool has_room(const PodShape& s, Row row) const {
    for (const Resource r : {Resource::cpu, Resource::memory, Resource::pods}) {
      const std::int64_t need = s.requests[r];
      if (need > 0 && need > snapshot.allocatable(r)[row] - snapshot.requested(r)[row]) return false;
    }
    return true;
  }
  /// Spreading that is only wished for never refuses a node.
  bool depends_on_others(const PodShape& s) const {
    return anti_affinity || !s.pod_required.empty() || !s.anti_required.empty() ||
           std::any_of(s.spread.begin(), s.spread.end(),
                       [](const TopologySpreadConstraint& c) { return c.when == WhenUnsatisfiable::do_not_schedule; });
  }
};

/// Remembers which rows refused a shape by themselves: they do so until they change, whatever is tried meanwhile and
/// from one plan to the next. Belongs to one snapshot and its history.
class RowRefusals {
 public:
  /// As `sim.fits`.
  bool fits(const Simulation& sim, ShapeId shape, Row row) {
    if (sim.depends_on_others(shape)) return sim.fits(shape, row);
    if (by_shape_.size() <= shape.index()) by_shape_.resize(shape.index() + 1);
    auto& refused_at = by_shape_[shape.index()];
    if (refused_at.size() < sim.snapshot.rows()) refused_at.resize(sim.snapshot.rows(), 0);
    const std::uint64_t version = sim.snapshot.row_version(row) + 1;
    if (refused_at[row] == version) return false;
    if (sim.fits(shape, row)) return true;
    refused_at[row] = version;
    return false;
  }

 private:
  std::vector<std::vector<std::uint64_t>> by_shape_;  // then row: 1 + the version that refused
};

/// Opens a level for its lifetime and takes everything back. Trials nest; the outermost one does the counting.
class Trial {
 public:
  explicit Trial(const Simulation& sim)
      : sim_(sim),
        outermost_(sim.snapshot.open_levels() == 0),
        before_(sim.snapshot.version()),
        level_(sim.snapshot.checkpoint()) {}
  ~Trial() {
    sim_.snapshot.rollback(level_);
    if (outermost_) sim_.simulated += sim_.snapshot.version() - before_;
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

 private:
  const Simulation& sim_;
  bool outermost_;
  std::uint64_t before_;
  Snapshot::Level level_;
};

/// Whether more pods on a cluster can only take room from this shape, so that a node that refused it once will refuse
/// it until pods leave: no spreading rule and no affinity to other pods.
inline bool refusals_last(const PodShape& shape) {
  for (const TopologySpreadConstraint& c : shape.spread) {
    if (c.when == WhenUnsatisfiable::do_not_schedule) return false;
  }
  return shape.pod_required.empty();
}

}  // namespace plimsoll::eks
