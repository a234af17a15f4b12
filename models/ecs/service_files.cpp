#include "models/ecs/service_files.h"

#include <algorithm>

#include "models/ecs/cluster_strategy.h"
#include "models/ecs/container_lifecycle.h"
#include "models/ecs/deployment_configuration.h"

namespace plimsoll::ecs {

namespace {

using api::LaunchType;

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

bool has(const std::vector<LaunchType>& types, LaunchType type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

std::vector<LaunchType> launch_types_of(const CapacityPlan& capacity) {
  std::vector<LaunchType> out;
  for (const CapacityProvider& p : capacity.providers) {
    if (!has(out, launch_type_of(p.kind))) out.push_back(launch_type_of(p.kind));
  }
  return out;
}

/// Of the providers that take the tasks of services which name none.
std::vector<LaunchType> default_launch_types(const CapacityPlan& capacity) {
  std::vector<LaunchType> out;
  if (capacity.strategy.size() != capacity.providers.size()) return launch_types_of(capacity);  // it has had its fault
  for (std::size_t i = 0; i < capacity.providers.size(); ++i) {
    const ProviderShare& share = capacity.strategy[i];
    const LaunchType type = launch_type_of(capacity.providers[i].kind);
    if ((capacity.providers.size() == 1 || share.weight > 0 || share.base > 0) && !has(out, type)) out.push_back(type);
  }
  return out.empty() ? launch_types_of(capacity) : out;
}

bool runs_as(const CapacityPlan& capacity, std::size_t task, LaunchType type) {
  for (std::size_t lane = 0; lane < capacity.providers.size(); ++lane) {
    if (capacity.uses(task, lane) && launch_type_of(capacity.providers[lane].kind) == type) return true;
  }
  return false;
}

/// What the launch type or the capacity providers of the call allow; empty: any.
std::vector<LaunchType> wanted(const ServiceFile& file) {
  if (file.launch_type) return {*file.launch_type};
  if (file.providers.empty()) return {};
  if (is_fargate_provider(file.providers.front().provider)) return {LaunchType::fargate};
  return {LaunchType::ec2, LaunchType::managed_instances};
}

/// Of app or job number `i`, with what the scenario has read where no document is there.
ServiceFile file_of(const Setting& setting, const std::vector<ServiceFile>& files, std::size_t i) {
  ServiceFile out = files[i];
  if (out.there || !out.compatibilities.empty() || i >= setting.workloads.size()) return out;
  for (const LaunchType type :
       {LaunchType::ec2, LaunchType::fargate, LaunchType::external, LaunchType::managed_instances}) {
    if (setting.workloads[i].ecs_launch_type == to_string(type)) out.compatibilities = {type};
  }
  return out;
}

/// ECS does not count tasks of a launch type in the reservation of a provider, nor do they wait in PROVISIONING.
void warn_of_launch_types(document::Fields& f, const std::vector<std::string>& names, const CapacityPlan& capacity) {
  std::string scaled;
  for (const CapacityProvider& p : capacity.providers) {
    if (p.asg && p.asg->managed_scaling) scaled += (scaled.empty() ? "" : ", ") + p.name;
  }
  std::vector<std::string> said, unsaid;
  for (std::size_t i = 0; i < names.size() && i < capacity.tasks.size(); ++i) {
    if (capacity.tasks[i].plain) (capacity.tasks[i].unsaid ? unsaid : said).push_back(names[i]);
  }
  if (scaled.empty()) return;
  if (!unsaid.empty())
    f.warning("capacity",
              listed(unsaid) + " has launch type EC2, as the column has no default strategy: managed scaling of " +
                  scaled + " does not see its tasks",
              "write a capacityProviderStrategy for the column or in the files");
  if (said.empty()) return;
  f.warning("capacity",
            "the files of " + listed(said) + " say launchType EC2: managed scaling of " + scaled +
                " does not see their tasks, and what has no room on the instances that there are is not placed",
            "write capacityProviderStrategy instead of launchType in the files for a group that grows with them");
}

}  // namespace

api::LaunchType launch_type_of(ProviderKind kind) {
  switch (kind) {
    case ProviderKind::fargate:
    case ProviderKind::fargate_spot:
      return LaunchType::fargate;
    case ProviderKind::auto_scaling_group:
      return LaunchType::ec2;
    case ProviderKind::managed_instances:
      return LaunchType::managed_instances;
    case ProviderKind::external:
      return LaunchType::external;
  }
  return LaunchType::ec2;
}

bool ServiceFile::supports(LaunchType type) const {
  const std::vector<LaunchType> want = wanted(*this);
  return (want.empty() || has(want, type)) && (compatibilities.empty() || has(compatibilities, type));
}

std::string ServiceFile::supported() const {
  std::vector<LaunchType> types = wanted(*this);
  if (!compatibilities.empty()) std::erase_if(types, [&](LaunchType t) { return !has(compatibilities, t); });
  if (types.empty()) types = compatibilities;
  std::vector<std::string> words;
  for (const LaunchType t : types) words.emplace_back(to_string(t));
  return listed(words);
}

std::vector<ServiceFile> read_service_files(const Setting& setting, const std::vector<std::string>& names) {
  api::Documents documents;
  document::Diagnostics ignored;  // faults of the files were reported when they were read
  for (const ScalingDocument& d : setting.scaling) {
    if (d.side == Side::ecs) api::read_document(d.node, ignored, documents);
  }
  std::vector<ServiceFile> out(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    ServiceFile& file = out[i];
    for (const api::Service& s : documents.services) {
      if (s.name != names[i]) continue;
      file.there = true;
      file.balanced = !s.load_balancers.empty();
      file.classic_balancer = s.rebalance().classic_load_balancer;
      file.external_controller = s.controller == api::DeploymentController::external;
      file.launch_type = s.launch_type;
      file.providers = s.capacity_providers;
    }
    for (const api::RunTask& r : documents.run_tasks) {
      if (r.family() != names[i]) continue;
      file.there = true;
      file.launch_type = r.launch_type;
      file.providers = r.capacity_providers;
    }
    const api::TaskDefinition* definition = definition_of_app(documents, names[i]);
    if (definition == nullptr) continue;
    file.compatibilities = definition->compatibilities;
    file.awsvpc = definition->effective_network_mode() == api::NetworkMode::awsvpc;
  }
  return out;
}

std::vector<std::string> replaced_launch_types(document::Fields& f, const Setting& setting,
                                               const std::vector<std::string>& names, const CapacityPlan& capacity,
                                               const std::vector<ServiceFile>& files) {
  constexpr std::string_view kTypes[] = {"EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"};  // as LaunchType
  const auto said = f.optional_one_of(
      "launchType", kTypes, "that of the capacity; said, it takes the place of the files' requiresCompatibilities");
  if (f.describing()) return {};
  const std::vector<LaunchType> types = default_launch_types(capacity);
  std::vector<std::string> type_names;
  for (const LaunchType t : types) type_names.emplace_back(to_string(t));
  if (said && !has(types, static_cast<LaunchType>(*said))) {
    f.error("launchType", "the capacity of this column is of the launch type " + listed(type_names),
            "write " + type_names.front() + ", or leave launchType out");
    return {};
  }
  std::vector<std::string> out;
  for (const LaunchType type : launch_types_of(capacity)) {
    const std::string launch(to_string(type));
    // By what their files name instead, in the order of the first of each.
    std::vector<std::pair<std::string, std::vector<std::string>>> others;
    std::vector<std::string> awsvpc;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!runs_as(capacity, i, type)) continue;
      const ServiceFile file = file_of(setting, files, i);
      if (type == LaunchType::external && file.awsvpc) awsvpc.push_back(names[i]);
      if (file.supports(type)) continue;
      const std::string other = file.supported();
      const auto known = std::find_if(others.begin(), others.end(), [&](const auto& o) { return o.first == other; });
      if (known == others.end()) {
        others.push_back({other, {names[i]}});
      } else {
        known->second.push_back(names[i]);
      }
    }
    if (said) {
      for (const auto& [other, apps] : others)
        out.push_back("launch type " + launch + " replaces " + other + " of the files of " + listed(apps));
      if (!awsvpc.empty())
        out.push_back("network mode bridge replaces awsvpc of the files of " + listed(awsvpc) +
                      ", which external instances do not have");
      continue;
    }
    for (const auto& [other, apps] : others)
      f.error("launchType",
              "Task definition does not support launch_type " + launch + ": the files of " + listed(apps) + " name " +
                  other + " only (requiresCompatibilities, launchType, capacityProviderStrategy)",
              "write launchType: " + launch + " in this column to put it in their place");
    if (!awsvpc.empty() && others.empty())
      f.error("launchType",
              "external instances do not support network mode awsvpc, which the task definitions of " + listed(awsvpc) +
                  " have",
              "write networkMode: bridge in the files, or launchType: EXTERNAL in this column to put bridge in its "
              "place");
  }
  return out;
}

