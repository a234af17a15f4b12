#pragma once

#include <string>

#include "models/kubernetes/scheduler/profile.h"

namespace plimsoll::kubernetes {

/// Filter: the pod slot and every requested resource must be free. Score (1.26 on): LeastAllocated over the
/// configured resources; other strategies stand as plugins of their own here.
/// Source: pkg/scheduler/framework/plugins/noderesources/fit.go (1.20.2, 1.26.15, 1.34).
class NodeResourcesFit final : public Plugin {
 public:
  NodeResourcesFit(std::vector<ScoredResource> resources, std::vector<NameId> ignored,
                   std::vector<std::string> ignored_groups)
      : resources_(std::move(resources)), ignored_(std::move(ignored)), ignored_groups_(std::move(ignored_groups)) {}
  PluginId id() const override { return PluginId::node_resources_fit; }
  Scope scope() const override { return Scope::node_and_pods; }
  bool filters(const Cycle&) const override { return true; }
  void filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const override;
  bool scores(const Cycle&) const override { return true; }
  void score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;
  /// The extended resources of which the node has too little, in the order of their names' ids.
  std::vector<NameId> short_extended(const Cycle& cycle, Row row) const;

 private:
  bool is_ignored(const Names& names, NameId resource) const;

  std::vector<ScoredResource> resources_;
  std::vector<NameId> ignored_;
  std::vector<std::string> ignored_groups_;
};

}  // namespace plimsoll::kubernetes
