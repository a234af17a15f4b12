#include "models/kubernetes/metrics/metrics_server.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

TEST_CASE("metrics are the difference of two counter readings") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 500, 64);
  world.edit_workload(web).memory_used = mebibytes(100);
  world.edit_workload(web).memory_per_request = mebibytes(2);
  MetricsServer server;
  server.read_counters(world);
  server.scrape(world);
  CHECK(!server.metric(web).valid);
  Usage& u = world.usage[web.index()];
  u.cpu_serving = static_cast<__int128>(3) * cpu_millis(250).raw() * 10'000'000;
  u.serving_time = static_cast<__int128>(3) * 10'000'000;
  u.in_flight = static_cast<__int128>(15) * 1'000'000 * 10'000'000;  // 15 requests at a time in three pods
  server.scrape(world);                                              // no new reading yet
  CHECK(!server.metric(web).valid);
  server.read_counters(world);
  server.scrape(world);
  CHECK(server.metric(web).valid);
  CHECK(server.metric(web).milli == 250);
  CHECK(server.metric(web).memory_milli == 110 * kMiB * 1000);  // 100 and 5 x 2
  CHECK(server.metric(web).idle_memory_milli == 100 * kMiB * 1000);
}

}  // namespace
}  // namespace plimsoll::kubernetes