void check_service_strategies(document::Fields& f, const std::vector<std::string>& names,
                              const CapacityPlan& capacity) {
  if (f.describing() || capacity.providers.empty()) return;
  warn_of_launch_types(f, names, capacity);
  std::vector<std::string> not_held;
  for (std::size_t i = 0; i < names.size() && i < capacity.tasks.size(); ++i) {
    const TaskCapacity& task = capacity.tasks[i];
    if (task.not_held) not_held.push_back(names[i]);
    if (std::count(task.lanes.begin(), task.lanes.end(), true) == 0)
      f.error("capacity", names[i] + " has no place: the column has no default capacityProviderStrategy",
              "write one, or name a provider of the column in the file");
    if (task.mixes)
      f.error("capacity",
              "the strategy in the file of " + names[i] +
                  " names providers of several types: a strategy holds either Fargate, Auto Scaling group or Managed "
                  "Instances providers",
              "give each service one of them");
  }
  warn_of_idle_providers(f, capacity);
  if (not_held.empty()) return;
  std::vector<std::string> have;
  for (const CapacityProvider& p : capacity.providers) have.push_back(p.name);
  f.warning("capacity",
            "capacityProviderStrategy in the files of " + listed(not_held) +
                " names capacity providers that this column does not have (it has " + listed(have) +
                "): the column's own strategy holds",
            "name them under capacity: {capacityProviders: ..., capacityProviderStrategy: [...]}");
}

