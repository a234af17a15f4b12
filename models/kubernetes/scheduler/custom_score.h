#pragma once

#include <string>
#include <vector>

#include "models/kubernetes/scheduler/plugin.h"
#include "sim/policy/custom_policy.h"

namespace plimsoll::kubernetes {

/// A score plugin out of a user's library (sim/policy/plimsoll_plugin.h), as a scheduler built with one more plugin
/// would have it. It sees the node and what is requested there, so its answer stands while they do not change.
class CustomScore final : public Plugin {
 public:
  explicit CustomScore(CustomPolicyPtr policy) : policy_(std::move(policy)) {}
  PluginId id() const override { return PluginId::custom; }
  Scope scope() const override { return Scope::node_and_pods; }
  bool scores(const Cycle&) const override { return true; }
  void score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;

 private:
  CustomPolicyPtr policy_;
};

}  // namespace plimsoll::kubernetes
