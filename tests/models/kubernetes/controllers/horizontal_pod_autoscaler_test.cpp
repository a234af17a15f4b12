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
  CHECK(b.desired_at(1300) == 4);   // ceil(10 x 20 / 60)
  CHECK(b.desired_at(1900) == 2);   // and from there, one window later, ceil(4 x 20 / 60)
}

TEST_CASE("within the tolerance of a tenth nothing changes") {
  Bench b([](std::int64_t) { return 325; });  // 65 %: ratio 1.083
  CHECK(b.desired_at(2300) == 2);
}

/// A workload of pods that are in traffic at once, under an HPA on something else than CPU.
struct MetricBench {
  explicit MetricBench(std::vector<HpaMetric> metrics, std::int64_t minimum = 2) : world(small_world(minutes(40))) {
    web = add_workload(world, "web", 500, 1000, 2);
    Workload& w = world.edit_workload(web);
    w.minimum = minimum;
    w.maximum = 10;
    w.memory_used = mebibytes(200);
    auto p = std::make_unique<Prometheus>(PrometheusParameters{seconds(15), seconds(30)});
    const std::vector<std::string> names = {"web"};
    const QueryId arrived = p->add_query(
        std::make_shared<const MetricExpression>(*MetricExpression::parse("web.arrived", names).value), {web}, {});
    const HandlerId handler = world.attach(std::move(p));
    for (HpaMetric& m : metrics) {
      if (m.kind != MetricKind::resource) m.query = arrived;
    }
    auto hpa = std::make_unique<HorizontalPodAutoscalers>(MetricsPipeline{}, handler, 0);
    HpaParameters parameters;
    parameters.metrics = std::move(metrics);
    hpa->autoscale(web, parameters);
    world.attach(std::move(hpa));
    auto s = std::make_unique<Script>();
    const NodeId node = ready_node(world, 32'000, 65'536);
    for (std::int64_t t = 0; t < 2400; ++t) {
      s->at(
          at_s(t),
          [this, node, t](World& at) {
            while (static_cast<std::int64_t>(at.workload(web).serving) < at.workload(web).desired) {
              const PodId pod = at.create_pod(web);
              CHECK(at.bind_pod(pod, node) == Applied::yes);
              at.pod_started(pod);
              at.pod_ready(pod);
              at.pod_serving(pod);
            }
            while (static_cast<std::int64_t>(at.workload(web).serving) > at.workload(web).desired) {
              at.pod_ended(at.workload(web).pods.front(), plimsoll::Reason::scale_in);
            }
            Usage& u = at.usage[web.index()];
            const auto pods = static_cast<__int128>(at.workload(web).serving);
            u.cpu_serving += pods * cpu_millis(100).raw() * 1'000'000;
            u.serving_time += pods * 1'000'000;
            u.arrived += rate(t) * 1'000'000;
          },
          Phase::load);
    }
    world.attach(std::move(s));
  }
  std::int64_t desired_at(std::int64_t s) {
    world.run_until(at_s(s));
    return world.workload(web).desired;
  }

  World world;
  WorkloadId web;
  std::function<std::int64_t(std::int64_t)> rate = [](std::int64_t) { return 0; };
};

TEST_CASE("memory counts what a pod holds over what it asks for") {
  MetricBench b({{MetricKind::resource, true, TargetType::utilization, 10, {}, {}}});
  // 200 of 1000 MiB are 20 %: twice as many, and again, since more pods do not hold less.
  CHECK(b.desired_at(600) == 10);
  MetricBench calm({{MetricKind::resource, true, TargetType::average_value, 210 * kMiB * 1000, {}, {}}});
  CHECK(calm.desired_at(600) == 2);
}

TEST_CASE("pods, external and object metrics come through Prometheus") {
  const auto settled = [](MetricKind kind, TargetType type, std::int64_t target) {
    MetricBench b({{kind, false, type, target * 1000, {}, {}}});
    b.rate = [](std::int64_t) { return 60; };
    return b.desired_at(1200);
  };
  CHECK(settled(MetricKind::pods, TargetType::average_value, 10) == 6);
  CHECK(settled(MetricKind::external, TargetType::average_value, 10) == 6);
  // Value: the ratio times the ready pods, until the maximum.
  CHECK(settled(MetricKind::object, TargetType::value, 30) == 10);
  CHECK(settled(MetricKind::external, TargetType::value, 60) == 2);
}

TEST_CASE("of several metrics the one that asks for most decides") {
  MetricBench b({HpaMetric::cpu(20), {MetricKind::external, false, TargetType::average_value, 20'000, {}, {}}});
  b.rate = [](std::int64_t s) { return s < 900 ? 140 : 0; };
  CHECK(b.desired_at(890) == 7);   // 140 / 20; CPU is at its target of 100m
  CHECK(b.desired_at(2300) == 7);  // CPU still asks for as many as there are
}

TEST_CASE("to zero and back from it") {
  MetricBench b({{MetricKind::external, false, TargetType::average_value, 20'000, {}, {}}}, 0);
  b.rate = [](std::int64_t s) { return s < 600 || s > 1500 ? 100 : 0; };
  CHECK(b.desired_at(590) == 5);
  CHECK(b.desired_at(1400) == 0);
  CHECK(b.desired_at(1700) == 5);
  // With a minimum above zero a size of zero switches the autoscaler off.
  MetricBench off({HpaMetric::cpu(20)}, 1);
  off.world.set_desired(off.web, 0);
  CHECK(off.desired_at(900) == 0);
}

TEST_CASE("a cron trigger asks for its replicas") {
  const auto cron = [](const char* text) { return *CronSchedule::parse(text, KubernetesVersion::current).value; };
  HpaMetric m{MetricKind::external, false, TargetType::average_value, 1000, {}, {}};
  m.cron = CronTrigger{cron("10 0 * * *"), cron("20 0 * * *"), {}, 7};
  MetricBench b({m});
  CHECK(b.desired_at(590) == 2);
  CHECK(b.desired_at(660) == 7);
  CHECK(b.desired_at(1190) == 7);
  CHECK(b.desired_at(1600) == 2);  // after the stabilisation window
}

TEST_CASE("a patch of the bounds takes effect a little after its minute") {
  Bench b([](std::int64_t) { return 300; });
  auto* hpas = b.world.find_component<HorizontalPodAutoscalers>();
  BoundsPatch patch{*CronSchedule::parse("10 * * * *", KubernetesVersion::current).value, {}, 6, {}};
  hpas->patch(b.web, patch, seconds(15));
  CHECK(b.desired_at(614) == 2);
  CHECK(b.desired_at(631) == 6);
}

}  // namespace
}  // namespace plimsoll::kubernetes
