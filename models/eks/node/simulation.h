#pragma once

#include <cstdint>

#include "models/kubernetes/scheduler/framework.h"
#include "models/kubernetes/scheduler/shape_cache.h"
#include "sim/cluster/names.h"
#include "sim/cluster/pod_shape.h"
#include "sim/cluster/snapshot.h"

namespace plimsoll::eks {

/// Where an autoscaler tries things out: the placement snapshot of the world, which a plan leaves as it found it, and
/// the scheduler's predicates. `simulated` counts the changes that simulations made and took back, so that `version() -
/// simulated` moves only when the cluster itself does; one counter stands beside each snapshot and is shared by all
/// planners that simulate on it.
struct Simulation {
  Snapshot& snapshot;
  const kubernetes::Framework& framework;
  kubernetes::Scratch& scratch;
  ShapeTable& shapes;
  Names& names;
  std::uint64_t& simulated;

  bool fits(ShapeId shape, Row row) const {
    return framework.filter_row({snapshot, shapes, names}, shape, row, scratch).ok();
  }
  kubernetes::Verdict verdict(ShapeId shape, Row row) const {
    return framework.filter_row({snapshot, shapes, names}, shape, row, scratch);
  }
  void place(Row row, PodId pod, ShapeId shape) const {
    const PodShape& s = shapes[shape];
    snapshot.add_pod(row, {.id = pod, .shape = shape, .priority = s.priority, .terminating = false, .start = {}}, s);
  }
  /// Moves only when something other than a simulation changed the snapshot.
  std::uint64_t cluster_version() const { return snapshot.version() - simulated; }
};

/// Opens a level for its lifetime and takes everything back.
class Trial {
 public:
  explicit Trial(const Simulation& sim)
      : sim_(sim), before_(sim.snapshot.version()), level_(sim.snapshot.checkpoint()) {}
  ~Trial() {
    sim_.snapshot.rollback(level_);
    sim_.simulated += sim_.snapshot.version() - before_;
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

 private:
  const Simulation& sim_;
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
