#pragma once

#include "models/kubernetes/scheduler/profile.h"

namespace plimsoll::kubernetes {

/// Filter: hard (DoNotSchedule) constraints against the least filled eligible domain. Score: soft (ScheduleAnyway)
/// constraints, or the system's defaults (hostname maxSkew 3, zone maxSkew 5) for a pod that a Service or its owner
/// selects and that carries none. Counts are kept per shape and follow the snapshot change by change.
/// Differences by release: 1.20 counts pods on every node of an eligible domain, truncates raw scores, and ignores
/// nodes without a zone label also under the defaults; minDomains and the node inclusion policies come later; the
/// newest releases leave a pod without soft constraints out of the scoring. Source:
/// pkg/scheduler/framework/plugins/podtopologyspread/{filtering,scoring,common}.go (1.20.2, 1.26.15, 1.34).
class PodTopologySpread final : public Plugin {
 public:
  /// Constraints of pods that carry none: the system's, or those of the profile (defaultingType List).
  explicit PodTopologySpread(bool system_defaults, std::vector<TopologySpreadConstraint> defaults = {})
      : system_defaults_(system_defaults), defaults_(std::move(defaults)) {}
  PluginId id() const override { return PluginId::pod_topology_spread; }
  Scope scope() const override { return Scope::cluster; }
  bool filters(const Cycle& cycle) const override;
  void filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const override;
  bool scores(const Cycle& cycle) const override;
  std::int64_t idle_score(const Cycle& cycle) const override;
  bool is_absolute() const override { return false; }
  void score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;
  void normalize(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;
  std::unique_ptr<PluginState> make_state() const override;
  void rebuild(const Cycle& cycle, PluginState& state) const override;
  void update(const Cycle& cycle, PluginState& state, const RowChange& change) const override;
  bool heeds(const Cycle& cycle, PluginState& state, ShapeId other) const override;
  bool classifies(const Cycle& cycle) const override;
  void classify(const Cycle& cycle, Row row, RowClass& out) const override;

 private:
  bool system_defaults_;
  std::vector<TopologySpreadConstraint> defaults_;
};

}  // namespace plimsoll::kubernetes
