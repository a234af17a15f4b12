#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/eks/cluster_autoscaler/expander.h"
#include "models/eks/cluster_autoscaler/flag_values.h"
#include "models/eks/cluster_autoscaler/options.h"
#include "models/eks/cluster_autoscaler/registry.h"
#include "models/eks/cluster_autoscaler/scale_down.h"
#include "models/eks/cluster_autoscaler/scale_up.h"
#include "models/eks/cluster_autoscaler/taint_config.h"
#include "models/eks/controllers/pod_directory.h"
#include "models/kubernetes/controllers/disruption.h"
#include "models/kubernetes/scheduler/framework.h"
#include "sim/cluster/world.h"
#include "sim/policy/binding_limits.h"

namespace plimsoll::eks {

/// A node group that the autoscaler may resize.
struct AutoscaledGroup {
  NodeGroupId id;
  SnapshotNode template_node;  ///< of an empty group
  std::vector<ShapeId> daemons;
  ca::GroupOptions options;  ///< by tags of the group
  /// Of --nodes; none: what the Auto Scaling group has.
  std::optional<ca::NodeGroupSpec> bounds{};
};

/// Time that the autoscaler's own computing takes.
struct AutoscalerComputeTime {
  /// One removal simulation in a cluster of 1,000 nodes; it grows with the number of nodes. No figure is published for
  /// Cluster Autoscaler; its hints spare it most of the search that Karpenter makes.
  Duration removal_per_thousand_nodes = milliseconds(20);
  /// One try of a pod on a new node in the packing of a scale-up, which takes as many as pods times new nodes at worst.
  /// SOURCE: kubernetes/autoscaler pull request 4970 for the growth; the figure is assumed.
  Duration packing_check = microseconds(50);
};

/// One scale-up pass.
struct ScaleUpDetail : Detail {
  const ca::ScaleUpDecision* decision = nullptr;
  std::span<const ca::NodeGroup> groups;  ///< as they were, in the order of the decision's indices
  const ca::ExpanderChain* expanders = nullptr;
  std::span<const ca::PendingPod> pending;  ///< pods without a node as the pass is told of
  const Simulation* sim = nullptr;
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
/// decisions are models/eks/cluster_autoscaler (Registry, plan_scale_up, plan_scale_down). Runs every scan-interval; at
/// once after a loop that scaled up or removed, and when a pod is found unschedulable (frequent-loops-enabled).
/// Instances that do not register within max-node-provision-time are deleted; a scale-up that is not done by then, or
/// that the provider refuses, backs its group off. Unneeded nodes carry DeletionCandidate:PreferNoSchedule. The
/// provider looks at its groups once a minute. SOURCE: kubernetes/autoscaler
/// cluster-autoscaler/core/static_autoscaler.go, loop/trigger.go, core/scaledown/actuation, cloudprovider/aws (1.28
/// and 1.37). The next node of a group is taken for what a ready, schedulable node of it is that has been ready for a
/// minute; without one, for what the last such node was; before there was any, for what the provider makes of the
/// launch template. A node with a startup taint is not ready. Left out: eviction of DaemonSet pods ahead of the
/// instance's end; nodes that are not ready yet stay in the snapshot beside their stand-ins, for the pods that tolerate
/// their taints.
class ClusterAutoscaler : public ComponentOf<ClusterAutoscaler>, public BindingLimits {
 public:
  ClusterAutoscaler(ca::Options options, std::shared_ptr<const ca::ExpanderChain> expanders,
                    kubernetes::Framework framework, kubernetes::DisruptionBudgets budgets,
                    AutoscalerComputeTime compute = {}, AnnotationTable annotations = {});

  void manage(AutoscaledGroup group) { groups_.emplace_back().what = std::move(group); }

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  /// Maxima of groups, while no group can help a pod that one of theirs would take; and the cluster's own limits.
  std::vector<Limit> binding_limits(const World& world) const override;

