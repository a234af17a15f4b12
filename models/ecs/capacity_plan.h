#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/aws/autoscaling/group_fields.h"
#include "models/aws/controllers/auto_scaling_group.h"
#include "models/aws/controllers/fargate_launcher.h"
#include "models/aws/controllers/group_predictive_scaling.h"
#include "models/aws/price_book.h"
#include "models/ecs/capacity_provider_strategy.h"
#include "models/ecs/controllers/cluster_reservation_scaling.h"
#include "models/ecs/controllers/managed_instances_provider.h"
#include "models/ecs/controllers/managed_scaling.h"
#include "models/ecs/external_capacity.h"
#include "models/ecs/task_capacity.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

enum class ProviderKind : std::uint8_t { fargate, fargate_spot, auto_scaling_group, managed_instances, external };

/// One instance type of a provider's group, with what it registers in the cluster.
struct InstanceOption {
  const aws::InstanceType* type = nullptr;
  Rate on_demand, spot;
  ResourceVector registered;
};

/// An Auto Scaling group behind a capacity provider.
struct AsgCapacity {
  std::vector<InstanceOption> options;
  std::int64_t minimum = 0, maximum = 0;
  ManagedScalingParameters scaling;
  bool managed_scaling = true;
  std::vector<ReservationPolicy> policies;  ///< the classic design, without managed scaling
  std::vector<aws::GroupPrediction> predictions;
  bool termination_protection = false, managed_draining = true;
  bool spot_draining = false;  ///< ECS_ENABLE_SPOT_INSTANCE_DRAINING of the agents
  std::int64_t volume_gib = 0;
  aws::InstanceDelays delays;
  aws::GroupFields group;
  std::vector<std::pair<std::string, std::string>> attributes;  ///< custom ones of its instances

  bool holds(Cpu cpu, Bytes memory) const;  ///< whether some type can hold such a task
};

/// A Managed Instances provider.
struct ManagedCapacity {
  InstanceRequirements requirements;
  std::vector<ManagedType> types;
  std::vector<Rate> on_demand, spot;  ///< by type
  ManagedInstancesParameters parameters;
  std::int64_t volume_gib = 0;
  std::vector<Ppm> fees;  ///< by type, of its on-demand price
};

struct CapacityProvider {
  std::string name;
  ProviderKind kind = ProviderKind::fargate;
  std::optional<AsgCapacity> asg;
  std::optional<ManagedCapacity> managed;
  std::optional<ExternalCapacity> external;
};

/// FARGATE or FARGATE_SPOT.
CapacityProvider fargate_provider(const std::string& name);

/// The capacity of an ECS cluster: its providers, Fargate beside groups and Managed Instances where it has them, and
/// the default strategy that splits the tasks of every service without one of its own over them. `strategy[i]` belongs
/// to `providers[i]`; a pod's lane is that index, or the number of providers where it has none (launch type EC2).
struct CapacityPlan {
  std::vector<CapacityProvider> providers;
  std::vector<ProviderShare> strategy;
  std::vector<TaskCapacity> tasks;  ///< by app, then by job
  bool on_fargate = true;           ///< all providers are Fargate's
  bool eni_trunking = false;
  Rate fargate_vcpu, fargate_gb, fargate_spot_vcpu, fargate_spot_gb;
  std::vector<Unholdable> unholdable;  ///< applications whose tasks are too large

  /// Reads `capacity` and `eniTrunking` of a column: `fargate`, `fargate-spot`, one group (`asg: ...`), or several
  /// providers with a default `capacityProviderStrategy`. Faults go to the fields.
  static CapacityPlan read(document::Fields& column, aws::PriceBook& prices, const Setting& setting);
  bool has(ProviderKind kind) const;
  bool has_fargate() const;
  bool has_plain() const;  ///< some tasks have launch type EC2 and no provider
  /// Whether app or job number `task` gets tasks on a provider, by its index or kind.
  bool uses(std::size_t task, std::size_t lane) const;
  bool uses(std::size_t task, ProviderKind kind) const;
  bool fargate(std::size_t task) const;
  std::vector<bool> each_fargate(std::size_t count) const;  ///< of the first `count`
  /// Of Pod::lane: the providers, and one behind them for tasks without a provider where there are such.
  std::size_t lanes() const { return providers.size() + (has_plain() ? 1 : 0); }
  /// A strategy for all lanes.
  std::vector<ProviderShare> with_plain(std::vector<ProviderShare> shares, bool plain) const;
  /// That of app or job number `task`, for all lanes; empty: the cluster's default.
  std::vector<ProviderShare> strategy_of(std::size_t task) const;
  /// Reports where no host of a provider can hold a task of this size, on Fargate with the next larger size there is.
  /// `owner`: "web", "the job report"; `task`: its number.
  /// RegisterTaskDefinition takes what no instance holds, and refuses a size that Fargate has not.
  void check_task(document::Fields& column, const aws::PriceBook& prices, Cpu cpu, Bytes memory,
                  const std::string& owner, std::size_t task, std::vector<Unholdable>& into) const;
  /// Whether a task of this app or job without room waits in PROVISIONING; else a service fails to place it, and
  /// RunTask fails at once. It waits where ECS sees to more capacity: managed scaling of every group that it may be
  /// given to, Managed Instances. SOURCE: ECS developer guide, "Amazon ECS managed scaling behavior".
  bool waits(std::size_t task) const;
  std::vector<std::string_view> instance_types() const;
};

}  // namespace plimsoll::ecs
