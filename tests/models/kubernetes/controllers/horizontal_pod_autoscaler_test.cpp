#include "models/kubernetes/controllers/horizontal_pod_autoscaler.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// Two pods of 500m in traffic from the start; each uses what `milli` says, second by second.
struct Bench {
  explicit Bench(std::function<std::int64_t(std::int64_t)> milli) : world(small_world(minutes(40))) {
    web = add_workload(world, "web", 500, 64, 2);
    world.edit_workload(web).maximum = 10;
    auto hpa = std::make_unique<HorizontalPodAutoscalers>(MetricsPipeline{});
    hpa->autoscale(web, HpaParameters{});
    world.attach(std::move(hpa));
    auto script = std::make_unique<Script>();
    const NodeId node = ready_node(world, 32'000, 65'536);
    for (std::int64_t s = 0; s < 2400; ++s) {
      script->at(
          at_s(s),
          [this, node, s, milli](World& w) {
            // As many pods in traffic as are wanted, at once.
            while (static_cast<std::int64_t>(w.workload(web).serving) < w.workload(web).desired) {
              const PodId pod = w.create_pod(web);
              CHECK(w.bind_pod(pod, node) == Applied::yes);
              w.pod_started(pod);
              w.pod_ready(pod);
              w.pod_serving(pod);
            }
            while (static_cast<std::int64_t>(w.workload(web).serving) > w.workload(web).desired) {
              w.pod_ended(w.workload(web).pods.front(), plimsoll::Reason::scale_in);
            }
            Usage& u = w.usage[web.index()];
            const auto pods = static_cast<__int128>(w.workload(web).serving);
            u.cpu_serving += pods * cpu_millis(milli(s)).raw() * 1'000'000;
            u.serving_time += pods * 1'000'000;
          },
          Phase::load);
    }
    world.attach(std::move(script));
  }
  std::int64_t desired_at(std::int64_t s) {
    world.run_until(at_s(s));
    return world.workload(web).desired;
  }

  World world;
  WorkloadId web;
};

TEST_CASE("use above the target is answered through the real delays of the pipeline") {
  // 450m of 500m is 90 %; at 60 %: ceil(2 x 90 / 60) = 3, and the same share of more pods asks for more again.
  Bench b([](std::int64_t s) { return s < 600 ? 300 : 450; });
  CHECK(b.desired_at(600) == 2);  // exactly at the target
  CHECK(b.desired_at(610) == 2);  // no counter has been read and scraped yet
  CHECK(b.desired_at(660) >= 3);
  CHECK(b.desired_at(2300) == 10);  // the maximum
}

TEST_CASE("scale-down waits for its stabilisation window") {
  Bench b([](std::int64_t s) { return s < 900 ? 600 : 100; });
  CHECK(b.desired_at(899) == 10);
  CHECK(b.desired_at(1190) == 10);  // within five minutes the highest recommendation holds
  CHECK(b.desired_at(1300) == 4);  // ceil(10 x 20 / 60)
  CHECK(b.desired_at(1900) == 2);  // and from there, one window later, ceil(4 x 20 / 60)
}

TEST_CASE("within the tolerance of a tenth nothing changes") {
  Bench b([](std::int64_t) { return 325; });  // 65 %: ratio 1.083
  CHECK(b.desired_at(2300) == 2);
}

TEST_CASE("metrics are the difference of two counter readings") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 500, 64);
  MetricsServer server;
  server.read_counters(world);
  server.scrape(world);
  CHECK(!server.metric(web).valid);
  world.usage[web.index()].cpu_serving = static_cast<__int128>(3) * cpu_millis(250).raw() * 10'000'000;
  world.usage[web.index()].serving_time = static_cast<__int128>(3) * 10'000'000;
  server.scrape(world);  // no new reading yet
  CHECK(!server.metric(web).valid);
  server.read_counters(world);
  server.scrape(world);
  CHECK(server.metric(web).valid);
  CHECK(server.metric(web).milli == 250);
}

}  // namespace
}  // namespace plimsoll::kubernetes
