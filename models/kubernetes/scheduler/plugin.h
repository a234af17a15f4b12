#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "models/kubernetes/scheduler/row_class.h"
#include "models/kubernetes/version.h"
#include "sim/cluster/names.h"
#include "sim/cluster/pod_shape.h"
#include "sim/cluster/snapshot.h"

namespace plimsoll::kubernetes {

/// Plugins of the scheduler framework, in the default order of the filters. Numbers are part of the results.
enum class PluginId : std::uint8_t {
  none,
  node_unschedulable,
  node_name,
  taint_toleration,
  node_affinity,
  node_ports,
  node_resources_fit,
  pod_topology_spread,
  inter_pod_affinity,
  balanced_allocation,
  least_allocated,  // a plugin of its own in 1.20, a strategy of node_resources_fit later
  most_allocated,
  requested_to_capacity_ratio,
  image_locality,
  node_prefer_avoid_pods,  // 1.20 only: 100 on every node here
  custom,                  // out of a user's library
  volume_restrictions,
  node_volume_limits,
  volume_binding,
  volume_zone,
};
inline constexpr std::size_t kPluginCount = 20;
/// The name in a KubeSchedulerConfiguration, "NodeResourcesFit".
std::string_view plugin_name(PluginId id);
PluginId plugin_by_name(std::string_view name);

/// Whether removing pods from the node could help (unschedulable) or not (unresolvable; preemption skips the node).
enum class Code : std::uint8_t { success, unschedulable, unresolvable };

/// Why a filter failed; bits of Verdict::reasons.
enum class Reason : std::uint8_t {
  unschedulable,
  node_name,
  taint,  // detail: the key of the first taint that is not tolerated
  node_affinity,
  added_node_affinity,
  host_ports,
  too_many_pods,
  insufficient_cpu,
  insufficient_memory,
  insufficient_ephemeral_storage,
  insufficient_enis,
  insufficient_gpus,
  insufficient_extended,  // detail: the name of the first that is short
  spread_missing_label,
  spread_skew,
  pod_affinity,
  pod_anti_affinity,
  existing_anti_affinity,
  exclusive_claim,
  too_many_volumes,
  unbound_claim,
  volume_node_affinity,
  volume_zone,
  missing_claim,  // detail: namespace/name of the claim that does not exist
  no_volume_to_bind,
};
inline constexpr std::size_t kReasonCount = 25;

/// What the filters say of one node: of the first plugin that fails, its reasons.
struct Verdict {
  Code code = Code::success;
  PluginId plugin = PluginId::none;
  NameId detail;
  std::uint32_t reasons = 0;  // bit 1 << Reason
  bool ok() const { return code == Code::success; }
  bool has(Reason r) const { return (reasons >> static_cast<unsigned>(r) & 1u) != 0; }
  void fail(Code c, PluginId p, Reason r, NameId d = {}) {
    code = c;
    plugin = p;
    reasons |= 1u << static_cast<unsigned>(r);
    if (!d.is_none()) detail = d;
  }
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// Names that the rules know, interned once per world.
struct WellKnown {
  explicit WellKnown(Names& names);
  NameId hostname, zone, beta_zone;
  NameId unschedulable_taint;  // node.kubernetes.io/unschedulable
  NameId empty;                // ""
  NameId metadata_name;
  NameId tcp, any_ip;
};

/// What one scheduling decision reads. The three belong to one world.
struct ClusterView {
  const Snapshot& snapshot;
  const ShapeTable& shapes;
  const Names& names;
};

/// The selector of a Service, for the default spreading constraints. An empty selector selects nothing.
struct ServiceSelector {
  NameId namespace_name;
  std::vector<std::pair<NameId, NameId>> selector;
  friend bool operator==(const ServiceSelector&, const ServiceSelector&) = default;
};

struct Cycle;

/// What a plugin keeps between cycles for one shape on one snapshot (counts per domain and the like).
class PluginState {
 public:
  virtual ~PluginState() = default;
  virtual std::unique_ptr<PluginState> clone() const = 0;
};

/// What an answer depends on besides the shape: the node's own properties, also the pods on that node, or other nodes.
enum class Scope : std::uint8_t { node, node_and_pods, cluster };

/// One plugin: immutable, shared by all copies of a framework. Rows and outputs are parallel spans: `verdicts[i]` and
/// `scores[i]` belong to `rows[i]`; all rows are alive. A plugin of cluster scope reads a state that `prepare` has
/// brought up to the snapshot's version.
class Plugin {
 public:
  virtual ~Plugin() = default;
  virtual PluginId id() const = 0;
  virtual Scope scope() const = 0;

  /// False when this pod cannot fail here, so that the filter is left out.
  virtual bool filters(const Cycle&) const { return false; }
  /// Fails verdicts; called with verdicts that are still successes or are to be left alone when they are not.
  virtual void filter(const Cycle&, std::span<const Row> /*rows*/, std::span<Verdict> /*verdicts*/) const {}

  /// False when every node has the same normalised score for this pod: `idle_score`.
  virtual bool scores(const Cycle&) const { return false; }
  virtual std::int64_t idle_score(const Cycle&) const { return 0; }
  /// True when `normalize` changes nothing, so that a score belongs to its node alone.
  virtual bool is_absolute() const { return true; }
  virtual void score(const Cycle&, std::span<const Row> /*rows*/, std::span<std::int64_t> /*scores*/) const {}
  /// From raw to 0..100 over the rows that passed all filters.
  virtual void normalize(const Cycle&, std::span<const Row> /*rows*/, std::span<std::int64_t> /*scores*/) const {}

  /// A value that, while it stays the same, lets cached answers of node or node_and_pods scope stand on nodes that did
  /// not change.
  virtual std::uint64_t cluster_key(const Cycle&) const { return 0; }

  /// For cluster scope: the empty state of one shape, its rebuild from all rows, and one change. `update` is called for
  /// each change in order, all of them already applied to the snapshot.
  virtual std::unique_ptr<PluginState> make_state() const { return nullptr; }
  virtual void rebuild(const Cycle&, PluginState&) const {}
  virtual void update(const Cycle&, PluginState&, const RowChange&) const {}
  /// False when pods of that shape, wherever they come and go, change nothing in the state: `update` need not hear of
  /// them. Holds until the next rebuild.
  virtual bool heeds(const Cycle&, PluginState&, ShapeId /*other*/) const { return true; }

  /// Also for cluster scope: whether rows can be told apart by what `classify` adds, so that one row of a class stands
  /// for all of it in filter, score and normalize. A row's class may change only when the row itself changes.
  virtual bool classifies(const Cycle&) const { return false; }
  virtual void classify(const Cycle&, Row, RowClass&) const {}
  /// Another value: classes mean something else, all rows are to be classified again.
  virtual std::uint64_t class_version(const Cycle&) const { return 0; }
};

/// One decision in the making.
struct Cycle {
  const ClusterView& view;
  const PodShape& pod;
  ShapeId shape;
  const WellKnown& keys;
  KubernetesVersion version;
  std::span<const ServiceSelector> services;
  PluginState* state = nullptr;  // of the plugin called, when it has cluster scope
  /// When not empty: how many nodes each of the rows given to `score` stands for.
  std::span<const std::uint32_t> multiplicity = {};

  const Snapshot& snapshot() const { return view.snapshot; }
};

}  // namespace plimsoll::kubernetes
