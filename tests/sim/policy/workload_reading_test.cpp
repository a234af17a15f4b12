#include "sim/policy/workload_reading.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll {
namespace {

using namespace testing;

TEST_CASE("measures between two readings") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 500, 1024, 3);
  Workload& w = world.edit_workload(web);
  w.memory_used = mebibytes(100);
  w.memory_per_request = mebibytes(2);
  WorkloadReading a = read_workload(world, web);
  WorkloadReading b = a;
  b.at = at_s(10);
  b.usage.arrived = 500'000'000;  // 500 requests in 10 s
  b.usage.served = 400'000'000;
  b.usage.lost = 20'000'000;
  b.usage.backlog = 80'000'000;
  b.usage.cpu_serving = static_cast<__int128>(2) * kCpuTicksPerVcpu * 10'000'000;  // 2 cores
  b.usage.cpu_starting = static_cast<__int128>(kCpuTicksPerVcpu) * 5'000'000;      // and one for half of the time
  b.usage.started_time = 3 * 10'000'000;                                           // 3 pods
  // 400 requests of 0.25 s each: 10 in flight.
  b.usage.in_flight = static_cast<__int128>(400'000'000) * 250'000;
  b.serving = 2;
  b.started = 3;
  CHECK(measure(Measure::arrived, w, a, b) == 50);
  CHECK(measure(Measure::served, w, a, b) == 40);
  CHECK(measure(Measure::lost, w, a, b) == 2);
  CHECK(measure(Measure::backlog, w, a, b) == 80);
  CHECK(measure(Measure::in_flight, w, a, b) == 10);
  CHECK(measure(Measure::cpu, w, a, b) == 2.5);
  CHECK(measure(Measure::memory, w, a, b) == static_cast<double>(320 * kMiB));  // 3 x 100 + 10 x 2
  CHECK(measure(Measure::replicas, w, a, b) == 2);
  CHECK(measure(Measure::running, w, a, b) == 3);
  CHECK(measure(Measure::desired, w, a, b) == 3);
  CHECK(measure(Measure::arrived, w, a, a) == 0);
  CHECK(mean_memory(w, b, b) == 0);
}

TEST_CASE("a reading counts who runs, who waits and who is wanted") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 500, 64, 2);
  const NodeId node = ready_node(world, 4000, 8192);
  const PodId pod = world.create_pod(web);
  world.create_pod(web);
  world.bind_pod(pod, node);
  world.pod_started(pod);
  const WorkloadReading r = read_workload(world, web);
  CHECK(r.started == 1);
  CHECK(r.pending == 1);
  CHECK(r.serving == 0);
  CHECK(r.desired == 2);
}

}  // namespace
}  // namespace plimsoll
