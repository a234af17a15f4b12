#include "models/aws/autoscaling/termination_policy.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws;

namespace {

GroupInstance instance(std::string_view id, std::string_view zone, std::int64_t version, std::int64_t age,
                       std::int64_t to_hour) {
  GroupInstance g;
  g.id = id;
  g.zone = zone;
  g.launch_version = version;
  g.age = seconds(age);
  g.to_next_billing_hour = seconds(to_hour);
  return g;
}

std::string_view victim(std::vector<GroupInstance> all, std::vector<TerminationPolicy> policies,
                        SurplusSide side = SurplusSide::none) {
  const auto i = choose_termination(all, policies, side, [](std::size_t) { return 0; });
  return i ? all[*i].id : "none";
}

}  // namespace

TEST_CASE("the fullest zone comes first, then the policy inside it") {
  std::vector<GroupInstance> all = {instance("a1", "a", 1, 7200, 600), instance("a2", "a", 2, 3600, 60),
                                    instance("b1", "b", 1, 7200, 30)};
  CHECK(victim(all, {TerminationPolicy::default_policy}) == "a1");
  CHECK(victim(all, {TerminationPolicy::newest_instance}) == "a2");
  CHECK(victim(all, {TerminationPolicy::closest_to_next_instance_hour}) == "a2");
  all[0].is_protected = true;
  CHECK(victim(all, {TerminationPolicy::default_policy}) == "a2");
  all[1].is_protected = all[2].is_protected = true;
  CHECK(victim(all, {TerminationPolicy::default_policy}) == "none");
}

TEST_CASE("the default policy narrows by side, launch configuration, version, then billing hour") {
  std::vector<GroupInstance> all = {instance("x", "a", 2, 10, 5), instance("y", "a", 1, 10, 50),
                                    instance("z", "a", 1, 10, 40)};
  CHECK(victim(all, {TerminationPolicy::default_policy}) == "z");
  all[0].uses_launch_configuration = true;
  CHECK(victim(all, {TerminationPolicy::default_policy}) == "x");
  all[1].spot = true;
  CHECK(victim(all, {TerminationPolicy::default_policy}, SurplusSide::spot) == "y");
  CHECK(victim(all, {TerminationPolicy::allocation_strategy, TerminationPolicy::oldest_instance}, SurplusSide::spot) ==
        "y");
  CHECK(victim(all, {TerminationPolicy::oldest_launch_configuration}) == "x");
  CHECK(victim(all, {TerminationPolicy::oldest_launch_template, TerminationPolicy::default_policy}) == "z");
}

TEST_CASE("of the side that gives way the pool goes that the allocation strategy likes least") {
  std::vector<GroupInstance> all = {instance("cheap", "a", 1, 10, 5), instance("dear", "a", 2, 5, 50),
                                    instance("spot", "a", 2, 5, 60)};
  all[1].strategy_rank = 1;
  all[2].strategy_rank = 2;
  all[2].spot = true;
  CHECK(victim(all, {TerminationPolicy::allocation_strategy}) == "spot");
  CHECK(victim(all, {TerminationPolicy::allocation_strategy}, SurplusSide::on_demand) == "dear");
  CHECK(victim(all, {TerminationPolicy::default_policy}, SurplusSide::on_demand) == "dear");
  CHECK(victim(all, {TerminationPolicy::oldest_launch_template}, SurplusSide::on_demand) == "cheap");
}

TEST_CASE("the last equals are picked by the caller's draw") {
  std::vector<GroupInstance> all = {instance("p", "a", 1, 10, 5), instance("q", "a", 1, 10, 5),
                                    instance("r", "a", 1, 10, 5)};
  const std::vector<TerminationPolicy> policies = {TerminationPolicy::default_policy};
  const auto i = choose_termination(all, policies, SurplusSide::none, [](std::size_t n) { return n - 1; });
  CHECK(i == 2u);
}

TEST_CASE("policies are known by their names in the API") {
  CHECK(termination_policy("OldestInstance") == TerminationPolicy::oldest_instance);
  CHECK_FALSE(termination_policy("oldest").has_value());
}
