#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/aws/cloudwatch/cloudwatch.h"
#include "models/aws/controllers/service_auto_scaling.h"
#include "models/ecs/controllers/managed_scaling.h"
#include "models/ecs/controllers/rule_action.h"
#include "models/ecs/controllers/task_placer.h"
#include "models/eks/controllers/cluster_autoscaler.h"
#include "models/eks/controllers/karpenter.h"
#include "models/eks/karpenter/consolidation.h"
#include "models/kubernetes/controllers/horizontal_pod_autoscaler.h"
#include "models/kubernetes/controllers/kube_scheduler.h"
#include "models/kubernetes/keda/keda_operator.h"
#include "sim/cluster/world.h"

namespace plimsoll::cli {

/// A try to place the pod asked about.
struct Attempt {
  Time at{};
  bool placed = false;
  std::string message;  ///< why not, in the orchestrator's words
};

/// One placement in full: each node's verdict and, where it is valid, how it scored.
struct PlacementTable {
  struct Score {
    std::int64_t raw = 0, normalized = 0, weighted = 0;
  };
  struct Row {
    NodeId node;
    std::string verdict;        ///< empty: valid
    std::string plugin;         ///< of the filter that said no
    std::vector<Score> scores;  ///< by plugin (Kubernetes)
    std::int64_t total = 0;
    std::vector<std::string> facts;  ///< by fact column (ECS)
    std::size_t steps = 0;           ///< strategies that it survived (ECS)
  };
  Time at{};
  std::vector<std::pair<std::string, std::int64_t>> plugins;  ///< name and weight
  std::vector<std::string> fact_names, strategies;
  std::vector<Row> rows;  ///< in node order
  NodeId chosen, runner_up;
  std::size_t equal = 1;   ///< best ones, of which one was drawn
  bool by_name = false;    ///< the first of them by name was taken instead (`tie: first`)
  bool nominated = false;  ///< preemption made room for it there: no other node was asked (Kubernetes)
};

/// One evaluation of what scales a service: a sync of an HPA, a size that KEDA sets (EKS); policies whose alarm is in
/// ALARM, a scheduled action or a forecast (ECS).
struct ScalingRow {
  Time at{};
  WorkloadId workload;
  double value = -1, target = 0;  ///< of the policy that decided, in its unit; -1: no datapoint
  std::string why;                ///< "target tracking web-cpu: CPUUtilization 71.2 % against 60 %"
  std::int64_t running = 0, before = 0, wanted = 0;
  std::string policy;  ///< ECS: of a change, the scaling policy that made it; empty where none did
  std::string action;  ///< the HPA's own words; empty on ECS
  bool changed = false;
};

/// One evaluation of an alarm.
struct AlarmRow {
  Time at{};
  aws::AlarmId alarm;
  std::optional<std::int64_t> value;  ///< millionths of the metric's unit
  std::int64_t breaching = 0;         ///< of the newest N periods
  aws::AlarmState before{}, state{};
};

/// What an event rule or a schedule did.
struct RuleRow {
  Time at{};
  std::string rule, action;  ///< as RuleActionDetail has them
  bool function = false;
  WorkloadId workload;
  std::int64_t before = 0, after = 0, tasks = 0;
};

/// One minute of a capacity provider.
struct ProviderRow {
  Time at{};
  NodeGroupId group;
  std::int64_t running = 0, needed = 0, target = 100, below = 0, low_periods = 15, before = 0, wanted = 0;
  ecs::ManagedScalingAction action = ecs::ManagedScalingAction::none;
};

/// A new desired size of an Auto Scaling group or node group, whoever set it.
struct ResizeRow {
  Time at{};
  NodeGroupId group;
  std::int64_t desired = 0;
};

/// One scale-up pass of Cluster Autoscaler that had something to say.
struct ScaleUpRow {
  struct Option {
    std::string group, type, skipped;
    std::int64_t nodes = 0, pods = 0, target = 0, maximum = 0;
    double usd_per_hour = -1;  ///< of one node; negative: unknown
    double score = 0;          ///< of the first expander: the smallest wins
    bool chosen = false;
    /// No pod fits: which predicate refuses the pods that no node takes, by its words.
    std::vector<std::pair<std::vector<PodId>, std::string>> refusals;
  };
  Time at{}, to{};  ///< the same answer was given until then
  std::string outcome, expanders;
  std::size_t pending = 0, fitting = 0, unhelped = 0;
  std::int64_t new_nodes = 0;
  std::vector<Option> options;
  std::vector<std::pair<NodeGroupId, std::pair<std::int64_t, std::int64_t>>> resized;
  std::vector<PodId> helped;
};

/// A node that Karpenter launched, and what else was on offer.
struct LaunchRow {
  struct Offer {
    std::string type, zone;
    double usd_per_hour = 0;
    bool chosen = false;
  };
  Time at{};
  NodeId node;
  std::string pool, capacity_type;
  std::vector<PodId> pods;
  Cpu cpu;
  Bytes memory;
  std::size_t types = 0;      ///< that would do
  std::vector<Offer> offers;  ///< the cheapest, in the order of the request
  std::size_t offers_in_all = 0;
};

/// Pods for which a run of Karpenter's provisioning plans nothing, and why each NodePool does not: pool and words.
struct RefusalRow {
  Time from{}, to{};
  std::vector<PodId> pods;
  std::vector<std::pair<std::string, std::string>> why;
};

/// What an autoscaler's event says of the pod asked about while it launches nothing for it.
struct PodWordRow {
  Time from{}, to{};
  std::string text;
};

/// A disruption that Karpenter decided, and whether it stood after the validation wait.
struct DisruptionRow {
  Time at{};
  std::string stage, method;  ///< stage: "decided", "executed", "refused"
  std::vector<NodeId> nodes;
  double usd_per_hour = 0;                ///< of the nodes
  double replacement_usd_per_hour = 0;    ///< of all replacements
  std::vector<std::string> replacements;  ///< cheapest type of each
};

/// What an autoscaler said of the node asked about, from `from` on.
struct NodeVerdictRow {
  Time from{}, to{};
  std::string verdict, detail;
  double utilization = -1;  ///< Cluster Autoscaler, at `to`
};

/// What it would take to do without the node asked about, at the instant asked about.
struct NodeTrial {
  Time at{};
  std::vector<std::pair<PodId, std::string>> pods;  ///< and where it would fit, or why nowhere
  std::string conclusion;
  double usd_per_hour = -1;
  std::string replacement;        ///< instance type, or those of several nodes
  std::string replacement_group;  ///< Cluster Autoscaler: of the group
  std::int64_t replacement_nodes = 1;
  std::size_t replacement_pods = 0;      ///< Cluster Autoscaler: that they would take in
  double replacement_usd_per_hour = -1;  ///< of all of them
};

/// Hears facts and details of a replay and keeps what an explanation may need. Changes nothing.
class DecisionLog : public ComponentOf<DecisionLog> {
 public:
  /// What is kept in full; all else is kept in short.
  struct Focus {
    std::optional<std::pair<WorkloadId, std::uint32_t>> pod;
    std::optional<NodeId> node;
    Time at = kTimeNever;  ///< for the trial of the node: the last pass up to this instant
    /// No instant was asked for: the pass in which it was given up, else a late one while it took pods.
    bool last_look = false;
  };
  explicit DecisionLog(Focus focus) : focus_(focus) {}

