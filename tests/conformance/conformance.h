#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::conformance {

using Json = nlohmann::json;

/// Thrown by a topic for a case whose rule this program does not model; counted as unsupported, never as passed.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The parsed content of a file that stands beside the one being evaluated (`companion("karpenter_catalog")`,
/// `companion("cql_instances.json")`), or of the shipped vectors when it does not stand there. Valid during `evaluate`.
/// Throws Unsupported when there is none.
const Json& companion(std::string_view name);

/// What `input` holds: cost, ecs and node-autoscaling: the case's `input`; kubernetes: its `in`; queueing: its
/// `params`, and under "$file" the whole file without its cases (`system`, `definition`, `check`, `units`). Cases that
/// are a replay (node-autoscaling `events` or `steps`): input[events or steps] holds what drives each entry
/// (`t_s`, `op`, `unneeded_now`), and `expected` is {events or steps: [the other keys of each entry]}.
/// With `expected_any_of` the answer may match any alternative; `expected` is then the first one.
/// One kind of vector: how to compute our answer from the input of a case.
struct Topic {
  std::string_view folder;  ///< "cost", "ecs", "kubernetes", "node-autoscaling", "queueing"
  std::string_view name;    ///< file stem (ecs, kubernetes, node-autoscaling, queueing) or `kind` (cost)
  /// Our answer, in the shape of `expected`. `expected` tells which keys are asked for (and versions); its values must
  /// not be used. Throws Unsupported.
  Json (*evaluate)(const Json& input, const Json& expected);
  /// Compares; null means the default: equal structure, integers equal, doubles within 1e-9 relative or absolute.
  bool (*matches)(const Json& expected, const Json& actual);
};

void register_cost(std::vector<Topic>& topics);
void register_ecs(std::vector<Topic>& topics);
void register_kubernetes(std::vector<Topic>& topics);
void register_node_autoscaling(std::vector<Topic>& topics);
void register_queueing(std::vector<Topic>& topics);

/// The default comparison: same structure, integers equal, other numbers within `tolerance` absolute or 1e-9 relative.
bool equal_within(const Json& expected, const Json& actual, double tolerance = 1e-9);

}  // namespace plimsoll::conformance