 private:
  enum : std::uint64_t { kLoop = 0, kActuate = 1, kDrain = 2, kTrigger = 3, kApply = 4, kGrow = 5 };
  struct Group {
    AutoscaledGroup what;
    Time last_scale_up = ca::kLongAgo, last_delete = ca::kLongAgo, last_failure = ca::kLongAgo;
    Time refused = kTimeNever;  ///< the provider's last refusal that was not dealt with
    bool over_quota = false;    ///< it was for the account's vCPUs
    LimitClock maximum;
    std::optional<SnapshotNode> example;  ///< as the last node was that stood for the next
    std::vector<ShapeId> example_daemons;
    bool has_example = false;  ///< a node that stands for the next one is there
    Time example_seen = ca::kLongAgo;
  };
  struct Deletion {
    NodeId node;
    Time evict_until{};         ///< evictions are tried until then
    Time gone_by = kTimeNever;  ///< once all pods are on their way out
    Time batch = kTimeNever;    ///< when its group's collected nodes go, once nothing is left on it
    bool drain = false;
    std::size_t priorities = 0;  ///< of drain-priority-config: whose turn it is
  };
  /// From a loop to the next; with --scan-interval=0 the real program goes on at once, as fast as its calls let it.
  Duration scan_interval() const;
  void next_loop(World& world, Time at);
  void loop(World& world);
  /// Whether this loop would find what the last one found, and do nothing: nothing happened since, and what there is
  /// does not change by the passing of time alone.
  bool is_idle(const World& world) const;
  /// The same, as far as it is a matter of what the loop has just found.
  bool found_nothing() const;
  /// Brings group_view_ up to date; each loop writes into it what it finds and decides.
  void see_groups(const World& world);
  std::pair<std::int64_t, std::int64_t> bounds_of(const World& world, const Group& group) const;
  /// What the next node of the group is taken for.
  void see_template(const World& world, Group& group, ca::NodeGroup& view);
  bool is_starting(const World& world, const Node& node) const;
  /// Brings instances_ and nodes_ up to date.
  void see_nodes(const World& world);
  /// What stands of one node in the two.
  void see_node(const World& world, NodeId id);
  std::vector<ca::PendingPod> view_pending(const World& world) const;
  /// Pods that their controllers have yet to create, as one of theirs that waits: enable-proactive-scaleup. SOURCE:
  /// processors/podinjection (1.32; with waiting pods as the only samples, as since kubernetes-sigs/cluster-autoscaler
  /// pull request 71). Left out: the back-off of a controller whose expected pods no group helps.
  void add_expected(const World& world, std::vector<ca::PendingPod>& out) const;
  std::size_t group_of(NodeGroupId id) const;
  /// Ends failed scale-ups and instances that never came. True when the loop ends with it.
  bool mend_groups(World& world, std::vector<ca::NodeGroup>& groups);
  /// Decides what to add; how long that takes.
  Duration plan_growth(World& world, const Simulation& sim, std::span<const ca::NodeGroup> groups);
  /// Adds what was decided, and goes on with the nodes to remove.
  void grow(World& world);
  bool apply_growth(World& world, std::span<const ca::NodeGroup> groups, bool& blocked);
  void resize(World& world, const ca::ScaleUpDecision& decision);
  /// Pods wait, or no longer, for a group that is left alone since an account quota refused it.
  void note_quota(World& world, bool waits);
  Duration scale_down(World& world, const Simulation& sim, std::span<const ca::NodeGroup> groups, bool blocked);
  /// The computing is done: what was chosen is removed, if it is still there.
  void apply(World& world, bool grew);
  void mark_unneeded(World& world);
  void begin_removal(World& world, const ca::Removal& removal);
  void drain(World& world, std::size_t index);
  /// Keeps of the pods those whose turn it is by drain-priority-config; how long they may take to end.
  Duration next_priorities(const World& world, Deletion& deletion, std::vector<PodId>& pods) const;
  void finish_removal(World& world, std::size_t index, bool succeeded);
  /// When the emptied node is handed to the provider: at once, or with others of its group.
  Time batch_of(const World& world, std::size_t index);
  Deletion* deletion_of(NodeId node);

  ca::Options options_;
  ca::TaintConfig taints_;
  std::vector<ca::DrainPriority> drain_priorities_;
  std::shared_ptr<const ca::ExpanderChain> expanders_;
  kubernetes::Framework framework_;
  kubernetes::DisruptionBudgets budgets_;
  AutoscalerComputeTime compute_;
  AnnotationTable annotations_;
  std::vector<DisruptionBudget> budget_view_;  ///< as of the last loop
  std::vector<std::uint8_t> budgets_changed_;  ///< by workload: something happened to it since then
  std::uint64_t budgets_version_ = 1;          ///< of their selectors
  kubernetes::Scratch scratch_;
  std::uint64_t simulated_ = 0;
  std::vector<Group> groups_;
  ca::Registry registry_;
  ca::ScaleUpState up_;
  ca::ScaleDownState down_;
  std::vector<Deletion> deletions_;
  std::vector<ca::NodeGroup> group_view_;  ///< by group, as of the last loop
  std::uint64_t group_nodes_version_ = 0, group_rows_version_ = 0;
  std::vector<ca::RegistryInstance> instances_;  ///< of the groups in node order, as of the last loop
  std::vector<ca::ScaleDownNode> nodes_;         ///< those of them that have a row; the same
  std::uint64_t nodes_hash_ = 0, nodes_version_ = 0;
  bool nodes_are_seen_ = false;                ///< once, as of nodes_version_
  std::vector<NodeId> starting_;               ///< those that had a startup taint then
  Time templates_until_ = kTimeNever;          ///< what the next nodes are taken for holds so long, if nothing happens
  std::optional<ca::ScaleUpDecision> growth_;  ///< decided, applied when the computing is done
  bool growth_pending_ = false, nothing_timed_out_ = true;  ///< of this loop: pods waited; no scale-up was given up
  std::vector<NodeId> nodes_changed_;                       ///< since then, once for each change
  std::vector<NodeId> deletions_over_;                      ///< since then: nodes that are in deletions_ no more
  std::vector<ca::Removal> chosen_;                         ///< decided, applied when the computing is done
  std::vector<NodeId> marked_;                              ///< carry the soft taint
  Time last_scale_up_ = ca::kLongAgo, last_delete_ = ca::kLongAgo, last_failure_ = ca::kLongAgo;
  Time provider_seen_ = ca::kLongAgo;  ///< last refresh of the Auto Scaling groups
  std::uint64_t turn_ = 0;             ///< of the loop; a wake of another turn is void
  LimitClock totals_;                  ///< max-nodes-total, cores-total, memory-total
  bool quota_waits_ = false;
  bool computing_ = false, trigger_pending_ = false, triggered_ = false;
  bool idle_ = false;               ///< the last loop found nothing to do,
  std::uint64_t idle_version_ = 0;  ///< with this version of the placement, and nothing has happened since
};

}  // namespace plimsoll::eks
