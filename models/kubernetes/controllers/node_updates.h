#pragma once

#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// A component that takes taints off nodes, which is no fact of the world: it tells kube-scheduler, whose watch may let
/// pods that wait try again.
class UpdatesNodes {
 public:
  virtual ~UpdatesNodes() = default;
  /// The KubeScheduler of the cluster; without a call nobody hears.
  void schedule_through(HandlerId scheduler) { scheduler_ = scheduler; }

 protected:
  void node_updated(World& world, NodeId node) const;

 private:
  HandlerId scheduler_;
};

}  // namespace plimsoll::kubernetes