std::vector<bool> zone_rebalancing(document::Fields& f, const Setting& setting, const CapacityPlan& capacity,
                                   const ColumnPlace& place, const std::vector<PlacementRules>& placement,
                                   const std::vector<ServiceFile>& files, bool by_default) {
  std::vector<bool> out;
  std::vector<std::string> refused;
  for (std::size_t i = 0; i < setting.workloads.size(); ++i) {
    const EcsRollout& rollout = setting.workloads[i].ecs_rollout;
    RebalanceService s;
    s.enabled = rollout.zone_rebalancing.value_or(by_default);
    s.external = capacity.uses(i, ProviderKind::external) || files[i].external_controller;
    s.maximum_percent = rollout.maximum_percent.value_or(200);
    s.classic_load_balancer =
        files[i].classic_balancer || (setting.workloads[i].entry && setting.around.entry_on_classic());
    s.zone_constraint = std::any_of(placement[i].member_of.begin(), placement[i].member_of.end(),
                                    [](const auto& q) { return q.mentions_attribute("ecs.availability-zone"); });
    // Fargate and Managed Instances take no strategies.
    if (capacity.uses(i, ProviderKind::auto_scaling_group)) {
      s.has_strategy = !place.strategies.empty() || !placement[i].strategies.empty();
      s.first_strategy_spreads_zones =
          place.strategies.empty() ? placement[i].zones_first()
                                   : place.strategies.front() == std::pair(std::string("spread"), std::string("zone"));
    }
    const RebalanceObstacle obstacle = rebalance_obstacle(s);
    out.push_back(obstacle == RebalanceObstacle::none);
    if (!rollout.zone_rebalancing.value_or(false) || obstacle == RebalanceObstacle::none) continue;
    refused.push_back(setting.workloads[i].name + " (" + std::string(to_string(obstacle)) + ")");
  }
  if (!refused.empty() && !f.describing())
    f.warning("", "availabilityZoneRebalancing is ENABLED, but ECS does not even out the zones of " + listed(refused),
              "write DISABLED, or take away what is in its way");
  return out;
}

