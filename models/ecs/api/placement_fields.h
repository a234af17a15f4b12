#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/ecs/api/object.h"
#include "models/ecs/capacity_provider_strategy.h"
#include "models/ecs/cluster_query_language.h"
#include "models/ecs/placement.h"
#include "sim/cluster/names.h"
#include "sim/core/units.h"

/// What services, stand-alone tasks and task definitions share: launch types, placement, capacity providers, network.
namespace plimsoll::ecs::api {

enum class LaunchType : std::uint8_t { ec2, fargate, external, managed_instances };
/// "EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES".
std::string_view to_string(LaunchType type);

/// One placement strategy as written.
struct StrategySpec {
  enum class Type : std::uint8_t { random, binpack, spread };
  Type type = Type::random;
  std::string
      field;  ///< "cpu", "memory" (binpack); "instanceId", "attribute:NAME" (spread; "host" reads as instanceId)
  friend bool operator==(const StrategySpec&, const StrategySpec&) = default;
};

/// A short form for scenarios: "random", "binpack(cpu)", "binpack(memory)", "spread(zone)", "spread(instanceId)",
/// "spread(attribute:NAME)".
Parsed<StrategySpec> parse_strategy(std::string_view text);
/// "spread(attribute:ecs.availability-zone)".
std::string to_string(const StrategySpec& spec);
/// Policies for the strategies, in order; attribute names are interned. Empty gives an empty chain: the caller then
/// takes default_service_strategies() or default_run_task_strategies().
StrategyChain make_chain(const std::vector<StrategySpec>& specs, Names& names);

struct ConstraintSpec {
  bool distinct_instance = false;     ///< else memberOf
  std::optional<ClusterQuery> query;  ///< of memberOf
};

inline constexpr std::size_t kMaxStrategies = 5;
inline constexpr std::size_t kMaxConstraints = 10;
inline constexpr std::size_t kMaxExpressionLength = 2000;

/// Reads `placementStrategy`. SOURCE: API PlacementStrategy; at most 5, binpack on cpu or memory.
std::vector<StrategySpec> read_strategies(Object& object);
/// Reads `placementConstraints`; errors of expressions point into them. SOURCE: API PlacementConstraint.
std::vector<ConstraintSpec> read_constraints(Object& object, bool distinct_instance_allowed);
/// Reads `capacityProviderStrategy` and checks it (strategy_errors).
std::vector<ProviderShare> read_provider_strategy(Object& object);
/// Reads `launchType`.
std::optional<LaunchType> read_launch_type(Object& object);

/// networkConfiguration.awsvpcConfiguration.
struct NetworkConfiguration {
  std::vector<std::string> subnets;
  bool public_ip = false;  ///< assignPublicIp ENABLED: a billed public IPv4 address a task
};
std::optional<NetworkConfiguration> read_network(Object& object);

}  // namespace plimsoll::ecs::api
