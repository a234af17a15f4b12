#include "models/kubernetes/metrics/prometheus.h"

#include <doctest/doctest.h>

#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

struct Bench {
  explicit Bench(PrometheusParameters p = {}) : world(small_world(hours(6))) {
    web = add_workload(world, "web", 500, 64);
    auto s = std::make_unique<Prometheus>(p);
    prometheus = s.get();
    world.attach(std::move(s));
    auto t = std::make_unique<Script>();
    script = t.get();
    world.attach(std::move(t));
  }
  QueryId query(const char* text, Duration range = {}) {
    const std::vector<std::string> names = {"web"};
    return prometheus->add_query(std::make_shared<const MetricExpression>(*MetricExpression::parse(text, names).value),
                                 {web}, range);
  }
  World world;
  WorkloadId web;
  Prometheus* prometheus = nullptr;
  Script* script = nullptr;
};

TEST_CASE("a rate needs two scrapes, and averages over its range") {
  Bench b;
  const QueryId rate = b.query("web.arrived"), wide = b.query("web.arrived", seconds(300));
  // 10 requests/s, from 600 s on 40.
  for (std::int64_t s = 0; s < 1200; ++s) {
    b.script->at(at_s(s),
                 [id = b.web, s](World& w) { w.usage[id.index()].arrived += (s < 600 ? 10 : 40) * 1'000'000; });
  }
  b.world.run_until(at_s(59));
  CHECK_FALSE(b.prometheus->value(rate, b.world.now()).has_value());
  b.world.run_until(at_s(599));
  CHECK(b.prometheus->value(rate, b.world.now()) == 10);
  CHECK(b.prometheus->value(wide, b.world.now()) == 10);
  b.world.run_until(at_s(719));
  // Both scrapes of the short range are after the step; the long range mixes old and new.
  CHECK(b.prometheus->value(rate, b.world.now()) == 40);
  CHECK(*b.prometheus->value(wide, b.world.now()) > 10);
  CHECK(*b.prometheus->value(wide, b.world.now()) < 40);
  b.world.run_until(at_s(1199));
  CHECK(b.prometheus->value(wide, b.world.now()) == 40);
  CHECK(b.prometheus->last_scrape() > at_s(1138));
  CHECK(b.prometheus->last_scrape() - b.prometheus->scrape_before_last() == seconds(60));
}

TEST_CASE("gauges are those of the last scrape") {
  Bench b;
  const QueryId backlog = b.query("web.backlog * 2");
  b.script->at(at_s(100), [id = b.web](World& w) { w.usage[id.index()].backlog = 7'000'000; });
  b.world.run_until(at_s(300));
  CHECK(b.prometheus->value(backlog, b.world.now()) == 14);
}

TEST_CASE("equal queries are one") {
  Bench b;
  const std::vector<std::string> names = {"web"};
  const auto e = std::make_shared<const MetricExpression>(*MetricExpression::parse("web.cpu", names).value);
  CHECK(b.prometheus->add_query(e, {b.web}, {}) == b.prometheus->add_query(e, {b.web}, seconds(120)));
  CHECK(b.prometheus->add_query(e, {b.web}, {}) != b.prometheus->add_query(e, {b.web}, seconds(300)));
}

TEST_CASE("its memory follows the series, also of pods that ended in the last two hours") {
  PrometheusParameters p;
  p.series_per_pod = 100;
  p.series_per_node = 1000;
  p.base = mebibytes(100);
  p.per_series = Bytes{kKiB};
  Bench b(p);
  const WorkloadId self = add_workload(b.world, "prometheus", 500, 1024);
  b.prometheus->runs_as(self);
  const NodeId node = ready_node(b.world, 8000, 8192);
  for (int i = 0; i < 5; ++i) {
    const PodId pod = b.world.create_pod(i == 0 ? self : b.web);
    b.world.bind_pod(pod, node);
    b.world.pod_started(pod);
    if (i == 0) b.world.pod_ready(pod);
  }
  b.world.run_until(at_s(100));
  CHECK(b.prometheus->series() == 1500);
  CHECK(b.world.workload(self).memory_used == mebibytes(100) + Bytes{1500 * kKiB});
  for (int i = 1; i < 4; ++i) b.world.pod_ended(PodId{i}, plimsoll::Reason::scale_in);
  b.world.run_until(at_s(300));
  CHECK(b.prometheus->series() == 1500);  // the head still knows them
  b.world.run_until(at_s(100 + 2 * 3600 + 61));
  CHECK(b.prometheus->series() == 1200);
  CHECK(b.prometheus->peak_series() == 1500);
}

TEST_CASE("while its pod does not run there are neither scrapes nor answers, and old samples come back with it") {
  Bench b;
  const WorkloadId self = add_workload(b.world, "prometheus", 500, 1024);
  b.prometheus->runs_as(self);
  const QueryId rate = b.query("web.arrived", seconds(600));
  const NodeId node = ready_node(b.world, 8000, 8192);
  for (std::int64_t s = 0; s < 2000; ++s)
    b.script->at(at_s(s), [id = b.web](World& w) { w.usage[id.index()].arrived += 10'000'000; });
  b.world.run_until(at_s(300));
  CHECK_FALSE(b.prometheus->value(rate, b.world.now()).has_value());
  CHECK(b.prometheus->last_scrape() == kTimeZero);
  const PodId pod = b.world.create_pod(self);
  b.world.bind_pod(pod, node);
  b.world.pod_started(pod);
  b.world.pod_ready(pod);
  b.world.run_until(at_s(480));
  CHECK(b.prometheus->value(rate, b.world.now()) == 10);
  const Time before = b.prometheus->last_scrape();
  b.world.pod_unready(pod, plimsoll::Reason::unhealthy);
  b.world.run_until(at_s(700));
  CHECK_FALSE(b.prometheus->value(rate, b.world.now()).has_value());
  CHECK(b.prometheus->last_scrape() == before);
  b.world.pod_ready(pod);
  b.world.run_until(at_s(761));
  // One scrape since, and those from before the gap are in range: a rate at once.
  CHECK(b.prometheus->last_scrape() > at_s(700));
  CHECK(b.prometheus->value(rate, b.world.now()) == 10);
}

TEST_CASE("a limit below its series kills it again and again") {
  PrometheusParameters p;
  p.series_per_node = 1000;
  p.base = mebibytes(100);
  Bench b(p);
  b.world.host_profiles.assign(2, plain_host());
  const WorkloadId self = add_workload(b.world, "prometheus", 500, 1024);
  RestartRule rule;
  rule.kind = RestartRule::Kind::backoff;
  b.world.edit_workload(self).restart = rule;
  b.world.edit_workload(self).memory_limit = mebibytes(101);  // 128 series of 8 KiB fit
  b.prometheus->runs_as(self);
  b.world.attach(std::make_unique<HostAgent>());
  const NodeId node = ready_node(b.world, 8000, 8192);
  b.world.bind_pod(b.world.create_pod(self), node);
  b.world.run_until(at_s(1200));
  CHECK(count_facts(b.world, Fact::pod_failed) >= 3);
  CHECK(b.world.pod(PodId{0}).restarts >= 2);
}

}  // namespace
}  // namespace plimsoll::kubernetes
