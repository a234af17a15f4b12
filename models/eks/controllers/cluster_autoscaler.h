#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/eks/cluster_autoscaler/expander.h"
#include "models/eks/cluster_autoscaler/options.h"
#include "models/eks/cluster_autoscaler/scale_down.h"
#include "models/eks/cluster_autoscaler/scale_up.h"
#include "models/kubernetes/controllers/disruption.h"
#include "models/kubernetes/scheduler/framework.h"
#include "sim/cluster/world.h"

namespace plimsoll::eks {

/// A node group that the autoscaler may resize.
struct AutoscaledGroup {
  NodeGroupId id;
  SnapshotNode template_node;  ///< of an empty group
  std::vector<ShapeId> daemons;
};

/// One scale-up pass.
struct ScaleUpDetail : Detail {
  const ca::ScaleUpDecision* decision = nullptr;
  std::span<const ca::NodeGroup> groups;  ///< as they were, in the order of the decision's indices
  const ca::ExpanderChain* expanders = nullptr;
};

/// One scale-down pass.
struct ScaleDownDetail : Detail {
  const ca::ScaleDownDecision* decision = nullptr;
  std::span<const ca::UnneededNodes::Entry> unneeded;  ///< since when, after the pass
  std::span<const ca::NodeGroup> groups;
  const ca::ScaleDownInput* input = nullptr;
  const Simulation* sim = nullptr;
};

/// Cluster Autoscaler as a controller: its loop, what it remembers, and the removal of the nodes that it chose. The
/// decisions are models/eks/cluster_autoscaler (plan_scale_up, plan_scale_down). Runs every scan-interval, and at once
/// after a loop that scaled up or when a pod was found unschedulable (frequent-loops-enabled). SOURCE:
/// kubernetes/autoscaler cluster-autoscaler/core/static_autoscaler.go, core/scaledown/actuation (1.28 and 1.37). Left
/// out: node groups that fail to launch (no capacity shortage yet), soft taints.
class ClusterAutoscaler : public ComponentOf<ClusterAutoscaler> {
 public:
  ClusterAutoscaler(ca::Options options, std::shared_ptr<const ca::ExpanderChain> expanders,
                    kubernetes::Framework framework, kubernetes::DisruptionBudgets budgets)
      : options_(std::move(options)),
        expanders_(std::move(expanders)),
        framework_(std::move(framework)),
        budgets_(std::move(budgets)) {}

  void manage(AutoscaledGroup group) { groups_.push_back(std::move(group)); }

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

 private:
  enum : std::uint64_t { kLoop = 0, kActuate = 1, kDrain = 2 };
  struct Deletion {
    NodeId node;
    Time since{};
    Time evict_until{};
    bool drain = false;
    std::vector<PodId> evict;
  };
  void loop(World& world);
  std::vector<ca::NodeGroup> view_groups(const World& world) const;
  void scale_down(World& world, const Simulation& sim, std::span<const ca::NodeGroup> groups, bool blocked);
  void begin_removal(World& world, const ca::Removal& removal);
  void drain(World& world, std::size_t index);
  void finish_removal(World& world, std::size_t index, bool succeeded);
  Deletion* deletion_of(NodeId node);

  ca::Options options_;
  std::shared_ptr<const ca::ExpanderChain> expanders_;
  kubernetes::Framework framework_;
  kubernetes::DisruptionBudgets budgets_;
  kubernetes::Scratch scratch_;
  std::uint64_t simulated_ = 0;
  std::vector<AutoscaledGroup> groups_;
  ca::ScaleUpState up_;
  ca::ScaleDownState down_;
  std::vector<Deletion> deletions_;
  Time last_scale_up_ = ca::kLongAgo, last_delete_ = ca::kLongAgo, last_failure_ = ca::kLongAgo;
  std::uint64_t facts_version_ = 0;
};

}  // namespace plimsoll::eks
