#include "models/aws/controllers/service_auto_scaling.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

using Changes = std::vector<std::pair<std::int64_t, std::int64_t>>;  // second, new desired count

constexpr std::int64_t kPercent = 1'000'000;
// 2026-01-05 is a Monday.
const EpochSeconds kMonday = from_civil({2026, 1, 5, 0, 0, 0});

/// Four tasks of one vCPU and 1 GiB, whose use in each minute is told (-1: nothing runs, no datapoint).
struct Bench {
  explicit Bench(Duration span, std::int64_t minimum = 2, std::int64_t maximum = 100) : world(small_world(span)) {
    web = add_workload(world, "web", 1000, 1024, 4);
    Workload& w = world.edit_workload(web);
    w.minimum = minimum;
    w.maximum = maximum;
    w.started = 4;
    auto c = std::make_unique<CloudWatch>(CloudWatchParameters{});
    cw = c.get();
    const HandlerId id = world.attach(std::move(c));
    auto s = std::make_unique<ServiceAutoScaling>(id, kMonday);
    scaling = s.get();
    world.attach(std::move(s));
    auto t = std::make_unique<Script>();
    script = t.get();
    world.attach(std::move(t));
  }
  MetricId metric(MetricName name) {
    MetricSource s;
    s.name = name;
    s.workload = web;
    return cw->metric(s);
  }
  void track(const std::string& name, MetricName what, std::int64_t target, bool no_in = false,
             Duration out_cooldown = seconds(300)) {
    TrackingConfig c;
    c.name = name;
    c.metric = metric(what);
    c.target = target * kPercent;
    c.disable_scale_in = no_in;
    c.scale_out_cooldown = out_cooldown;
    scaling->track(*cw, web, c);
  }
  AlarmId alarm(AlarmComparison comparison, std::int64_t threshold, std::int64_t n = 1) {
    AlarmDefinition d;
    d.comparison = comparison;
    d.threshold = threshold * kPercent;
    d.evaluation_periods = n;
    return cw->add_alarm("user", metric(MetricName::service_cpu), d, Statistic::average);
  }
  void step(AlarmId alarm, std::vector<StepAdjustment> steps, Duration cooldown = seconds(300)) {
    StepConfig c;
    c.rule.steps = std::move(steps);
    c.alarm = alarm;
    c.cooldown = cooldown;
    scaling->step(web, c);
  }
  void use(const std::vector<std::int64_t>& cpu, std::int64_t memory_percent = -1) {
    for (std::size_t m = 0; m < cpu.size(); ++m) {
      const std::int64_t p = cpu[m];
      script->at(kTimeZero + minutes(static_cast<std::int64_t>(m)) + seconds(30), [this, p, memory_percent](World& w) {
        if (p < 0) return;
        Usage& u = w.usage[web.index()];
        const __int128 reserved = static_cast<__int128>(4) * kCpuTicksPerVcpu * 60'000'000;
        u.cpu_reserved += reserved;
        u.cpu_serving += reserved * p / 100;
        u.started_time += 4 * 60'000'000;
        w.edit_workload(web).memory_used = Bytes{kGiB * memory_percent / 100};
      });
    }
  }
  Changes run() {
    world.run();
    Changes out;
    for (const FactRecord& f : world.log) {
      if (f.fact == Fact::desired_changed) out.emplace_back(to_microseconds(f.at) / 1'000'000, f.value);
    }
    return out;
  }

  World world;
  WorkloadId web;
  CloudWatch* cw = nullptr;
  ServiceAutoScaling* scaling = nullptr;
  Script* script = nullptr;
};

/// Target tracking on 60 % CPU: 3 minutes above, 15 below 54 %, cooldowns 5 min, 1 min to publish.
Changes scale(const std::vector<std::int64_t>& cpu, std::int64_t minimum = 2, std::int64_t maximum = 100) {
  Bench b(minutes(static_cast<std::int64_t>(cpu.size()) + 2), minimum, maximum);
  b.track("cpu", MetricName::service_cpu, 60);
  b.use(cpu);
  return b.run();
}

std::vector<std::int64_t> repeat(std::int64_t value, std::size_t n) { return std::vector<std::int64_t>(n, value); }

