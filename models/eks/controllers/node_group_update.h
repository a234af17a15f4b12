#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/kubernetes/controllers/disruption.h"
#include "models/kubernetes/controllers/node_updates.h"
#include "sim/cluster/world.h"
#include "sim/policy/group_updates.h"

namespace plimsoll::eks {

/// updateConfig of a managed node group.
struct NodeGroupUpdateConfig {
  std::int64_t max_unavailable = 1;          ///< 1 to 100 nodes
  std::int64_t max_unavailable_percent = 0;  ///< instead of a number when above 0; at least one node
  bool minimal = false;                      ///< updateStrategy MINIMAL: terminates before it launches
  bool force = false;                        ///< goes on when pods cannot be evicted
};

/// How many old nodes are replaced at once. @pre nodes >= 0.
std::int64_t parallel_replacements(const NodeGroupUpdateConfig& config, std::int64_t nodes);
/// Instances that the DEFAULT strategy starts ahead: the larger of twice the zones and the parallel replacements.
std::int64_t surge_of(const NodeGroupUpdateConfig& config, std::int64_t zones, std::int64_t nodes);

/// Longest drain of one node; without force the update fails then (PodEvictionFailure).
inline constexpr Duration kUpdateDrainLimit = minutes(15);
/// Longest wait for the nodes of the surge, from the order to the last that is ready; then the update fails
/// (NodeCreationFailure). SOURCE: awsdocs/amazon-eks-user-guide issue 842 (15 minutes for a node to join).
inline constexpr Duration kUpdateScaleUpLimit = minutes(15);
/// From the last pod's leaving, with the cordon for balancers, to the node's end.
inline constexpr Duration kUpdateCordonWait = seconds(60);

/// Updates of managed node groups to a new image (Fact::image_changed): scale-up by the surge and wait until the new
/// nodes are ready; cordon the old ones; drain and terminate them, so many at a time, in a random order, while the
/// group replaces each; then scale down by steps of one to where it was, which an autoscaler may have done before; when
/// one scales up meanwhile, the group stays as large as it is. MINIMAL leaves the surge out, and with it the cordon of
/// all old nodes, which the guide has among the steps of that phase (that it goes with it is inferred: pods that are
/// evicted have no other place): a node is cordoned when its turn comes. A drain that takes longer than 15 minutes ends
/// the update unless it is forced, and so does a surge that is not ready by then; what has been replaced and started
/// stays, and what has not been started is no longer wanted. A change that comes while an update runs starts another
/// after it. SOURCE: EKS user guide, "Understand each phase of node updates". Left out: the end of what a failed
/// scale-up had started, launch templates with a fixed image.
class NodeGroupUpdates : public ComponentOf<NodeGroupUpdates>, public kubernetes::UpdatesNodes, public GroupUpdates {
 public:
  explicit NodeGroupUpdates(kubernetes::DisruptionBudgets budgets) : budgets_(std::move(budgets)) {}

  void manage(NodeGroupId group, std::int64_t zones, const NodeGroupUpdateConfig& config);
  /// Updates that ended without success.
  std::int64_t failures() const { return static_cast<std::int64_t>(failed_.size()); }
  const std::vector<Failure>& failed_updates() const override { return failed_; }
  const std::vector<Surge>& surges() const override { return surges_; }

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum class Stage : std::uint8_t { idle, scale_up, upgrade, scale_down };
  struct Replacement {
    NodeId node;
    Time since{};
    Time empty = kTimeNever;  ///< its last pod left
  };
  struct Group {
    NodeGroupId id;
    std::int64_t zones = 1;
    NodeGroupUpdateConfig config;
    Stage phase = Stage::idle;
    bool again = false;  ///< another change came meanwhile
    std::int64_t surge = 0, parallel = 1;
    std::int64_t maximum = 0;  ///< of before
    std::int64_t before = 0;   ///< desired size before the surge
    std::int64_t last = -1;    ///< desired size as the scale-down left it; before its first step -1
    Time since{};              ///< when the surge was asked for
    std::vector<Replacement> replacing;
    std::uint64_t draws = 0;
  };
  void begin(World& world, Group& group);
  void step(World& world, std::size_t index);
  void upgrade(World& world, Group& group);
  void scale_down(World& world, Group& group);
  bool drained(World& world, NodeId node) const;
  void give_up_surge(World& world, Group& group);
  /// `failure`: empty when it succeeded.
  void end_update(World& world, Group& group, const std::string& failure);
  std::vector<NodeId> old_nodes(const World& world, const Group& group) const;
  bool all_new_ready(const World& world, const Group& group) const;

  kubernetes::DisruptionBudgets budgets_;
  std::vector<Group> groups_;
  std::vector<Failure> failed_;
  std::vector<Surge> surges_;
};

}  // namespace plimsoll::eks
