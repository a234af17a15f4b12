#pragma once

#include "models/kubernetes/scheduler/profile.h"

namespace plimsoll::kubernetes {

/// Filter: the pod's required affinity and anti-affinity, and the required anti-affinity of pods that run already.
/// Score: preferred terms of both sides, plus the weight of existing pods' required affinity. Counts per topology
/// domain are kept per shape and follow the snapshot change by change. 1.20 anchors the normalisation at zero.
/// Source: pkg/scheduler/framework/plugins/interpodaffinity/{filtering,scoring}.go (1.20.2, 1.26.15).
class InterPodAffinity final : public Plugin {
 public:
  explicit InterPodAffinity(std::int64_t hard_weight, bool own_preferences_only = false)
      : hard_weight_(hard_weight), own_preferences_only_(own_preferences_only) {}
  PluginId id() const override { return PluginId::inter_pod_affinity; }
  Scope scope() const override { return Scope::cluster; }
  bool filters(const Cycle& cycle) const override;
  void filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const override;
  bool scores(const Cycle& cycle) const override;
  bool is_absolute() const override { return false; }
  void score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;
  void normalize(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;
  std::unique_ptr<PluginState> make_state() const override;
  void rebuild(const Cycle& cycle, PluginState& state) const override;
  void update(const Cycle& cycle, PluginState& state, const RowChange& change) const override;
  bool heeds(const Cycle& cycle, PluginState& state, ShapeId other) const override;
  bool classifies(const Cycle& cycle) const override;
  void classify(const Cycle& cycle, Row row, RowClass& out) const override;
  std::uint64_t class_version(const Cycle& cycle) const override;

 private:
  std::int64_t hard_weight_;
  bool own_preferences_only_;  // ignorePreferredTermsOfExistingPods
};

}  // namespace plimsoll::kubernetes
