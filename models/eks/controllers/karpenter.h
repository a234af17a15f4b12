#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/aws/controllers/auto_scaling_group.h"
#include "models/eks/controllers/pod_directory.h"
#include "models/eks/karpenter/disruption.h"
#include "models/eks/karpenter/instance_types.h"
#include "models/eks/karpenter/node_pool.h"
#include "models/eks/karpenter/provisioning.h"
#include "models/kubernetes/controllers/disruption.h"
#include "models/kubernetes/scheduler/framework.h"
#include "sim/cluster/world.h"
#include "sim/policy/binding_limits.h"

namespace plimsoll::eks {

/// NodePools edited while Karpenter runs: all of them, in their order, as they are from then on.
struct NodePoolEdit {
  Time at{};
  std::vector<karpenter::NodePool> pools;
};

/// What Karpenter is given and never changes. Shared by copies of a world.
struct KarpenterConfig {
  karpenter::InstanceTypes types;
  std::vector<karpenter::NodePool> pools;
  karpenter::WellKnownLabels known;
  std::vector<ShapeId> daemons;
  karpenter::Release release;
  karpenter::BatchParams batch;
  aws::InstanceDelays delays;
  std::vector<ResourceVector>
      node_allocatable;                     ///< by type: what a real node reports (Karpenter plans with its own guess)
  bool spot_to_spot_consolidation = false;  ///< feature gate
  std::int64_t unix_at_zero = 0;            ///< UTC seconds at simulated zero, for schedules of budgets
  /// One simulation of consolidation in a cluster of 1,000 nodes; it grows with the nodes.
  /// SOURCE: kubernetes-sigs/karpenter issue 3271: about 0.9 s a candidate at 1,000 nodes.
  Duration simulation_per_thousand_nodes = milliseconds(900);
  /// One try of a pod on a node, a planned node or a NodePool, in a provisioning run. SOURCE: kubernetes-sigs/karpenter
  /// issue 3152: v1.14.0 came to 363 pods in 59 s beside 1,060 nodes and 20 NodePools, 0.16 s a pod; pull request 1953:
  /// 628 pods in a minute, 0.1 s each, of 20,000 pending ones.
  Duration scheduling_try = microseconds(100);
  /// A claim whose node has not registered by then is deleted. SOURCE: pkg/controllers/nodeclaim/lifecycle/liveness.go.
  Duration registration_timeout = minutes(15);
  HandlerId capacity{};                      ///< aws::CapacityPools; none: every launch is granted
  bool node_repair = false;                  ///< feature gate
  Duration repair_toleration = minutes(30);  ///< of a node whose condition Ready is False or Unknown
  std::vector<NodePoolEdit> edits{};         ///< in order of time
  /// By type: what a real node has beside it, devices and the limit of attached volumes. Karpenter counts the former
  /// when it plans a node, the latter only on nodes that are there.
  std::vector<std::uint8_t> never_joins{};  ///< by type, 1: its image does not start on it; empty: all do
  std::vector<ExtendedResources> node_extended{};
};

/// A node that Karpenter asked for: what for, and what else was on offer.
struct LaunchDetail : Detail {
  NodeId node;
  const karpenter::PlannedClaim* claim = nullptr;
  const karpenter::LaunchRequest* request = nullptr;
  const karpenter::LaunchOverride* chosen = nullptr;
  const KarpenterConfig* config = nullptr;
};

/// One provisioning run, before what it planned is launched.
struct ProvisioningDetail : Detail {
  const karpenter::ProvisioningPlan* plan = nullptr;
  const karpenter::Cluster* cluster = nullptr;  ///< what was planned on
  const karpenter::PoolTemplates* templates = nullptr;
  std::span<const karpenter::SchedulingPod> pending;
};

/// One disruption pass, or (`executed`) a command that passed its validation, or (`refused`) one that did not.
struct DisruptionDetail : Detail {
  enum class Stage : std::uint8_t { decided, executed, refused };
  Stage stage = Stage::decided;
  const karpenter::DisruptionDecision* decision = nullptr;  ///< of a pass
  const karpenter::DisruptionCommand* command = nullptr;    ///< of a command
  const karpenter::Cluster* cluster = nullptr;              ///< what was decided on, with `input`
  const karpenter::DisruptionInput* input = nullptr;
};

/// Karpenter as a controller: batches of pending pods, launches, the life of its nodes, and the disruption loop with
/// its validation wait. The decisions are models/eks/karpenter (plan_provisioning, plan_disruption). A command's
/// replacements are launched first; when they are ready the pods of the old nodes are evicted and the nodes end; when
/// one of them fails the old nodes are taken back. Provisioning computes for pods times nodes, a minute at most; the
/// next batch opens when it is done. A node is drained in groups, critical pods last; a pod annotated do-not-disrupt or
/// held by a budget holds its node until terminationGracePeriod. Computing takes time, and the next pass begins when it
/// is done. A launch tries its offers in the order of CreateFleet's strategy (price-capacity-optimized for Spot,
/// lowest-price on demand); an offer that has no capacity is left out for three minutes, and when none has, the pods
/// wait for the next batch. A Spot notice deletes the node at once, new capacity coming in parallel. An instance that
/// broke is found by its EC2 status checks within two minutes, from 1.12 on (pull request 9064 of the provider);
/// earlier releases keep such a node until it expires, or, with the gate NodeRepair, until it has been NotReady for 30
/// minutes, if at most 20 % of its pool are. Edited NodePools make nodes drift, and so does an update of the control
/// plane, whose images an alias then names. SOURCE: kubernetes-sigs/karpenter v1.14.1 pkg/controllers;
/// aws/karpenter-provider-aws v1.14.1 (pkg/cloudprovider RepairPolicies). A node is initialized once its startup taints
/// are gone, which StartupTaints sees to. Left out: conditions of the node monitoring agent, reserved capacity, static
/// NodePools, eviction of DaemonSet pods that do not tolerate karpenter.sh/disrupted.
class Karpenter : public ComponentOf<Karpenter>, public BindingLimits {
 public:
  Karpenter(std::shared_ptr<const KarpenterConfig> config, kubernetes::Framework framework,
            kubernetes::DisruptionBudgets budgets, AnnotationTable annotations = {})
      : config_(std::move(config)),
        framework_(std::move(framework)),
        budgets_(std::move(budgets)),
        annotations_(std::move(annotations)) {}

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  /// Limits of the NodePools: they bind while a pod waits for a node that only they rule out.
  std::vector<Limit> binding_limits(const World& world) const override;
  /// The pods that a node which is being deleted waits for now, and why each is still there; none for other nodes.
  std::vector<std::pair<PodId, std::string>> held_pods(const World& world, NodeId node) const;

