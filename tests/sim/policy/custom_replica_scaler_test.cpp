#include "sim/policy/custom_replica_scaler.h"

#include <doctest/doctest.h>

namespace plimsoll {
namespace {

/// One replica more at each call, counted in the state.
std::int64_t one_more(const plimsoll_replicas* seen, const plimsoll_draws* draws, plimsoll_state* state) {
  CHECK(draws->count == 4);
  CHECK(seen->target_cpu_percent == 60);
  CHECK(seen->cpu_used_milli == -1);  // nothing serves
  return seen->minimum + ++state->bytes[0];
}

CustomPolicyPtr policy() {
  plimsoll_policy table{};
  table.size = sizeof table;
  table.kind = PLIMSOLL_REPLICA_SCALER;
  table.name = "one-more";
  table.call.scaler = one_more;
  return std::make_shared<CustomPolicy>(&table, "test.so", nullptr);
}

TEST_CASE("a replica scaler is called once a period, its answer is clamped, its state goes with the world") {
  World world(7, kTimeZero, kTimeZero + minutes(10));
  Workload w;
  w.name = world.names.intern("web");
  w.minimum = 2;
  w.maximum = 5;
  const WorkloadId id = world.add_workload(std::move(w));
  auto scalers = std::make_unique<CustomReplicaScalers>();
  scalers->scale(id, policy(), percent(60), minutes(1));
  world.attach(std::move(scalers));
  world.run_until(kTimeZero + minutes(2));  // calls at an offset within the first minute, then every minute
  CHECK(world.workload(id).desired == 4);
  World copy = world;
  world.run_until(kTimeZero + minutes(3));
  copy.run_until(kTimeZero + minutes(3));
  CHECK(world.workload(id).desired == 5);
  CHECK(copy.hash.value() == world.hash.value());
  world.run_until(kTimeZero + minutes(9));
  CHECK(world.workload(id).desired == 5);
}

}  // namespace
}  // namespace plimsoll
