#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/policy/plimsoll_plugin.h"

namespace plimsoll {

/// A policy out of a user's library (plimsoll_plugin.h). Immutable; shared by everything that calls it. Every call is
/// guarded: a crash, an exception or an answer out of range ends the program with the policy's name and what was
/// expected (exit code 1).
class CustomPolicy {
 public:
  enum class Kind : std::uint8_t { kubernetes_score = 1, ecs_placement = 2, replica_scaler = 3 };

  /// `library` keeps the code loaded; `table` lives in it. @pre table is valid (see sim/cli/plugin_library.h).
  CustomPolicy(const plimsoll_policy* table, std::string file, std::shared_ptr<void> library);

  Kind kind() const { return kind_; }
  const std::string& name() const { return name_; }
  const std::string& summary() const { return summary_; }
  const std::string& file() const { return file_; }

  /// Scores 0 to 100, one a node. @pre kind() is kubernetes_score.
  void score(const plimsoll_pod& pod, const plimsoll_nodes& nodes, std::vector<std::int64_t>& scores) const;
  /// Costs, one an instance; any value. @pre kind() is ecs_placement.
  void cost(const plimsoll_pod& pod, const plimsoll_nodes& nodes, bool stopping,
            std::vector<std::int64_t>& costs) const;
  /// Wanted replicas, at least 0. @pre kind() is replica_scaler.
  std::int64_t replicas(const plimsoll_replicas& seen, const plimsoll_draws& draws, plimsoll_state& state) const;

 private:
  Kind kind_;
  std::string name_, summary_, file_;
  plimsoll_policy call_{};
  std::shared_ptr<void> library_;
};

using CustomPolicyPtr = std::shared_ptr<const CustomPolicy>;

/// "Kubernetes score plugin", "ECS placement strategy", "replica scaler".
std::string_view to_string(CustomPolicy::Kind kind);

/// The policy of that kind and name; null when there is none.
CustomPolicyPtr find_custom(const std::vector<CustomPolicyPtr>& policies, CustomPolicy::Kind kind,
                            std::string_view name);

/// From now on a crash inside a policy's call is reported with the policy's name; elsewhere nothing changes. Called
/// once, by the loader of plugins.
void report_plugin_crashes();

}  // namespace plimsoll