 private:
  enum : std::uint64_t {
    kBatch = 0,
    kDisrupt = 1,
    kValidate = 2,
    kRunning = 3,
    kReady = 4,
    kDrain = 5,
    kTerminated = 6,
    kExpire = 7,
    kLiveness = 8,
    kCommands = 9,
    kInterrupted = 10,
    kGone = 11,
    kEdit = 12,
    kRepair = 13,
    kSolved = 14
  };
  static std::uint64_t pack(std::uint64_t id, std::uint64_t step) { return (id << 8) | step; }
  struct Managed {
    NodeId node;
    std::size_t pool = 0;
    std::uint32_t type = 0;
    std::uint8_t zone = 0;
    karpenter::CapacityType capacity_type = karpenter::CapacityType::on_demand;
    std::vector<NameId> startup_taints;  ///< keys of those that it was made with
    bool deleting = false;               ///< its pods are on their way out
    bool disrupting = false;             ///< tainted, its replacement is not ready yet
    Time deadline = kTimeNever;          ///< terminationGracePeriod: whatever is left then goes with the instance
    Time nominated_until{};
    Time last_pod_event{};
    std::uint64_t template_hash = 0;  ///< of its pool when it was made
    bool drifted = false;             ///< by an edit of its pool
    bool do_not_disrupt = false;      ///< annotated when it was made
  };
  struct Command {
    std::vector<NodeId> nodes, replacements;
    plimsoll::Reason reason = plimsoll::Reason::consolidation;
    Time since{};
  };

