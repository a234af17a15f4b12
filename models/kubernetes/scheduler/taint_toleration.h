#pragma once

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// Filter: the first NoSchedule or NoExecute taint that is not tolerated. Score: fewer untolerated PreferNoSchedule
/// taints is better. Source: pkg/scheduler/framework/plugins/tainttoleration (1.20.2 .. 1.34).
class TaintToleration final : public Plugin {
 public:
  PluginId id() const override { return PluginId::taint_toleration; }
  Scope scope() const override { return Scope::node; }
  bool filters(const Cycle&) const override { return true; }
  void filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const override;
  bool scores(const Cycle& cycle) const override { return cycle.snapshot().rows_with_soft_taint() > 0; }
  std::int64_t idle_score(const Cycle&) const override { return 100; }
  bool is_absolute() const override { return false; }
  void score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;
  void normalize(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;
};

}  // namespace plimsoll::kubernetes
