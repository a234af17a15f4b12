// Also tests: replica_scaler_call
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

/// The first draw, thirty bits of it.
std::int64_t first_draw(const plimsoll_replicas*, const plimsoll_draws* draws, plimsoll_state*) {
  return static_cast<std::int64_t>(draws->values[0] >> 34);
}

TEST_CASE("two callers of one workload draw apart; a second call at one instant draws on and is answered") {
  World world(7, kTimeZero, kTimeZero + minutes(10));
  Workload w;
  w.name = world.names.intern("web");
  w.maximum = std::int64_t{1} << 30;
  const WorkloadId id = world.add_workload(std::move(w));
  plimsoll_policy table{};
  table.size = sizeof table;
  table.kind = PLIMSOLL_REPLICA_SCALER;
  table.name = "first-draw";
  table.call.scaler = first_draw;
  const auto draw = std::make_shared<CustomPolicy>(&table, "test.so", nullptr);
  ReplicaScalerCall one(draw, id, percent(60), hash_text("workload"));
  ReplicaScalerCall other(draw, id, percent(60), hash_text("event-rule-policy"));
  ReplicaScalerCall again(draw, id, percent(60), hash_text("workload"));
  const std::int64_t first = one.ask(world);
  CHECK(again.ask(world) == first);
  CHECK(other.ask(world) != first);
  CHECK(one.ask(world) != first);  // the next call's numbers
}

}  // namespace
}  // namespace plimsoll