  Managed* managed(NodeId node);
  /// Ready, and its startup taints are gone.
  bool is_initialized(const World& world, NodeId node) const;
  /// How long a command may wait for its replacements.
  Duration command_timeout() const;
  void open_batch(World& world);
  void provision(World& world);
  /// The computing is done: what was planned is launched.
  void finish_provisioning(World& world);
  void disrupt(World& world);
  void validate(World& world);
  void execute(World& world, const karpenter::DisruptionCommand& command);
  void continue_commands(World& world);
  void take_back(World& world, const Command& command);
  void begin_deletion(World& world, NodeId node, plimsoll::Reason reason);
  void drain(World& world, NodeId node);
  void give_up(World& world, NodeId node);
  void edit_pools(World& world, std::size_t edit);
  void repair(World& world, NodeId node);
  /// An offering that had no capacity: not on offer until then.
  struct Unavailable {
    std::uint32_t type = 0;
    std::uint8_t zone = 0;
    karpenter::CapacityType capacity_type = karpenter::CapacityType::on_demand;
    Time until{};
  };
  void mark_unavailable(World& world, std::uint32_t type, std::uint8_t zone, karpenter::CapacityType capacity_type);
  /// The types as they are on offer now.
  const karpenter::InstanceTypes& types(const World& world);
  std::vector<karpenter::LaunchOverride> fleet_order(World& world, const karpenter::LaunchRequest& request,
                                                     std::size_t pool) const;
  ZoneId zone_of(const World& world, std::uint8_t zone) const;
  const karpenter::PoolTemplates* templates(const karpenter::Cluster& cluster);
  /// Of the claims of one round: whether one was launched, and whether an account quota alone held another back.
  struct LaunchOutcome {
    bool launched = false, on_demand = false, spot = false;
  };
  NodeId launch(World& world, const karpenter::Cluster& cluster, const karpenter::PlannedClaim& claim,
                LaunchOutcome* outcome = nullptr);
  void note_quota(World& world, const LaunchOutcome& outcome);
  std::vector<karpenter::ClusterNode> view_nodes(const World& world) const;
  std::vector<karpenter::SchedulingPod> pending(const World& world) const;
  karpenter::DisruptionInput disruption_input(World& world, const PodDirectory& pods,
                                              std::span<const DisruptionBudget> budgets,
                                              std::span<const karpenter::SchedulingPod> pending_pods) const;
  std::uint64_t entity(const World& world, const Node& node) const;

  std::shared_ptr<const KarpenterConfig> config_;
  kubernetes::Framework framework_;
  kubernetes::DisruptionBudgets budgets_;
  AnnotationTable annotations_;
  kubernetes::Scratch scratch_;
  std::uint64_t simulated_ = 0;
  std::shared_ptr<const karpenter::PoolTemplates> templates_;  ///< made anew when the offers change
  std::shared_ptr<const karpenter::InstanceTypes> types_;      ///< none: all that the configuration has
  std::vector<Unavailable> unavailable_;
  bool offers_changed_ = false;  ///< since types_ was made
  std::vector<Managed> nodes_;
  std::vector<std::uint64_t> launches_;  // by type x zone: names the draws of a launch
  bool batch_open_ = false;
  Time batch_first_{}, batch_latest_{};
  std::uint64_t batch_ = 0;
  std::optional<karpenter::ProvisioningPlan> solving_;  ///< decided, carried out when the computing is done
  bool solving_for_pending_ = false;                    ///< pods without a node were among those asked about
  bool batch_waits_ = false;                            ///< a batch closed meanwhile
  std::optional<karpenter::DisruptionCommand> proposed_;
  std::vector<Command> commands_;
  karpenter::DisruptionState disruption_;
  Time images_since_{};             ///< the control plane's release, whose images nodes should have, is that old
  std::vector<LimitClock> limits_;  ///< by pool; empty until one binds
  /// Which pools' limits bind from now on.
  void note_limits(const World& world, std::span<const std::size_t> pools);
};

}  // namespace plimsoll::eks