  /// Attaches it to a world that has not begun. The log lives in the world.
  static DecisionLog& attach(World& world, Focus focus);

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  void on_detail(World& world, const Detail& detail) override;

  PodId pod;  ///< asked about; none until it was created
  std::vector<Attempt> attempts;
  std::optional<PlacementTable> placement;
  std::vector<ScalingRow> scalings;
  std::vector<AlarmRow> alarms;
  std::vector<RuleRow> rules;
  std::vector<ProviderRow> providers;
  std::vector<ResizeRow> resizes;
  std::vector<ScaleUpRow> scale_ups;
  std::vector<LaunchRow> launches;
  std::vector<RefusalRow> refusals;
  std::vector<PodWordRow> pod_words;
  std::vector<DisruptionRow> disruptions;
  std::vector<NodeVerdictRow> verdicts;
  std::optional<NodeTrial> trial;
  /// The last word on a Cluster Autoscaler or Karpenter node each: verdict text. By node.
  std::vector<std::string> last_verdict;

 private:
  void hear(World& world, const kubernetes::SchedulingDetail& d);
  void hear(World& world, const ecs::PlacementDetail& d);
  void hear(World& world, const kubernetes::HpaDetail& d);
  void hear(World& world, const kubernetes::KedaDetail& d);
  void hear(World& world, const aws::AlarmDetail& d);
  void hear(World& world, const aws::ServiceScalingDetail& d);
  void hear(World& world, const ecs::ManagedScalingDetail& d);
  void hear(World& world, const eks::ScaleUpDetail& d);
  void hear(World& world, const eks::ScaleDownDetail& d);
  void hear(World& world, const eks::ProvisioningDetail& d);
  void hear(World& world, const eks::LaunchDetail& d);
  void hear(World& world, const eks::DisruptionDetail& d);
  bool waits(const World& world) const;
  void pod_word(World& world, std::string text);
  void verdict(World& world, NodeId node, std::string text, std::string detail, double utilization = -1);
  void try_without(World& world, const eks::ScaleDownDetail& d);
  void try_without(World& world, const eks::DisruptionDetail& d);
  std::string trial_conclusion(const World& world, const eks::DisruptionDetail& d,
                               const eks::karpenter::ConsolidationAnswer& answer, bool is_empty) const;
  /// Whether what it would take to do without the node is looked at in this pass, in which it `goes` or not; later
  /// trials replace earlier ones. By an instant: in the last pass that ended by then.
  bool is_pass_of_trial(const World& world, bool goes) const;

  Focus focus_;
  Time last_provisioning_ = kTimeNever;
};

/// Karpenter's own name of a way of disrupting nodes, in full: "multi" is "multi-node consolidation".
std::string method_text(std::string_view method);
/// "2 m5.large, t4g.medium".
std::string counted_names(std::vector<std::string> names);

/// The metric's name in CloudWatch: "CPUUtilization".
std::string metric_name(const aws::MetricSource& source);
/// A value of it: "71.2 %", "840".
std::string metric_text(const aws::MetricSource& source, std::int64_t millionths);

}  // namespace plimsoll::cli
