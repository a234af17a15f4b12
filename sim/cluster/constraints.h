#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/time.h"

/// Placement constraints as data, in the words of the Kubernetes API. ECS attributes are labels too. The rules that
/// read them live with their vendor (models/kubernetes/scheduler, models/ecs).
namespace plimsoll {

/// Key-value pairs, sorted by key id, each key once.
class Labels {
 public:
  Labels() = default;
  void set(NameId key, NameId value) {
    const auto at =
        std::lower_bound(pairs_.begin(), pairs_.end(), key, [](const auto& p, NameId k) { return p.first < k; });
    if (at != pairs_.end() && at->first == key) {
      at->second = value;
    } else {
      pairs_.insert(at, {key, value});
    }
  }
  /// None when the key is absent.
  NameId find(NameId key) const {
    const auto at =
        std::lower_bound(pairs_.begin(), pairs_.end(), key, [](const auto& p, NameId k) { return p.first < k; });
    return at != pairs_.end() && at->first == key ? at->second : NameId{};
  }
  bool has(NameId key) const { return !find(key).is_none(); }
  const std::vector<std::pair<NameId, NameId>>& pairs() const { return pairs_; }
  friend bool operator==(const Labels&, const Labels&) = default;

 private:
  std::vector<std::pair<NameId, NameId>> pairs_;
};

enum class TaintEffect : std::uint8_t { no_schedule, prefer_no_schedule, no_execute };

struct Taint {
  NameId key, value;  // value none = ""
  TaintEffect effect = TaintEffect::no_schedule;
  friend bool operator==(const Taint&, const Taint&) = default;
};

struct Toleration {
  NameId key;                         // none = every key (operator must be Exists)
  NameId value;                       // none = ""
  bool exists = false;                // operator Exists, else Equal
  std::optional<TaintEffect> effect;  // absent = every effect
  std::optional<Duration> seconds;    // tolerationSeconds of a NoExecute toleration
  friend bool operator==(const Toleration&, const Toleration&) = default;
};

enum class SelectorOp : std::uint8_t { in, not_in, exists, does_not_exist, gt, lt };

/// One expression of a node or label selector. For gt and lt `number` holds the operand.
struct Requirement {
  NameId key;
  SelectorOp op = SelectorOp::in;
  std::vector<NameId> values;
  std::int64_t number = 0;
  friend bool operator==(const Requirement&, const Requirement&) = default;
};

/// All expressions and fields must match; a term without any matches nothing. Fields know metadata.name only.
struct NodeSelectorTerm {
  std::vector<Requirement> expressions, fields;
  friend bool operator==(const NodeSelectorTerm&, const NodeSelectorTerm&) = default;
};

struct PreferredNodeTerm {
  std::int32_t weight = 1;
  NodeSelectorTerm term;
  friend bool operator==(const PreferredNodeTerm&, const PreferredNodeTerm&) = default;
};

/// matchLabels and matchExpressions folded into requirements; an absent selector matches nothing, an empty everything.
struct LabelSelector {
  bool present = false;
  std::vector<Requirement> requirements;
  friend bool operator==(const LabelSelector&, const LabelSelector&) = default;
};

enum class WhenUnsatisfiable : std::uint8_t { do_not_schedule, schedule_anyway };
enum class InclusionPolicy : std::uint8_t { honor, ignore };

struct TopologySpreadConstraint {
  std::int32_t max_skew = 1;
  NameId topology_key;
  WhenUnsatisfiable when = WhenUnsatisfiable::do_not_schedule;
  LabelSelector selector;
  std::optional<std::int32_t> min_domains;
  InclusionPolicy node_affinity_policy = InclusionPolicy::honor;
  InclusionPolicy node_taints_policy = InclusionPolicy::ignore;
  std::vector<NameId> match_label_keys;
  friend bool operator==(const TopologySpreadConstraint&, const TopologySpreadConstraint&) = default;
};

struct PodAffinityTerm {
  LabelSelector selector;
  NameId topology_key;
  /// Empty, and without a namespace selector: the namespace of the pod that carries the term.
  std::vector<NameId> namespaces;
  LabelSelector namespace_selector = {};  // of namespaces by their labels, beside those listed
  // Others must, or must not, have the carrying pod's own values of these labels.
  std::vector<NameId> match_label_keys = {}, mismatch_label_keys = {};
  friend bool operator==(const PodAffinityTerm&, const PodAffinityTerm&) = default;
};

struct WeightedPodAffinityTerm {
  std::int32_t weight = 1;
  PodAffinityTerm term;
  friend bool operator==(const WeightedPodAffinityTerm&, const WeightedPodAffinityTerm&) = default;
};

struct HostPort {
  std::int32_t port = 0;
  NameId protocol, ip;  // none = TCP, 0.0.0.0
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// A volume that ties a pod to a place: what a PersistentVolumeClaim, its class and its volume say.
struct PodVolume {
  NameId claim;                // none: each pod has one of its own (a StatefulSet's template, an ephemeral volume)
  NameId driver;               // CSI driver, "ebs.csi.aws.com"
  NameId zone;                 // of the bound volume; none: not bound yet, or reachable from everywhere
  bool zone_is_label = false;  // the volume has no node affinity, only a label
  bool unbound = false;        // binding mode Immediate, and no volume yet
  bool once_pod = false;       // access mode ReadWriteOncePod
  bool missing = false;        // no claim of this name exists
  /// While no volume is bound: allowedTopologies of its class, one of which a node's labels must meet; empty: any node.
  std::vector<NodeSelectorTerm> allowed = {};
  friend bool operator==(const PodVolume&, const PodVolume&) = default;
};

}  // namespace plimsoll
