#include "models/ecs/capacity_plan.h"

#include <algorithm>

#include "models/aws/availability.h"
#include "models/aws/billing/orchestrator_fee.h"
#include "models/aws/fargate/task_size.h"
#include "models/aws/gpus.h"
#include "models/ecs/cluster_strategy.h"
#include "models/ecs/ecs_metrics.h"
#include "models/ecs/service_files.h"
#include "models/ecs/task_architecture.h"
#include "sim/policy/unholdable.h"

namespace plimsoll::ecs {

namespace {

using document::Fields;

/// Root volume of the ECS-optimised image. SOURCE: Amazon ECS-optimized Linux AMIs (30 GiB).
constexpr std::int64_t kRootVolumeGib = 30;
constexpr std::string_view kForms =
    "fargate, fargate-spot, {asg: {type: ..., min: ..., max: ...}, target: 100%}, {managedInstances: {...}}, "
    "{external: {...}}, or {capacityProviders: {...}, capacityProviderStrategy: [...]}";
/// Root volume of a Managed Instance. Assumed.
constexpr std::int64_t kManagedVolumeGib = 80;

struct Registration {
  bool trunking = false;
  Ppm memory = percent(100);  ///< MemTotal in parts of the nominal memory
};

/// What an instance of the type registers with the cluster. A type without a trunk has the interfaces that it has
/// without trunking. SOURCE: ECS developer guide, "Increasing Amazon ECS Linux container instance network interfaces".
ResourceVector registered(const aws::InstanceType& type, const Registration& how) {
  ResourceVector r;
  r.set_cpu(cpu_cores(type.vcpu));
  r.set_memory(mebibytes(estimated_mem_total_mib(type.memory.raw() / kMiB, how.memory)));
  r[Resource::pods] = 100'000;
  r[Resource::enis] = type.ecs_awsvpc_tasks;
  r[Resource::gpus] = aws::nvidia_gpus(type);
  if (how.trunking) r[Resource::enis] = type.ecs_awsvpc_tasks_trunk.value_or(type.ecs_awsvpc_tasks);
  return r;
}

void read_types(Fields& g, aws::PriceBook& prices, const Registration& how, AsgCapacity& asg) {
  std::vector<std::pair<std::string, std::string_view>> names;
  const std::string one = g.text("type", "", "the first of `types`", "EC2 instance type");
  if (!one.empty()) names.emplace_back(one, "type");
  for (const std::string& type : g.texts("types", "further types of the mixed instances policy, by priority")) {
    if (type != one) names.emplace_back(type, "types");
  }
  if (names.empty() && !g.describing()) {
    g.error("type", "'type' is missing", "add 'type: m5.xlarge', or 'types: [...]' for a mixed instances policy");
  }
  for (const auto& [name, key] : names) {
    InstanceOption option;
    option.type = prices.type(g, key, name);
    if (option.type == nullptr) continue;
    option.on_demand = prices.on_demand(g, key, *option.type);
    option.spot = prices.spot(*option.type);
    option.registered = registered(*option.type, how);
    asg.options.push_back(option);
  }
}

/// When the alarm of a policy goes off, beside its threshold.
void read_alarm(Fields& p, ReservationPolicy& policy) {
  aws::AlarmDefinition& a = policy.alarm;
  a.evaluation_periods = p.integer("evaluationPeriods", 1, "CloudWatch has no default; 1 here", "N", {1, 10'080});
  a.datapoints_to_alarm = p.optional_integer("datapointsToAlarm", "M of N; without it all", {1, 10'080});
  a.period = p.duration("period", seconds(60), "CloudWatch has no default; a minute here",
                        "of a datapoint of the alarm", {seconds(10), hours(24)});
  a.treat_missing = p.choice<aws::MissingData>("treatMissingData",
                                               {{"missing", aws::MissingData::missing},
                                                {"ignore", aws::MissingData::ignore},
                                                {"breaching", aws::MissingData::breaching},
                                                {"notBreaching", aws::MissingData::not_breaching}},
                                               aws::MissingData::missing, "PutMetricAlarm default",
                                               "what a period without data counts as");
  policy.statistic = p.choice<aws::Statistic>("statistic",
                                              {{"Average", aws::Statistic::average},
                                               {"Minimum", aws::Statistic::minimum},
                                               {"Maximum", aws::Statistic::maximum}},
                                              aws::Statistic::average, "the usual one", "of a period's datapoints");
  const std::string fault = p.describing() ? "" : aws::alarm_error(a);
  if (!fault.empty()) p.error("evaluationPeriods", fault);
}

/// Simple and step policies on the cluster's reservation.
std::vector<ReservationPolicy> read_policies(Fields& provider, const std::string& name, const aws::GroupFields& group) {
  std::vector<ReservationPolicy> out;
  for (const document::Item& item :
       provider.list("scalingPolicies", "step or simple scaling of the group on cluster reservation alarms")) {
    Fields p(item.node, provider.reader(), item.path);
    ReservationPolicy policy;
    policy.metric =
        p.required_choice<aws::MetricName>("metric",
                                           {{"CPUReservation", aws::MetricName::cluster_cpu_reservation},
                                            {"MemoryReservation", aws::MetricName::cluster_memory_reservation},
                                            {"GPUReservation", aws::MetricName::cluster_gpu_reservation}},
                                           "of the cluster");
    policy.alarm.comparison = p.required_choice<aws::AlarmComparison>(
        "comparisonOperator",
        {{"GreaterThanThreshold", aws::AlarmComparison::greater},
         {"GreaterThanOrEqualToThreshold", aws::AlarmComparison::greater_or_equal},
         {"LessThanThreshold", aws::AlarmComparison::less},
         {"LessThanOrEqualToThreshold", aws::AlarmComparison::less_or_equal}},
        "of the alarm");
    const auto threshold = p.ratio("threshold", percent(75), "the usual sample", "of the reservation");
    policy.alarm.threshold = threshold.raw() * 100;  // millionths of a percent
    read_alarm(p, policy);
    policy.simple = p.choice<bool>("policyType", {{"StepScaling", false}, {"SimpleScaling", true}}, true,
                                   "EC2 Auto Scaling API default", "of the group's policy");
    policy.steps.type = p.choice<aws::AdjustmentType>(
        "adjustmentType",
        {{"ChangeInCapacity", aws::AdjustmentType::change_in_capacity},
         {"ExactCapacity", aws::AdjustmentType::exact_capacity},
         {"PercentChangeInCapacity", aws::AdjustmentType::percent_change_in_capacity}},
        aws::AdjustmentType::change_in_capacity, "the usual one", "meaning of an adjustment");
    policy.steps.minimum_magnitude = p.optional_integer("minAdjustmentMagnitude", "of a percentage", {1, 5000});
    const bool above = policy.alarm.comparison == aws::AlarmComparison::greater ||
                       policy.alarm.comparison == aws::AlarmComparison::greater_or_equal;
    if (const auto one = p.optional_integer("scalingAdjustment", "one adjustment for every breach", {-5000, 5000})) {
      aws::StepAdjustment step;
      (above ? step.lower : step.upper) = 0;
      step.adjustment = *one;
      policy.steps.steps.push_back(step);
    }
    for (const document::Item& s : p.list("stepAdjustments", "adjustments by the size of the breach")) {
      Fields f(s.node, p.reader(), s.path);
      aws::StepAdjustment step;
      const auto scaled = [](std::optional<Ppm> v) {
        return v ? std::optional<std::int64_t>(v->raw() * 100) : std::nullopt;
      };
      step.lower = scaled(f.optional_ratio("metricIntervalLowerBound", "from the threshold; none: no end"));
      step.upper = scaled(f.optional_ratio("metricIntervalUpperBound", "from the threshold; none: no end"));
      step.adjustment = f.integer("scalingAdjustment", 0, "none", "of this step", {-5000, 5000});
      policy.steps.steps.push_back(step);
    }
    policy.alarm_name = p.text("alarmName", name + "-policy-" + std::to_string(out.size() + 1), "provider and number",
                               "by which rules, deployments and `explain --alarm` know it");
    policy.cooldown = p.duration(
        "cooldown", policy.simple ? group.default_cooldown : group.default_warmup.value_or(group.default_cooldown),
        "defaultCooldown of the group; step: defaultInstanceWarmup, or else that",
        "after a simple activity; of a step policy: the instance warm-up");
    if (!p.describing()) {
      const std::string fault = aws::step_policy_error(policy.steps);
      if (!fault.empty()) p.error("stepAdjustments", fault, "give scalingAdjustment, or steps without gaps");
      if (policy.simple && policy.steps.steps.size() > 1)
        p.error("policyType", "a simple scaling policy has one adjustment", "write policyType: StepScaling");
    }
    out.push_back(std::move(policy));
  }
  return out;
}

/// Predictive scaling policies of the group.
std::vector<aws::GroupPrediction> read_predictions(Fields& provider) {
  std::vector<aws::GroupPrediction> out;
  for (const document::Item& item :
       provider.list("predictiveScaling", "predictive scaling of the group; forecasts begin after 24 h of the run")) {
    Fields p(item.node, provider.reader(), item.path);
    aws::GroupPrediction prediction;
    prediction.load = p.choice<aws::GroupLoad>(
        "predefinedMetricType",
        {{"ASGCPUUtilization", aws::GroupLoad::cpu}, {"ALBRequestCount", aws::GroupLoad::requests}},
        aws::GroupLoad::cpu, "the console's first choice", "the metric pair whose load is forecast");
    const double target =
        p.number("targetValue", 50, "the console's proposal",
                 "mean CPU of an instance, percent; or requests a minute and instance", {0.0001, 1'000'000'000.0});
    prediction.policy.target = static_cast<std::int64_t>(target * 1e6 + 0.5);
    using Mode = aws::PredictivePolicy::Mode;
    prediction.policy.mode =
        p.choice<Mode>("mode", {{"ForecastOnly", Mode::forecast_only}, {"ForecastAndScale", Mode::forecast_and_scale}},
                       Mode::forecast_only, "EC2 Auto Scaling API default", "whether the forecast scales");
    prediction.policy.buffer = p.duration("schedulingBufferTime", seconds(300), "EC2 Auto Scaling API default",
                                          "so long before its hour a forecast is applied", {Duration{}, seconds(3600)});
    prediction.policy.increase_maximum =
        p.choice<bool>("maxCapacityBreachBehavior", {{"HonorMaxCapacity", false}, {"IncreaseMaxCapacity", true}}, false,
                       "EC2 Auto Scaling API default", "what a forecast above max does");
    prediction.policy.maximum_buffer = p.integer("maxCapacityBuffer", 0, "EC2 Auto Scaling API default",
                                                 "percent above the forecast that max may rise to", {0, 100});
    if (!p.describing() && p.has("maxCapacityBuffer") && !prediction.policy.increase_maximum)
      p.error("maxCapacityBuffer", "maxCapacityBuffer needs maxCapacityBreachBehavior: IncreaseMaxCapacity");
    out.push_back(prediction);
  }
  return out;
}

AsgCapacity read_asg(Fields& provider, const std::string& provider_name, aws::PriceBook& prices,
                     const Registration& how) {
  AsgCapacity asg;
  {
    Fields g = provider.required_child("asg", "the Auto Scaling group of the capacity provider");
    read_types(g, prices, how, asg);
    asg.minimum = g.integer("min", 0, "EC2 Auto Scaling MinSize has no default; 0 here", "least instances", {0, 5000});
    asg.maximum = g.integer("max", 100, "no default on AWS; 100 here", "most instances", {0, 5000});
    if (asg.minimum > asg.maximum)
      g.error("min", "min " + std::to_string(asg.minimum) + " is above max " + std::to_string(asg.maximum));
    asg.group = aws::GroupFields::read(g, aws::AllocationStrategy::lowest_price, false);
    if (asg.group.warm_pool && asg.options.size() > 1)
      g.error("warmPool", "a group of several instance types cannot have a warm pool", "give it one type");
    for (const auto& [name, units] : asg.group.weights) {
      const bool known = std::any_of(asg.options.begin(), asg.options.end(),
                                     [n = std::string_view(name)](const auto& o) { return o.type->name == n; });
      if (!known) g.error("weightedCapacity", "'" + name + "' is no type of the group");
    }
    for (const document::Item& a : g.map("attributes", "custom attributes of its instances, for placement"))
      asg.attributes.emplace_back(a.name, a.node.text());
    asg.volume_gib = g.integer("volumeGiB", kRootVolumeGib, "ECS-optimized AMI", "root volume, GiB gp3", {0, 16384});
    asg.delays.pending =
        g.delay("pending", asg.delays.pending, "assumed: 14 s median from call to running", "launch call to running");
    asg.delays.join = g.delay("join", Delay::lognormal(seconds(50), 0.3, seconds(30)),
                              "assumed: boot, agent and registration 50 s median", "running to registered");
  }
  const Ppm target = provider.ratio("target", percent(100), "ECS ManagedScaling.targetCapacity default",
                                    "target of CapacityProviderReservation", {percent(1), percent(100)});
  asg.managed_scaling = provider.boolean("managedScaling", true, "ENABLED here; the API default is DISABLED",
                                         "ECS sizes the group; without it the group stays at its desired capacity");
  asg.scaling.target_capacity = target.raw() / 10'000;
  asg.scaling.minimum_step = provider.integer("minimumScalingStepSize", 1, "ECS API default", "instances", {1, 10000});
  asg.scaling.maximum_step =
      provider.integer("maximumScalingStepSize", 10000, "ECS API default", "instances", {1, 10000});
  asg.scaling.warmup = provider.duration("instanceWarmupPeriod", seconds(300), "ECS API default",
                                         "before an instance counts as warm", {Duration{}, seconds(10000)});
  asg.scaling.binpacks = prices.as_of().ecs_cas_binpacks_many_zones;
  asg.termination_protection = provider.boolean("managedTerminationProtection", false, "ECS API default DISABLED",
                                                "scale-in takes empty instances only");
  asg.managed_draining = provider.boolean("managedDraining", true, "ECS API default ENABLED",
                                          "drain before an instance ends, and on a Spot notice");
  asg.spot_draining = provider.boolean("spotInstanceDraining", false,
                                       "ECS_ENABLE_SPOT_INSTANCE_DRAINING of the agent is false by default",
                                       "the agent drains its instance on a Spot notice");
  if (asg.managed_scaling && !asg.group.weights.empty())
    provider.error("asg", "instance weights are not supported with managed scaling of a capacity provider",
                   "leave weightedCapacity out, or write managedScaling: false");
  asg.policies = read_policies(provider, provider_name, asg.group);
  asg.predictions = read_predictions(provider);
  if (asg.managed_scaling && !asg.predictions.empty())
    provider.error("predictiveScaling", "ECS does not manage the scaling of a group that has policies of its own",
                   "write managedScaling: false");
  if (asg.managed_scaling && !asg.policies.empty())
    provider.error("scalingPolicies", "ECS does not manage the scaling of a group that has policies of its own",
                   "write managedScaling: false");
  if (asg.termination_protection && !asg.managed_scaling)
    provider.error("managedTerminationProtection", "managed termination protection needs managed scaling");
  return asg;
}

ManagedCapacity read_managed(Fields& column, Fields& m, const std::string& name, aws::PriceBook& prices,
                             const Setting& setting, const Registration& how) {
  ManagedCapacity out;
  if (!prices.as_of().ecs_managed_instances) column.error("capacity", "ECS Managed Instances exist from 2025-09-30");
  Fields r = m.child("instanceRequirements", "which types AWS may choose");
  out.requirements = InstanceRequirements::read(r);
  out.requirements.architecture = managed_architecture(column, setting, name);
  out.parameters.spot = m.choice<bool>("capacityOptionType", {{"ON_DEMAND", false}, {"SPOT", true}}, false,
                                       "ECS API default", "purchase option");
  const std::int64_t idle =
      m.integer("scaleInAfter", 300, "AWS's heuristic is not published; 300 s here",
                "seconds until an idle instance ends, or an underused one is drained; -1: never", {-1, 3600});
  out.parameters.scale_in_after.reset();
  if (idle >= 0) out.parameters.scale_in_after = seconds(idle);
  out.volume_gib = m.integer("volumeGiB", kManagedVolumeGib, "assumed", "root volume, GiB gp3", {0, 16384});
  out.parameters.delays.pending = m.delay("pending", out.parameters.delays.pending,
                                          "assumed: 14 s median from call to running", "launch call to running");
  out.parameters.delays.join =
      m.delay("join", Delay::lognormal(seconds(25), 0.3, seconds(15)),
              "assumed: Bottlerocket boots and registers in about 25 s", "running to registered");
  const Rate share = prices.service(column, "ecs", "managed_instances_fee_pct");
  for (const aws::InstanceType& type : prices.catalogue().types()) {
    if (!out.requirements.admits(type)) continue;
    const auto on_demand = prices.catalogue().on_demand(prices.region(), type);
    if (!on_demand) continue;
    // ENI trunking is on for Managed Instances where the type has it.
    ManagedType t;
    t.type = &type;
    t.price = out.parameters.spot ? prices.spot(type) : *on_demand;
    t.registered = registered(type, {true, how.memory});
    out.types.push_back(t);
    out.on_demand.push_back(*on_demand);
    out.spot.push_back(prices.spot(type));
    out.fees.push_back(aws::charges::managed_node_share(Ppm{share.raw() / 1'000'000}, type, prices.as_of().date));
  }
  if (out.types.empty() && !m.describing())
    m.error("instanceRequirements", "no instance type of " + prices.region() + " meets the requirements");
  return out;
}

CapacityProvider read_provider(Fields& column, Fields& f, const std::string& name, aws::PriceBook& prices,
                               const Setting& setting, const Registration& how) {
  CapacityProvider p;
  p.name = name;
  if (is_fargate_provider(name) && !f.describing()) return fargate_provider(name);
  if (auto m = f.describing() || f.has("managedInstances")
                   ? f.optional_child("managedInstances", "instances that ECS chooses and runs")
                   : std::nullopt) {
    p.kind = ProviderKind::managed_instances;
    p.managed = read_managed(column, *m, name, prices, setting, how);
    if (!f.describing()) return p;
  }
  if (auto e = f.describing() || f.has("external") ? f.optional_child("external", "machines of your own (ECS Anywhere)")
                                                   : std::nullopt) {
    p.kind = ProviderKind::external;
    p.external = ExternalCapacity::read(column, *e, prices);
    if (!f.describing()) return p;
  }
  p.kind = ProviderKind::auto_scaling_group;
  p.asg = read_asg(f, name, prices, how);
  return p;
}

/// ECS takes the account setting and the instance, and leaves the instance without a trunk.
void warn_of_trunks(Fields& f, const CapacityPlan& plan) {
  std::string without;
  for (const CapacityProvider& p : plan.providers) {
    if (!p.asg) continue;
    for (const InstanceOption& o : p.asg->options) {
      const std::string type(o.type->name);
      if (o.type->ecs_awsvpc_tasks_trunk || without.find(type + " (") != std::string::npos) continue;
      without += (without.empty() ? "" : ", ") + type + " (" + std::to_string(o.type->ecs_awsvpc_tasks) + ")";
    }
  }
  if (plan.eni_trunking && !without.empty())
    f.warning("eniTrunking", "no ENI trunk is in " + without + ": as many awsvpc tasks run on one as without trunking",
              "choose a type with trunk interfaces (`plimsoll catalog` lists both numbers)");
}

void use_fargate(CapacityPlan& plan, bool spot) {
  plan.providers.push_back(fargate_provider(spot ? "FARGATE_SPOT" : "FARGATE"));
  plan.strategy = {{plan.providers.back().name, 1, 0}};
}

/// Whether a real file's own CPU or memory has had a fault: what a column makes of it is no news.
bool has_size_fault(const Fields& f) {
  const std::vector<document::Diagnostic> all = f.reader().diagnostics->sorted();
  return std::any_of(all.begin(), all.end(), [&](const document::Diagnostic& d) {
    const std::string_view key = std::string_view(d.key_path).substr(d.key_path.rfind('.') + 1);  // npos + 1 is 0
    return d.severity == document::Severity::error && !d.file.empty() && d.file != f.node().mark().path() &&
           (key == "cpu" || key == "memory");
  });
}

/// A service cannot use more than its task's size, so that a target above it is never reached. ECS takes the policy
/// all the same. SOURCE: ECS developer guide, "Amazon ECS service utilization metrics" (above 100 % only where
/// containers have CPU shares without a size of the task).
void warn_of_targets(Fields& f, const Setting& setting, const CapacityPlan& plan) {
  for (std::size_t i = 0; i < setting.workloads.size(); ++i) {
    const WorkloadSpec& w = setting.workloads[i];
    if (!plan.fargate(i)) continue;
    for (const auto& [what, target] : {std::pair("CPU", w.scale_cpu), std::pair("memory", w.scale_memory)}) {
      if (target <= percent(100)) continue;
      f.warning("capacity", w.name + ": a " + what + " target of " + to_string(target) +
                                " is never reached on Fargate, where a task cannot use more than its size: the service "
                                "never scales out");
    }
  }
}

/// Prices of microVMs. Where the price list has Spot rates of the vCPU only, memory is as much cheaper as the vCPU: one
/// discount holds for both (a public price page shows the same for both).
void read_fargate_prices(Fields& f, aws::PriceBook& prices, CapacityPlan& plan) {
  plan.fargate_vcpu = prices.service(f, "fargate", "linux_x86_64_vcpu");
  plan.fargate_gb = prices.service(f, "fargate", "linux_x86_64_mem");
  if (!plan.has(ProviderKind::fargate_spot)) return;
  if (!prices.as_of().fargate_spot) f.error("capacity", "Fargate Spot exists from 2019-12-03");
  plan.fargate_spot_vcpu = prices.service(f, "fargate", "linux_x86_64_vcpu_spot");
  const aws::ServicePrice* memory =
      prices.catalogue().service_price("fargate", "linux_x86_64_mem_spot", prices.region());
  if (memory != nullptr) {
    plan.fargate_spot_gb = prices.service(f, "fargate", "linux_x86_64_mem_spot");
  } else if (plan.fargate_vcpu.raw() > 0) {
    plan.fargate_spot_gb = Rate{
        static_cast<std::int64_t>(div_round(static_cast<__int128>(plan.fargate_gb.raw()) * plan.fargate_spot_vcpu.raw(),
                                            static_cast<__int128>(plan.fargate_vcpu.raw())))};
  }
}

}  // namespace

CapacityProvider fargate_provider(const std::string& name) {
  CapacityProvider p;
  p.name = name;
  p.kind = name == "FARGATE_SPOT" ? ProviderKind::fargate_spot : ProviderKind::fargate;
  return p;
}

bool AsgCapacity::holds(Cpu cpu, Bytes memory) const {
  return std::any_of(options.begin(), options.end(), [&](const InstanceOption& o) {
    return cpu <= o.registered.cpu() && memory <= o.registered.memory() && o.registered[Resource::enis] >= 1;
  });
}

bool CapacityPlan::has(ProviderKind kind) const {
  return std::any_of(providers.begin(), providers.end(), [&](const CapacityProvider& p) { return p.kind == kind; });
}

bool CapacityPlan::has_fargate() const { return has(ProviderKind::fargate) || has(ProviderKind::fargate_spot); }

bool CapacityPlan::uses(std::size_t task, std::size_t lane) const {
  return task >= tasks.size() || tasks[task].lanes[lane];
}

bool CapacityPlan::uses(std::size_t task, ProviderKind kind) const {
  for (std::size_t lane = 0; lane < providers.size(); ++lane) {
    if (providers[lane].kind == kind && uses(task, lane)) return true;
  }
  return false;
}

bool CapacityPlan::fargate(std::size_t task) const {
  return uses(task, ProviderKind::fargate) || uses(task, ProviderKind::fargate_spot);
}

std::vector<bool> CapacityPlan::each_fargate(std::size_t count) const {
  std::vector<bool> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = fargate(i);
  return out;
}

std::vector<ProviderShare> CapacityPlan::with_plain(std::vector<ProviderShare> shares, bool plain) const {
  if (has_plain()) shares.push_back({"EC2", plain ? 1 : 0, 0});
  return shares;
}

std::vector<ProviderShare> CapacityPlan::strategy_of(std::size_t task) const {
  if (task >= tasks.size() || (tasks[task].own.empty() && !tasks[task].plain)) return {};
  if (!tasks[task].plain) return with_plain(tasks[task].own, false);
  std::vector<ProviderShare> none;
  for (const CapacityProvider& p : providers) none.push_back({p.name, 0, 0});
  return with_plain(std::move(none), true);
}

bool CapacityPlan::has_plain() const {
  return std::any_of(tasks.begin(), tasks.end(), [](const TaskCapacity& t) { return t.plain; });
}

bool CapacityPlan::waits(std::size_t task) const {
  if (task < tasks.size() && tasks[task].plain) return false;
  for (std::size_t lane = 0; lane < providers.size(); ++lane) {
    const CapacityProvider& p = providers[lane];
    if (uses(task, lane) && (p.external || (p.asg && !p.asg->managed_scaling))) return false;
  }
  return true;
}

std::vector<std::string_view> CapacityPlan::instance_types() const {
  std::vector<std::string_view> out;
  for (const CapacityProvider& p : providers) {
    const auto add = [&out](std::string_view name) {
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
    };
    if (p.asg) {
      for (const InstanceOption& o : p.asg->options) add(o.type->name);
    }
    if (p.managed) {
      for (const ManagedType& t : p.managed->types) add(t.type->name);
    }
  }
  return out;
}

CapacityPlan CapacityPlan::read(Fields& f, aws::PriceBook& prices, const Setting& setting) {
  CapacityPlan plan;
  plan.eni_trunking = f.boolean("eniTrunking", false, "ECS account setting awsvpcTrunking is off by default",
                                "more awsvpc tasks an instance");
  const Registration how{plan.eni_trunking,
                         f.ratio("registeredMemory", percent(100) - Ppm{25'000},
                                 "our reading: documented samples lie between 97.5 % and 98.2 %",
                                 "of the nominal memory, that an instance registers", {percent(50), percent(100)})};
  const auto capacity = f.any("capacity", kForms, "where tasks run");
  if (!capacity) {
    f.error("capacity", "'capacity' is missing",
            "write capacity: fargate, or capacity: {asg: {type: m5.xlarge, min: 3, max: 40}}");
    return plan;
  }
  if (capacity->is_scalar() && (capacity->text() == "fargate" || capacity->text() == "fargate-spot")) {
    use_fargate(plan, capacity->text() == "fargate-spot");
  } else if (capacity->is_mapping() || f.describing()) {
    Fields c(*capacity, f.reader(), f.path_of("capacity"));
    const bool one = c.has("asg") || c.has("managedInstances") || c.has("external");
    if (one || c.describing()) {
      const char* name = c.has("asg") ? "asg" : c.has("external") ? "external" : "managed-instances";
      plan.providers.push_back(read_provider(f, c, name, prices, setting, how));
      plan.strategy = {{name, 1, 0}};
    }
    if (!one || c.describing()) {
      for (const document::Item& item :
           c.map("capacityProviders", "providers of the cluster by name; FARGATE: {} for Fargate beside others")) {
        Fields p(item.node, c.reader(), item.path);
        plan.providers.push_back(read_provider(f, p, item.name, prices, setting, how));
      }
      const bool named = c.has("capacityProviders") || c.has("capacityProviderStrategy");
      if (named || c.describing()) {
        read_cluster_strategy(c, plan);
      } else {
        for (const char* key : {"asg", "managedInstances", "external", "target", "capacityProviderStrategy"})
          c.ignore(key);
        c.error("", "it has none of asg, managedInstances, external and capacityProviders", std::string(kForms));
      }
    }
  } else {
    f.error("capacity", "capacity must be fargate, fargate-spot or a mapping", std::string(kForms));
  }
  if (plan.providers.empty()) {
    if (!f.reader().diagnostics->has_errors())
      f.error("capacity", "capacity has no capacity provider", std::string(kForms));
    return plan;
  }
  warn_of_trunks(f, plan);
  std::vector<std::string> names;
  for (const WorkloadSpec& w : setting.workloads) names.push_back(w.name);
  for (const JobSpec& j : setting.jobs) names.push_back(j.name);
  const std::vector<ServiceFile> files = read_service_files(setting, names);
  add_spot_of_files(plan, files);
  plan.on_fargate = std::all_of(plan.providers.begin(), plan.providers.end(),
                                [](const CapacityProvider& p) { return is_fargate_provider(p.name); });
  if (plan.strategy.size() == plan.providers.size()) plan.tasks = task_capacities(plan, files);
  aws::require(f, "type", prices.as_of(), aws::Offer::ecs);
  if (plan.has_fargate()) {
    aws::require(f, "capacity", prices.as_of(), aws::Offer::fargate);
    read_fargate_prices(f, prices, plan);
    warn_of_targets(f, setting, plan);
  }
  if (!prices.as_of().ecs_capacity_providers && (plan.providers.size() > 1 || !plan.on_fargate) &&
      std::any_of(plan.providers.begin(), plan.providers.end(),
                  [](const CapacityProvider& p) { return p.asg && p.asg->managed_scaling; }))
    f.warning("capacity", "ECS has capacity providers with managed scaling from 2019-12-03");
  for (std::size_t i = 0; i < setting.workloads.size(); ++i) {
    const WorkloadSpec& w = setting.workloads[i];
    plan.check_task(f, prices, w.ecs.cpu, w.ecs.memory, w.name, i, plan.unholdable);
  }
  return plan;
}

void CapacityPlan::check_task(Fields& f, const aws::PriceBook& prices, Cpu cpu, Bytes memory, const std::string& owner,
                              std::size_t task, std::vector<Unholdable>& into) const {
  const std::string size = to_string(cpu) + " / " + to_string(memory);
  if (has_size_fault(f)) return;
  if (fargate(task)) {
    const std::int64_t most = prices.as_of().fargate_max_vcpu;
    if (aws::is_fargate_size(cpu, memory, most)) return;
    const auto next = aws::smallest_fargate_size(cpu, memory, most);
    add_unholdable(into, f, owner, "Fargate has no task size " + size + " (" + owner + ")",
                   next ? "the next larger one is " + to_string(next->cpu) + " / " + to_string(next->memory)
                        : "it is larger than the largest size")
        .refused = true;
    return;
  }
  const auto holds = [&](const ResourceVector& r) { return cpu <= r.cpu() && memory <= r.memory(); };
  for (std::size_t lane = 0; lane < providers.size(); ++lane) {
    if (!uses(task, lane)) continue;
    const CapacityProvider& p = providers[lane];
    if (p.managed && std::none_of(p.managed->types.begin(), p.managed->types.end(),
                                  [&](const ManagedType& t) { return holds(t.registered); }))
      add_unholdable(into, f, owner,
                     "no type that the requirements admit can hold a task of " + owner + " (" + size + ")");
    // One whose own size has had its fault is not judged.
    const bool sized = p.external && p.external->registered.cpu() > Cpu{} && p.external->registered.memory() > Bytes{};
    if (sized && !holds(p.external->registered))
      add_unholdable(into, f, owner, "an external instance cannot hold a task of " + owner + " (" + size + ")");
    if (!p.asg || p.asg->options.empty() || p.asg->holds(cpu, memory)) continue;
    const InstanceOption& o = p.asg->options.front();
    add_unholdable(into, f, owner,
                   "no " + std::string(o.type->name) + " can hold a task of " + owner + " (" + size +
                       "): it registers " + to_string(o.registered.cpu()) + " / " + to_string(o.registered.memory()));
  }
}

}  // namespace plimsoll::ecs
