#include "sim/policy/custom_policy.h"

#include <limits>
#include <stdexcept>

#include "sim/policy/plugin_guard.h"

namespace plimsoll {

namespace {

[[noreturn]] void out_of_range(const CustomPolicy& policy, std::int64_t value, const char* expected) {
  throw std::runtime_error("policy '" + policy.name() + "' of plugin " + policy.file() + " answered " +
                           std::to_string(value) + "; expected: " + expected);
}

template <class Call>
void guarded(const CustomPolicy& policy, const char* expected, Call call) {
  const PluginCall guard("policy", policy.name().c_str(), policy.file().c_str(), expected);
  try {
    call();
  } catch (...) {
    throw std::runtime_error("policy '" + policy.name() + "' of plugin " + policy.file() +
                             " threw an exception out of its call; expected: " + expected);
  }
}

constexpr std::int64_t kUnset = std::numeric_limits<std::int64_t>::min();

}  // namespace

CustomPolicy::CustomPolicy(const plimsoll_policy* table, std::string file, std::shared_ptr<void> library)
    : kind_(static_cast<Kind>(table->kind)),
      name_(table->name),
      summary_(table->summary != nullptr ? table->summary : ""),
      file_(std::move(file)),
      call_(*table),
      library_(std::move(library)) {}

void CustomPolicy::score(const plimsoll_pod& pod, const plimsoll_nodes& nodes,
                         std::vector<std::int64_t>& scores) const {
  constexpr const char* kExpected = "a score from 0 to 100 for every node";
  scores.assign(nodes.count, kUnset);
  guarded(*this, kExpected, [&] { call_.call.score(&pod, &nodes, scores.data()); });
  for (const std::int64_t s : scores) {
    if (s < 0 || s > 100) out_of_range(*this, s, kExpected);
  }
}

void CustomPolicy::cost(const plimsoll_pod& pod, const plimsoll_nodes& nodes, bool stopping,
                        std::vector<std::int64_t>& costs) const {
  constexpr const char* kExpected = "a cost for every instance";
  costs.assign(nodes.count, kUnset);
  guarded(*this, kExpected, [&] { call_.call.placement(&pod, &nodes, stopping ? 1 : 0, costs.data()); });
  for (const std::int64_t c : costs) {
    if (c == kUnset) out_of_range(*this, c, kExpected);
  }
}

std::int64_t CustomPolicy::replicas(const plimsoll_replicas& seen, const plimsoll_draws& draws,
                                    plimsoll_state& state) const {
  constexpr const char* kExpected = "a number of replicas, 0 or more";
  std::int64_t wanted = 0;
  guarded(*this, kExpected, [&] { wanted = call_.call.scaler(&seen, &draws, &state); });
  if (wanted < 0) out_of_range(*this, wanted, kExpected);
  return wanted;
}

std::string_view to_string(CustomPolicy::Kind kind) {
  switch (kind) {
    case CustomPolicy::Kind::kubernetes_score:
      return "Kubernetes score plugin";
    case CustomPolicy::Kind::ecs_placement:
      return "ECS placement strategy";
    case CustomPolicy::Kind::replica_scaler:
      return "replica scaler";
  }
  return "";
}

CustomPolicyPtr find_custom(const std::vector<CustomPolicyPtr>& policies, CustomPolicy::Kind kind,
                            std::string_view name) {
  for (const CustomPolicyPtr& p : policies) {
    if (p->kind() == kind && p->name() == name) return p;
  }
  return nullptr;
}

}  // namespace plimsoll
