#include "models/aws/autoscaling/group_fields.h"

#include <algorithm>
#include <charconv>

#include "models/aws/autoscaling/scheduled_action.h"

namespace plimsoll::aws {

namespace {

using document::Fields;

AllocationStrategy read_strategy(Fields& f, std::string_view key, AllocationStrategy fallback, bool spot) {
  const std::string text =
      f.text(key, std::string(to_string(fallback)), spot ? "the column's default" : "EC2 Auto Scaling API default",
             "how a pool is chosen among the types");
  const auto strategy = allocation_strategy(text);
  const bool fits = strategy && (spot ? *strategy != AllocationStrategy::prioritized
                                      : *strategy == AllocationStrategy::prioritized ||
                                            *strategy == AllocationStrategy::lowest_price);
  if (!fits) {
    f.error(key, "unknown allocation strategy '" + text + "'",
            spot ? "allowed: lowest-price, capacity-optimized, capacity-optimized-prioritized, price-capacity-optimized"
                 : "allowed: prioritized, lowest-price");
    return fallback;
  }
  return *strategy;
}

/// `spot: true` or a share.
void read_spot(Fields& f, InstancesDistribution& d) {
  const auto spot = f.any("spot", "true, false or a share such as 60%", "Spot instances instead of on-demand ones");
  std::int64_t percent_spot = 0;
  if (!spot) {
    f.record("spot", "false", "OnDemandPercentageAboveBaseCapacity 100, API default");
  } else if (spot->kind() == document::Kind::boolean) {
    percent_spot = spot->text() == "true" ? 100 : 0;
  } else {
    const auto share = document::read_value<Ppm>(*spot, f.reader(), f.path_of("spot"), "", {Ppm{}, percent(100)});
    if (share && share->raw() % 10'000 != 0) f.error("spot", "must be a whole number of percent");
    if (share) percent_spot = share->raw() / 10'000;
  }
  d.on_demand_percent = 100 - percent_spot;
  d.on_demand_base = f.integer("onDemandBaseCapacity", 0, "EC2 Auto Scaling API default",
                               "instances that are on-demand whatever the share", {0, 5000});
}

}  // namespace

GroupFields GroupFields::read(Fields& f, AllocationStrategy spot_strategy, bool capacity_rebalance) {
  GroupFields out;
  read_spot(f, out.distribution);
  out.distribution.on_demand_strategy =
      read_strategy(f, "onDemandAllocationStrategy", AllocationStrategy::prioritized, false);
  out.distribution.spot_strategy = read_strategy(f, "spotAllocationStrategy", spot_strategy, true);
  out.distribution.spot_pools = f.integer("spotInstancePools", 2, "EC2 Auto Scaling API default",
                                          "cheapest pools that lowest-price spreads over", {1, 20});
  if (f.has("spotInstancePools") && out.distribution.spot_strategy != AllocationStrategy::lowest_price)
    f.error("spotInstancePools", "spotInstancePools is valid only when the spotAllocationStrategy is lowest-price",
            "leave it out, or write spotAllocationStrategy: lowest-price");
  const std::vector<std::string> policies =
      f.texts("terminationPolicies",
              "Default, AllocationStrategy, OldestLaunchTemplate, ClosestToNextInstanceHour, NewestInstance or "
              "OldestInstance, in order");
  if (!policies.empty()) out.termination.clear();
  for (const std::string& name : policies) {
    if (const auto policy = termination_policy(name)) {
      // SOURCE: EC2 Auto Scaling user guide, "Auto Scaling launch configurations" (not for new accounts since 2023).
      if (*policy == TerminationPolicy::oldest_launch_configuration)
        f.error("terminationPolicies",
                "the groups here have launch templates: OldestLaunchConfiguration chooses nothing",
                "OldestLaunchTemplate goes by the machine image: instanceRefresh and updateImage bring new ones");
      if (!out.termination.empty() && out.termination.back() == TerminationPolicy::default_policy)
        f.error("terminationPolicies", "Default must be the last of the list");
      out.termination.push_back(*policy);
    } else {
      f.error("terminationPolicies", "unknown termination policy '" + name + "'",
              "allowed: Default, AllocationStrategy, OldestLaunchTemplate, ClosestToNextInstanceHour, "
              "NewestInstance, OldestInstance");
    }
  }
  out.zone_rebalance = f.boolean("azRebalance", true, "AZRebalance is on by default, in managed node groups too",
                                 "evens out zones by launching before it terminates");
  out.capacity_rebalance = f.boolean("capacityRebalance", capacity_rebalance,
                                     "EC2 Auto Scaling API default off; a "
                                     "managed node group of Spot instances has it on",
                                     "replaces Spot instances on a rebalance recommendation");
  out.health_check_grace = f.duration("healthCheckGracePeriod", Duration{}, "EC2 Auto Scaling API default",
                                      "after an instance is in service", {Duration{}, hours(24)});
  out.max_lifetime = f.duration("maxInstanceLifetime", Duration{}, "none", "replaced when so old; 0: never");
  if (out.max_lifetime != Duration{} && out.max_lifetime < hours(24))
    f.error("maxInstanceLifetime", "must be 0 or at least 1 day (86400 seconds)", "write 24h or more");
  for (const document::Item& item : f.list("lifecycleHooks", "waits at launch or at termination")) {
    Fields h(item.node, f.reader(), item.path);
    LifecycleHook hook;
    hook.launching = h.required_choice<bool>("lifecycleTransition", {{"launching", true}, {"terminating", false}},
                                             "autoscaling:EC2_INSTANCE_LAUNCHING or _TERMINATING");
    hook.heartbeat = h.duration("heartbeatTimeout", hours(1), "EC2 Auto Scaling API default 3600 s", "longest wait",
                                {seconds(30), hours(2)});
    hook.default_continue = h.choice<bool>("defaultResult", {{"ABANDON", false}, {"CONTINUE", true}}, false,
                                           "EC2 Auto Scaling API default", "when the wait runs out");
    hook.work = h.delay("work", Delay::constant(Duration{}), "nothing to do", "time that the hook's action takes");
    const bool twice = std::any_of(out.hooks.begin(), out.hooks.end(),
                                   [&](const LifecycleHook& o) { return o.launching == hook.launching; });
    if (twice) h.error("lifecycleTransition", "one hook for each transition is simulated");
    out.hooks.push_back(hook);
  }
  for (const document::Item& item : f.list("scheduledActions", "sizes set at given times")) {
    Fields s(item.node, f.reader(), item.path);
    out.schedule.push_back(read_group_action(s));
  }
  for (const document::Item& item : f.list("instanceRefresh", "rolling replacements of all instances")) {
    Fields r(item.node, f.reader(), item.path);
    PlannedRefresh p;
    p.at = r.required_duration("at", "after the start of the counted window", {Duration{}, std::nullopt});
    p.refresh.min_healthy_percent = r.integer("minHealthyPercentage", 90, "EC2 Auto Scaling API default",
                                              "of the desired capacity that stays in service", {0, 100});
    p.refresh.max_healthy_percent = r.integer("maxHealthyPercentage", 100, "EC2 Auto Scaling API default",
                                              "above 100: launches before it terminates", {100, 200});
    p.refresh.instance_warmup = r.duration("instanceWarmup", Duration{}, "the group's health check grace period, 0",
                                           "before a new instance counts", {Duration{}, hours(6)});
    for (const std::string& text :
         r.texts("checkpointPercentages", "percent of the instances, ascending: a pause after each")) {
      std::int64_t value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      const bool good = error == std::errc{} && end == text.data() + text.size() && value >= 1 && value <= 100;
      if (!good || (!p.refresh.checkpoints.empty() && value <= p.refresh.checkpoints.back())) {
        r.error("checkpointPercentages", "checkpoints are whole percents from 1 to 100, each above the one before",
                "[20, 50, 100]");
        break;
      }
      p.refresh.checkpoints.push_back(value);
    }
    p.refresh.checkpoint_delay = r.duration("checkpointDelay", hours(1), "EC2 Auto Scaling API default",
                                            "pause at a checkpoint", {Duration{}, hours(48)});
    p.refresh.auto_rollback = r.boolean("autoRollback", false, "EC2 Auto Scaling API default",
                                        "a failed refresh is undone: instances with the machine image before it");
    p.refresh.alarms = r.texts("alarms", "CloudWatch alarms of the column; one in ALARM makes the refresh fail");
    p.refresh.bake_time = r.duration("bakeTime", Duration{}, "EC2 Auto Scaling API default",
                                     "after the last instance, while alarms still count", {Duration{}, hours(48)});
    if (p.refresh.max_healthy_percent - p.refresh.min_healthy_percent > 100)
      r.error("maxHealthyPercentage", "minHealthyPercentage and maxHealthyPercentage may differ by 100 at most");
    out.refreshes.push_back(p);
  }
  if (auto pool = f.optional_child("warmPool", "instances prepared beside the group: {poolState, minSize, ...}")) {
    out.warm_pool = read_warm_pool(*pool);
    if (out.uses_spot() && !f.describing())
      f.error("warmPool", "a group with Spot Instances cannot have a warm pool", "leave warmPool or spot out");
  }
  for (const document::Item& w : f.map("weightedCapacity", "units of min, max and desired that a type counts for")) {
    const auto units = document::read_value<std::int64_t>(w.node, f.reader(), w.path, "", {1, 999});
    if (units) out.weights.emplace_back(w.name, *units);
  }
  out.default_cooldown = f.duration("defaultCooldown", seconds(300), "EC2 Auto Scaling API default",
                                    "after an activity of a simple scaling policy", {Duration{}, hours(24)});
  out.default_warmup = f.optional_duration("defaultInstanceWarmup",
                                           "before a new instance counts for step scaling; default the cooldown",
                                           {Duration{}, hours(1)});
  return out;
}

void GroupFields::apply(AutoScalingGroupConfig& config, Time window_start, const Names& names,
                        EpochSeconds calendar) const {
  config.calendar = calendar;
  config.warm_pool = warm_pool;
  for (LaunchOption& option : config.options) {
    for (const auto& [type, units] : weights) {
      if (names.text(option.node.instance_type) == type) option.weight = units;
    }
  }
  config.distribution = distribution;
  config.termination = termination;
  config.zone_rebalance = zone_rebalance;
  config.capacity_rebalance = capacity_rebalance;
  config.health_check_grace = health_check_grace;
  config.max_lifetime = max_lifetime;
  config.hooks = hooks;
  config.schedule = schedule;
  for (GroupAction& a : config.schedule) {
    if (!a.on_calendar) a.at += window_start - kTimeZero;
  }
  config.refreshes = refreshes;
  for (PlannedRefresh& r : config.refreshes) r.at += window_start - kTimeZero;
}

}  // namespace plimsoll::aws