std::vector<std::int64_t> then(std::vector<std::int64_t> a, const std::vector<std::int64_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST_CASE("three minutes above the target scale out when the third is published") {
  // Minutes end at 60, 120, 180 s and are published a minute later; ceil(4 x 90 / 60) = 6.
  CHECK(scale(repeat(90, 8)) == Changes{{240, 6}});
  CHECK(scale(then(repeat(90, 2), repeat(55, 8))) == Changes{});
  CHECK(scale(repeat(60, 30)) == Changes{});  // at the target
}

TEST_CASE("a larger need is followed at once, within the cooldown too") {
  CHECK(scale(then(repeat(90, 3), repeat(150, 4))) == Changes{{240, 6}, {300, 10}});
}

TEST_CASE("within the cooldown what was added counts, though it runs by then and the metric is of before") {
  // 120 % of 60 %: twice as many. What was asked for runs half a minute later.
  const auto doubled = [](Duration cooldown) {
    Bench b(minutes(11));
    b.track("cpu", MetricName::service_cpu, 60, false, cooldown);
    b.use(repeat(120, 9));
    for (int m = 0; m < 11; ++m)
      b.script->at(kTimeZero + minutes(m) + seconds(45),
                   [&b](World& w) { w.edit_workload(b.web).started = w.workload(b.web).desired; });
    return b.run();
  };
  CHECK(doubled(seconds(300)) == Changes{{240, 8}, {540, 16}});
  CHECK(doubled(minutes(2)) == Changes{{240, 8}, {360, 16}, {480, 32}, {600, 64}});
  CHECK(doubled(Duration{}) == Changes{{240, 8}, {300, 16}, {360, 32}, {420, 64}, {480, 100}});
}

TEST_CASE("a missing minute does not count, and the alarm looks two minutes further back") {
  // Minutes 1, 2 and 4 are the newest three real points when the fourth is published, at 300 s.
  CHECK(scale({90, 90, -1, 90, 90, 90, 55}) == Changes{{300, 6}});
}

TEST_CASE("fifteen minutes below nine tenths of the target scale in, then once a cooldown") {
  // Below from the first minute: the fifteenth is published at 960 s. ceil(4 x 30 / 60) = 2, the minimum.
  CHECK(scale(repeat(30, 30)) == Changes{{960, 2}});
  // From 4 to ceil(4 x 45 / 60) = 3 at 960 s, and after the cooldown of 300 s to ceil(3 x 45 / 60) = 3: no change.
  CHECK(scale(repeat(45, 30)) == Changes{{960, 3}});
  // With a minimum of 1 it goes on: 2 at 960 s, 1 at 1260 s.
  CHECK(scale(repeat(30, 30), 1) == Changes{{960, 2}, {1260, 1}});
  // Between 54 % and 60 % nothing happens.
  CHECK(scale(repeat(55, 40)) == Changes{});
}

TEST_CASE("the maximum binds") { CHECK(scale(repeat(300, 8), 2, 7) == Changes{{240, 7}}); }

TEST_CASE("of several policies the largest wish goes out, and in only what all want") {
  Bench out(minutes(12));
  out.track("cpu", MetricName::service_cpu, 60);
  out.track("memory", MetricName::service_memory, 50);
  out.use(repeat(90, 10), 100);  // cpu wants 6, memory 8
  CHECK(out.run() == Changes{{240, 8}});

  Bench held(minutes(40));
  held.track("cpu", MetricName::service_cpu, 60);
  held.track("memory", MetricName::service_memory, 50);
  held.use(repeat(15, 38), 50);  // memory is at its target
  CHECK(held.run() == Changes{});

  Bench freed(minutes(20));
  freed.track("cpu", MetricName::service_cpu, 60);
  freed.track("memory", MetricName::service_memory, 50, true);  // it may not scale in: it has no say either
  freed.use(repeat(15, 18), 50);
  CHECK(freed.run() == Changes{{960, 2}});

  Bench both(minutes(20), 1);
  both.track("cpu", MetricName::service_cpu, 60);
  both.track("memory", MetricName::service_memory, 50);
  both.use(repeat(15, 18), 35);  // cpu wants 1, memory ceil(4 x 35 / 50) = 3
  CHECK(both.run() == Changes{{960, 3}});
}

/// The policies that made the changes of a service.
struct DecidersHeard : ComponentOf<DecidersHeard> {
  void handle(World& world, const Event& event) override {
    static_cast<void>(world);
    static_cast<void>(event);
  }
  void on_detail(World& world, const Detail& detail) override {
    static_cast<void>(world);
    const auto* d = dynamic_cast<const ServiceScalingDetail*>(&detail);
    if (d == nullptr || d->before == d->after) return;
    REQUIRE(d->decider.has_value());
    const AlarmPolicy& policy = d->policies[*d->decider];
    names.push_back(policy.name + (d->decided_by == policy.high ? " high" : " low"));
  }
  std::vector<std::string> names;
};

TEST_CASE("of several policies the one whose wish is followed is told, not another that is in ALARM too") {
  const auto decider = [](std::int64_t cpu, std::int64_t memory) {
    Bench b(minutes(20), 1);
    b.track("cpu", MetricName::service_cpu, 60);
    b.track("memory", MetricName::service_memory, 50);
    b.use(repeat(cpu, 18), memory);
    auto ears = std::make_unique<DecidersHeard>();
    const DecidersHeard& heard = *ears;
    b.world.explain_to(b.world.attach(std::move(ears)));
    b.run();
    REQUIRE_FALSE(heard.names.empty());
    return heard.names.front();
  };
  CHECK(decider(90, 100) == "memory high");  // cpu wants 6, memory 8
  CHECK(decider(120, 60) == "cpu high");
  CHECK(decider(15, 35) == "memory low");  // cpu wants 1, memory 3
}

TEST_CASE("disableScaleIn and suspended processes hold their direction only") {
  Bench never(minutes(30));
  never.track("cpu", MetricName::service_cpu, 60, true);
  never.use(repeat(15, 28));
  CHECK(never.run() == Changes{});
  for (const bool in : {true, false}) {
    Bench b(minutes(30));
    SuspendedScaling suspended;
    (in ? suspended.in : suspended.out) = true;
    b.scaling->add_target(b.web, suspended);
    b.track("cpu", MetricName::service_cpu, 60);
    b.use(then(repeat(90, 5), repeat(15, 23)));
    const Changes changes = b.run();
    REQUIRE(changes.size() == 1);
    CHECK((changes[0].second > 4) == in);
  }
}

TEST_CASE("scale-in waits for a deployment to end") {
  Bench b(minutes(30));
  b.track("cpu", MetricName::service_cpu, 60);
  b.use(repeat(15, 28));
  b.script->at(at_s(1), [&b](World& w) { w.set_rollout(b.web, Rollout::progressing); });
  b.script->at(at_s(1200), [&b](World& w) { w.set_rollout(b.web, Rollout::none); });
  CHECK(b.run() == Changes{{1200, 2}});
}

TEST_CASE("a step policy takes the step that the metric is in, while its alarm lasts") {
  Bench b(minutes(16));
  const AlarmId high = b.alarm(AlarmComparison::greater, 70);
  // +1 up to 20 above the threshold, +3 beyond.
  b.step(high, {{0, 20 * kPercent, 1}, {20 * kPercent, std::nullopt, 3}});
  b.use(then(repeat(80, 2), repeat(95, 8)));
  // 80 % from 120 s: +1. At 240 s the larger step counts the one task added: 4 + 3 = 7. Its cooldown over, +3 again.
  CHECK(b.run() == Changes{{120, 5}, {240, 7}, {540, 10}});
}

TEST_CASE("a step policy scales in once a cooldown, whatever target tracking says") {
  Bench b(minutes(12), 1);
  b.track("memory", MetricName::service_memory, 50);
  const AlarmId low = b.alarm(AlarmComparison::less, 30);
  b.step(low, {{std::nullopt, 0, -1}});
  b.use(repeat(10, 10), 50);
  CHECK(b.run() == Changes{{120, 3}, {420, 2}});
}

TEST_CASE("scheduled actions set the bounds, and the count moves only as far as they ask") {
  Bench b(hours(10));
  b.scaling->schedule(b.web, {"morning", *parse_schedule("cron(0 8 ? * MON-FRI *)").schedule, {}, 10, 20});
  b.scaling->schedule(b.web, {"night", *parse_schedule("at(2026-01-05T09:00:00)").schedule, {}, {}, 3});
  b.scaling->schedule(
      b.web, {"berlin", *parse_schedule("cron(0 8 * * ? *)").schedule, *TimeZone::find("Europe/Berlin"), 6, {}});
  CHECK(b.run() == Changes{{7 * 3600 + 5, 6}, {8 * 3600 + 5, 10}, {9 * 3600 + 5, 3}});
  CHECK(b.world.workload(b.web).minimum == 3);  // gave way
  CHECK(b.world.workload(b.web).maximum == 3);
}

TEST_CASE("a forecast is the floor of its hour, set five minutes ahead") {
  // Hours of day 1: 2 tasks' worth of CPU at 60 %, but 9 tasks' worth from 6:00 to 7:00.
  const auto run = [](PredictivePolicy::Mode mode) {
    Bench b(hours(34));
    PredictivePolicy p;
    p.target = 60 * kPercent;
    p.mode = mode;
    b.scaling->predict(b.web, PredictiveLoad::cpu, p);
    b.world.edit_workload(b.web).desired = 2;
    for (std::int64_t h = 0; h < 34; ++h) {
      b.script->at(kTimeZero + hours(h) + minutes(30), [&b, h](World& w) {
        const std::int64_t cores_percent = h % 24 == 6 ? 540 : 120;
        w.usage[b.web.index()].cpu_serving +=
            static_cast<__int128>(kCpuTicksPerVcpu) * cores_percent / 100 * 3'600'000'000;
      });
    }
    return b.run();
  };
  CHECK(run(PredictivePolicy::Mode::forecast_only) == Changes{});
  // 30:00 is the second day's 6:00.
  CHECK(run(PredictivePolicy::Mode::forecast_and_scale) == Changes{{30 * 3600 - 300, 9}});
}

TEST_CASE("a policy on the OK state acts while the alarm is in it") {
  // 80 % for five minutes, then 20 %: ALARM at 120 s, OK at 420 s.
  Bench b(minutes(12), 2);
  const AlarmId a = b.alarm(AlarmComparison::greater, 60);
  StepConfig in;
  in.rule.steps = {{{}, 0, -1}};
  in.alarm = a;
  in.cooldown = seconds(120);
  in.on = AlarmState::ok;
  b.scaling->step(b.web, in);
  b.use({80, 80, 80, 80, 80, 20, 20, 20, 20, 20, 20, 20});
  // One task at once, and another when the cooldown of two minutes is over; two are the minimum.
  CHECK(b.run() == Changes{{420, 3}, {540, 2}});
}

TEST_CASE("StartTime and EndTime bound a scheduled action, and a rate counts from the one") {
  ScheduledAction a;
  a.schedule = *parse_schedule("cron(0 6 * * ? *)").schedule;
  a.begins = kMonday + 86'400;
  a.ends = kMonday + 3 * 86'400 + 6 * 3600;  // Thursday, six o'clock
  std::vector<EpochSeconds> runs;
  for (auto at = a.next(kMonday, kMonday); at; at = a.next(kMonday, *at)) runs.push_back((*at - kMonday) / 3600);
  CHECK(runs == std::vector<EpochSeconds>{30, 54, 78});
  a.schedule = *parse_schedule("rate(12 hours)").schedule;
  a.ends = kMonday + 2 * 86'400;
  runs.clear();
  for (auto at = a.next(kMonday, kMonday); at; at = a.next(kMonday, *at)) runs.push_back((*at - kMonday) / 3600);
  CHECK(runs == std::vector<EpochSeconds>{24, 36, 48});
}

TEST_CASE("a prediction on customized metrics learns how much capacity its load takes") {
  // 25 hours of 4 tasks at 50 %, under 120 units of load a minute: an hour's load is 7,200, and its use 200 percent of
  // a task. At a target of 26 % that takes 7.7, 8 tasks. The first forecast is made after 24 hours, five minutes ahead.
  Bench b(hours(26));
  MetricSource units;
  units.name = MetricName::pushed;
  units.label = "units";
  const MetricId load = b.cw->metric(units);
  for (std::int64_t m = 0; m < 26 * 60; ++m)
    b.script->at(at_s(60 * m + 30), [&b, load](World&) { b.cw->put(load, 120 * 1'000'000); });
  b.use(std::vector<std::int64_t>(26 * 60, 50));
  PredictivePolicy policy;
  policy.mode = PredictivePolicy::Mode::forecast_and_scale;
  policy.target = 26 * kPercent;
  PredictiveMetrics metrics{.load = load, .scaling = b.metric(MetricName::service_cpu)};
  b.scaling->predict(*b.cw, b.web, metrics, policy);
  const Changes changes = b.run();
  REQUIRE_FALSE(changes.empty());
  CHECK(changes.front() == std::pair<std::int64_t, std::int64_t>{25 * 3600 - 300, 8});
}

}  // namespace
}  // namespace plimsoll::aws