void warn_of_balancers(document::Fields& f, const Setting& setting, const std::vector<ServiceFile>& files) {
  if (f.describing()) return;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < setting.workloads.size(); ++i) {
    if (files[i].balanced && !setting.workloads[i].entry) names.push_back(setting.workloads[i].name);
  }
  if (names.empty()) return;
  f.warning("",
            "the files register " + listed(names) +
                " with load balancers, and no request of `load` enters there: their tasks are registered and "
                "deregistered, their balancers' capacity units are not billed",
            "hours of balancers of their own are billed when around: {alb: ...} counts them");
}

void warn_of_slow_starts(document::Fields& f, const Setting& setting, const std::vector<ServiceFile>& files,
                         const CapacityPlan& capacity) {
  if (f.describing()) return;
  const TargetChecks checks;
  const Duration first = checks.interval * (checks.unhealthy_threshold - 1);
  for (std::size_t i = 0; i < setting.workloads.size(); ++i) {
    const WorkloadSpec& w = setting.workloads[i];
    if (!w.entry && !files[i].balanced) continue;
    double cores = w.start_cores;
    if (capacity.fargate(i)) cores = std::min(cores, to_cores(w.ecs.cpu));
    if (cores <= 0) continue;
    const Duration start = from_seconds(w.start_cpu_seconds / cores) + w.start_wait;
    if (start <= std::max(first, w.grace)) continue;
    const bool every = start > std::max(first + checks.interval, w.grace) + seconds(10);
    f.warning("",
              w.name + " takes " + plimsoll::to_string(start) +
                  " to start, and its load balancer's checks find a task unhealthy " + plimsoll::to_string(first) +
                  " to " + plimsoll::to_string(first + checks.interval) +
                  " after it runs: with a healthCheckGracePeriodSeconds of " + plimsoll::to_string(w.grace) +
                  " ECS replaces " + (every ? "every task before it is ready" : "some tasks before they are ready"),
              "give the app a `grace` that is longer than its start");
  }
}

void warn_of_unmet_constraints(document::Fields& f, const Setting& setting, const std::vector<std::string>& names,
                               const CapacityPlan& capacity, const std::vector<PlacementRules>& placement) {
  if (f.describing()) return;
  for (std::size_t lane = 0; lane < capacity.providers.size(); ++lane) {
    const CapacityProvider& p = capacity.providers[lane];
    if (!p.managed) continue;
    std::vector<std::string> unmet;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!capacity.uses(i, lane)) continue;
      const std::vector<ClusterQuery>& queries = placement[i].member_of;
      if (queries.empty()) continue;
      const bool met = std::any_of(p.managed->types.begin(), p.managed->types.end(), [&](const ManagedType& t) {
        return std::any_of(setting.zones.begin(), setting.zones.end(),
                           [&](const std::string& zone) { return managed_type_could_meet(t, zone, queries); });
      });
      if (!met) unmet.push_back(names[i]);
    }
    if (unmet.empty()) continue;
    f.warning("capacity",
              "no instance type that " + p.name + " may launch meets the placement constraints of " + listed(unmet) +
                  ": the tasks stay in PROVISIONING",
              "they can ask for ecs.instance-type, ecs.availability-zone, ecs.cpu-architecture and ecs.os-type; "
              "instanceRequirements must admit the type (instanceGenerations: any admits older ones)");
  }
}

}  // namespace plimsoll::ecs
