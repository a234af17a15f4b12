#pragma once

#include <optional>

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// Filter: nodeSelector and required node affinity, plus affinity added in the plugin's arguments. Score: weights of
/// the preferred terms that match. Source: pkg/scheduler/framework/plugins/nodeaffinity (1.20.2, 1.26.15).
class NodeAffinity final : public Plugin {
 public:
  NodeAffinity(std::optional<std::vector<NodeSelectorTerm>> added_required,
               std::vector<PreferredNodeTerm> added_preferred)
      : added_required_(std::move(added_required)), added_preferred_(std::move(added_preferred)) {}
  PluginId id() const override { return PluginId::node_affinity; }
  Scope scope() const override { return Scope::node; }
  bool filters(const Cycle& cycle) const override;
  void filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const override;
  bool scores(const Cycle& cycle) const override;
  bool is_absolute() const override { return false; }
  void score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;
  void normalize(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;

 private:
  std::optional<std::vector<NodeSelectorTerm>> added_required_;
  std::vector<PreferredNodeTerm> added_preferred_;
};

}  // namespace plimsoll::kubernetes
