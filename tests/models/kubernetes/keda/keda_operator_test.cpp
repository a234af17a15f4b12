#include "models/kubernetes/keda/keda_operator.h"

#include <doctest/doctest.h>

#include <functional>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

CronSchedule cron(const char* text) { return *CronSchedule::parse(text, KubernetesVersion::current).value; }

using Changes = std::vector<std::pair<std::int64_t, std::int64_t>>;  // minute, new desired count

/// A target under a cron trigger from minute 20 to minute 40 of a Monday. `more`: further fields of the target.
Changes run(std::int64_t minimum, std::optional<std::int64_t> idle, std::int64_t desired,
            const std::function<void(KedaTarget&)>& more = {}) {
  World world = small_world(minutes(60));
  const WorkloadId web = add_workload(world, "web", 500, 64, desired);
  auto keda = std::make_unique<KedaOperator>(HandlerId{}, *parse_instant("2026-01-05"));
  KedaTarget t;
  t.workload = web;
  t.minimum = minimum;
  t.idle = idle;
  ActivationTrigger trigger;
  trigger.cron = CronTrigger{cron("20 * * * *"), cron("40 * * * *"), {}, 5};
  t.triggers.push_back(std::move(trigger));
  if (more) more(t);
  keda->manage(std::move(t));
  world.attach(std::move(keda));
  world.run();
  Changes out;
  for (const FactRecord& f : world.log) {
    if (f.fact == Fact::desired_changed) out.emplace_back(to_microseconds(f.at) / 60'000'000, f.value);
  }
  return out;
}

TEST_CASE("from zero while active, back to zero after the cooldown") {
  // Polled every 30 s: active from minute 20, for the last time shortly before 40; 300 s later it is idle.
  CHECK(run(0, {}, 0) == Changes{{20, 1}, {45, 0}});
  CHECK(run(0, {}, 3) == Changes{{0, 0}, {20, 1}, {45, 0}});
}

TEST_CASE("a minimum above zero is left to the HPA") { CHECK(run(2, {}, 4) == Changes{}); }

TEST_CASE("the least count is restored while idle") { CHECK(run(2, {}, 1) == Changes{{0, 2}}); }

TEST_CASE("an idle count below the minimum is kept while nothing is active") {
  CHECK(run(4, 1, 4) == Changes{{0, 1}, {20, 4}, {45, 1}});
}

TEST_CASE("a paused target is set to its paused replicas once, and then left alone") {
  const auto paused = [](std::int64_t count) { return [count](KedaTarget& t) { t.paused_replicas = count; }; };
  CHECK(run(0, {}, 1, paused(4)) == Changes{{0, 4}});
  CHECK(run(0, {}, 3, paused(0)) == Changes{{0, 0}});  // not woken at minute 20
  CHECK(run(2, 1, 4, paused(4)) == Changes{});
}

TEST_CASE("with scale-in paused nothing goes to zero or idle, with scale-out paused nothing comes from there") {
  const auto no_in = [](KedaTarget& t) { t.scales_in = false; };
  const auto no_out = [](KedaTarget& t) { t.scales_out = false; };
  CHECK(run(0, {}, 0, no_in) == Changes{{20, 1}});
  CHECK(run(4, 1, 4, no_in) == Changes{});
  CHECK(run(0, {}, 0, no_out) == Changes{});
  CHECK(run(4, 1, 1, no_out) == Changes{});
  CHECK(run(0, {}, 3, no_out) == Changes{{0, 0}});
}

TEST_CASE("a forced activation keeps the target awake whatever its triggers say") {
  CHECK(run(0, {}, 0, [](KedaTarget& t) { t.force_active = true; }) == Changes{{0, 1}});
}

TEST_CASE("while Prometheus does not run nothing is scaled in, or the fallback holds; an empty answer is zero") {
  struct Case {
    bool down, null_is_error;
    std::int64_t fallback;
    Changes wanted;
  };
  const Case cases[] = {{true, false, 0, {}},          // in error: left as it is
                        {true, false, 6, {{0, 6}}},    // the fallback
                        {false, true, 0, {}},          // too few samples, and that is an error
                        {false, false, 0, {{0, 0}}}};  // too few samples: 0, idle
  for (const Case& c : cases) {
    World world = small_world(minutes(1));
    const WorkloadId web = add_workload(world, "web", 500, 64, 3), self = add_workload(world, "prometheus", 500, 64);
    auto prometheus = std::make_unique<Prometheus>(PrometheusParameters{});
    if (c.down) prometheus->runs_as(self);
    const std::vector<std::string> names = {"web"};
    const QueryId query = prometheus->add_query(
        std::make_shared<const MetricExpression>(*MetricExpression::parse("web.arrived", names).value), {web}, {});
    auto keda = std::make_unique<KedaOperator>(world.attach(std::move(prometheus)), 0);
    KedaTarget t;
    t.workload = web;
    t.fallback_replicas = c.fallback;
    ActivationTrigger trigger;
    trigger.query = query;
    trigger.null_is_error = c.null_is_error;
    t.triggers.push_back(trigger);
    keda->manage(std::move(t));
    world.attach(std::move(keda));
    world.run();
    Changes seen;
    for (const FactRecord& f : world.log) {
      if (f.fact == Fact::desired_changed) seen.emplace_back(to_microseconds(f.at) / 60'000'000, f.value);
    }
    CHECK(seen == c.wanted);
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes
