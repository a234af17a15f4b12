#include "models/aws/autoscaling/group_fields.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::aws {
namespace {

GroupFields read(const std::string& text, std::string& complaints) {
  document::Diagnostics diagnostics;
  const document::Node root = document::load_text(text, "s.yaml", diagnostics).front();
  GroupFields out;
  {
    document::Fields f(root, diagnostics, "asg");
    out = GroupFields::read(f, AllocationStrategy::lowest_price, false);
  }
  complaints = diagnostics.text();
  return out;
}

TEST_CASE("every key lands in the group's configuration") {
  std::string complaints;
  const GroupFields g = read(R"(spot: 60%
onDemandBaseCapacity: 2
spotAllocationStrategy: price-capacity-optimized
onDemandAllocationStrategy: lowest-price
terminationPolicies: [OldestInstance, Default]
azRebalance: false
capacityRebalance: true
healthCheckGracePeriod: 300s
maxInstanceLifetime: 168h
lifecycleHooks:
  - {lifecycleTransition: launching, heartbeatTimeout: 10m, defaultResult: CONTINUE, work: 40s}
scheduledActions:
  - {at: 2h, every: 24h, min: 4}
instanceRefresh:
  - {at: 4h, maxHealthyPercentage: 110}
)",
                             complaints);
  CHECK(complaints == "");
  AutoScalingGroupConfig c;
  g.apply(c, kTimeZero + hours(1), Names{});
  CHECK(c.distribution.on_demand_percent == 40);
  CHECK(c.distribution.on_demand_base == 2);
  CHECK(c.distribution.spot_strategy == AllocationStrategy::price_capacity_optimized);
  CHECK(c.distribution.on_demand_strategy == AllocationStrategy::lowest_price);
  CHECK(c.termination ==
        std::vector<TerminationPolicy>{TerminationPolicy::oldest_instance, TerminationPolicy::default_policy});
  CHECK_FALSE(c.zone_rebalance);
  CHECK(c.capacity_rebalance);
  CHECK(c.health_check_grace == seconds(300));
  CHECK(c.max_lifetime == hours(168));
  REQUIRE(c.hooks.size() == 1);
  CHECK(c.hooks[0].launching);
  CHECK(c.hooks[0].default_continue);
  CHECK(c.hooks[0].heartbeat == minutes(10));
  REQUIRE(c.schedule.size() == 1);
  CHECK(c.schedule[0].at == hours(3));  // an hour of warm-up before the window
  CHECK(c.schedule[0].every == hours(24));
  CHECK(c.schedule[0].minimum == 4);
  CHECK_FALSE(c.schedule[0].desired.has_value());
  REQUIRE(c.refreshes.size() == 1);
  CHECK(c.refreshes[0].at == hours(5));
  CHECK(c.refreshes[0].refresh.min_healthy_percent == 90);
  CHECK(c.refreshes[0].refresh.max_healthy_percent == 110);
}

TEST_CASE("pools belong to lowest-price, and a hook waits two hours at most") {
  std::string complaints;
  read("spotInstancePools: 4\n", complaints);
  CHECK(complaints == "");
  read("spotInstancePools: 4\nspotAllocationStrategy: capacity-optimized\n", complaints);
  CHECK(complaints.find("valid only when the spotAllocationStrategy is lowest-price") != std::string::npos);
  read("lifecycleHooks: [{lifecycleTransition: launching, heartbeatTimeout: 7201s}]\n", complaints);
  CHECK(complaints.find("must be between 30s and 2h, not '7201s'") != std::string::npos);
}

TEST_CASE("spot is true, false or a share") {
  std::string complaints;
  CHECK(read("spot: true\n", complaints).distribution.on_demand_percent == 0);
  CHECK(read("spot: false\n", complaints).distribution.on_demand_percent == 100);
  CHECK_FALSE(read("min: 1\n", complaints).uses_spot());
}

TEST_CASE("what the API refuses is refused") {
  std::string complaints;
  read("spot: 2.5%\n", complaints);
  CHECK(complaints.find("whole number of percent") != std::string::npos);
  read("terminationPolicies: [Default, OldestInstance]\n", complaints);
  CHECK(complaints.find("Default must be the last") != std::string::npos);
  read("terminationPolicies: [OldestLaunchConfiguration]\n", complaints);
  CHECK(complaints.find("OldestLaunchConfiguration chooses nothing") != std::string::npos);
  read("terminationPolicies: [Oldest]\n", complaints);
  CHECK(complaints.find("unknown termination policy 'Oldest'") != std::string::npos);
  read("spotAllocationStrategy: prioritized\n", complaints);
  CHECK(complaints.find("unknown allocation strategy") != std::string::npos);
  read("maxInstanceLifetime: 2h\n", complaints);
  CHECK(complaints.find("at least 1 day") != std::string::npos);
  read("scheduledActions: [{at: 1h}]\n", complaints);
  CHECK(complaints.find("sets min, max or desired") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::aws
