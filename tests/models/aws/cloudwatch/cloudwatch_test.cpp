#include "models/aws/cloudwatch/cloudwatch.h"

#include <doctest/doctest.h>

#include <array>
#include <utility>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

/// Notes when it was woken.
class Ear : public ComponentOf<Ear> {
 public:
  void handle(World& world, const Event& event) override {
    heard.emplace_back(to_microseconds(world.now()) / 1'000'000, event.payload);
  }
  std::vector<std::pair<std::int64_t, std::uint64_t>> heard;
};

/// A world with one service of four tasks (1 vCPU, 1 GiB) and a CloudWatch.
struct Bench {
  explicit Bench(CloudWatchParameters parameters = {}) : world(small_world(hours(2))) {
    web = add_workload(world, "web", 1000, 1024, 4);
    world.edit_workload(web).started = 4;
    world.edit_workload(web).memory_used = mebibytes(256);
    auto e = std::make_unique<Ear>();
    ear = e.get();
    ear_id = world.attach(std::move(e));
    auto c = std::make_unique<CloudWatch>(parameters);
    cw = c.get();
    world.attach(std::move(c));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  /// In minute m (from 0) the four tasks use `percent` of their CPU and take `requests`.
  void minute(std::int64_t m, std::int64_t percent, std::int64_t requests = 0) {
    script->at(at_s(60 * m + 30), [id = web, percent, requests](World& w) {
      Usage& u = w.usage[id.index()];
      const __int128 reserved = static_cast<__int128>(4) * kCpuTicksPerVcpu * 60'000'000;
      u.cpu_reserved += reserved;
      u.cpu_serving += reserved * percent / 100;
      u.started_time += 4 * 60'000'000;
      u.serving_time += 2 * 60'000'000;
      u.arrived += requests * 1'000'000;
    });
  }
  AlarmId alarm(MetricName name, AlarmDefinition d, Statistic statistic = Statistic::average) {
    MetricSource s;
    s.name = name;
    s.workload = web;
    return cw->add_alarm("a", cw->metric(s), d, statistic);
  }

  World world;
  WorkloadId web;
  Ear* ear = nullptr;
  HandlerId ear_id;
  CloudWatch* cw = nullptr;
  Script* script = nullptr;
};

constexpr std::int64_t kUnit = 1'000'000;

AlarmDefinition above(std::int64_t threshold, std::int64_t n = 1, Duration period = seconds(60)) {
  AlarmDefinition d;
  d.threshold = threshold * kUnit;
  d.evaluation_periods = n;
  d.period = period;
  return d;
}

TEST_CASE("a minute can be read after its publication, and actions repeat each minute") {
  Bench b;
  const AlarmId a = b.alarm(MetricName::service_cpu, above(60, 2));
  b.cw->notify(a, AlarmState::alarm, b.ear_id, 7, true);
  b.cw->notify(a, AlarmState::alarm, b.ear_id, 8, false);
  b.cw->notify(a, AlarmState::ok, b.ear_id, 9, false);
  for (std::int64_t m = 0; m < 4; ++m) b.minute(m, 90);
  b.minute(4, 30);
  b.world.run_until(at_s(179));
  CHECK(b.cw->state(a) == AlarmState::insufficient_data);
  b.world.run_until(at_s(181));
  CHECK(b.cw->state(a) == AlarmState::alarm);
  CHECK(b.cw->latest(a) == 90 * kUnit);
  b.world.run_until(at_s(370));
  CHECK(b.cw->latest(a) == 30 * kUnit);
  // Minutes 1 and 2 are there at 180 s; ALARM until the fifth, published at 360 s, breaks it.
  using Heard = std::vector<std::pair<std::int64_t, std::uint64_t>>;
  CHECK(b.ear->heard == Heard{{180, 7}, {180, 8}, {240, 7}, {300, 7}, {360, 9}});
  REQUIRE(b.cw->changes().size() == 2);
  CHECK(b.cw->changes()[1].state == AlarmState::ok);
}

TEST_CASE("a minute without running tasks has no datapoint") {
  Bench b;
  AlarmDefinition d = above(60, 3);
  const AlarmId a = b.alarm(MetricName::service_cpu, d);
  for (const std::int64_t m : {0, 1, 3}) b.minute(m, 90);  // minute 2 is missing
  b.world.run_until(at_s(181));
  CHECK(b.cw->state(a) == AlarmState::insufficient_data);  // two breaching points, the oldest but two periods back
  b.world.run_until(at_s(241));
  CHECK_FALSE(b.cw->latest(a).has_value());
  CHECK(b.cw->state(a) == AlarmState::alarm);  // all that is there breaches, the oldest three periods back
  b.world.run_until(at_s(301));
  CHECK(b.cw->latest(a) == 90 * kUnit);
  CHECK(b.cw->state(a) == AlarmState::alarm);
}

TEST_CASE("longer periods take the datapoints that they cover") {
  Bench b;
  const AlarmId mean = b.alarm(MetricName::service_cpu, above(60, 1, seconds(180)));
  const AlarmId most = b.alarm(MetricName::service_cpu, above(60, 1, seconds(180)), Statistic::maximum);
  const AlarmId least = b.alarm(MetricName::service_cpu, above(60, 1, seconds(180)), Statistic::minimum);
  const AlarmId sum = b.alarm(MetricName::request_count, above(60, 1, seconds(180)), Statistic::sum);
  b.minute(0, 30, 10);
  b.minute(1, 60, 20);
  b.minute(2, 90, 30);
  b.world.run_until(at_s(241));
  CHECK(b.cw->latest(mean) == 60 * kUnit);
  CHECK(b.cw->latest(most) == 90 * kUnit);
  CHECK(b.cw->latest(least) == 30 * kUnit);
  CHECK(b.cw->latest(sum) == 60 * kUnit);
}

TEST_CASE("how far back an alarm looks for datapoints is a parameter") {
  const auto state = [](std::int64_t extra) {
    CloudWatchParameters parameters;
    parameters.extra_periods = extra;
    Bench b(parameters);
    const AlarmId a = b.alarm(MetricName::service_cpu, above(60, 2));
    b.minute(0, 90);  // nothing later: at 241 s minute 0 is three periods back
    b.world.run_until(at_s(241));
    return b.cw->state(a);
  };
  CHECK(state(2) == AlarmState::alarm);
  CHECK(state(0) == AlarmState::insufficient_data);
}

TEST_CASE("an alarm that its owner evaluates has the state it is told, and wakes who asked for it") {
  Bench b;
  MetricSource source;
  source.name = MetricName::pushed;
  source.label = "mine";
  const AlarmId mine = b.cw->add_owned_alarm("mine", b.cw->metric(source), above(60));
  CHECK(b.cw->find_alarm("mine") == mine);
  CHECK(b.cw->find_alarm("yours").is_none());
  b.cw->notify(mine, AlarmState::alarm, b.ear_id, 7, true);
  b.cw->notify(mine, AlarmState::alarm, b.ear_id, 8, false);
  for (const std::int64_t s : {75, 135, 195})
    b.script->at(at_s(s), [&b, mine, s](World& w) {
      const bool alarm = s != 195;
      b.cw->set_state(w, mine, alarm ? 90 * kUnit : 30 * kUnit, alarm ? 1 : 0,
                      alarm ? AlarmState::alarm : AlarmState::ok);
    });
  b.world.run_until(at_s(140));
  CHECK(b.cw->state(mine) == AlarmState::alarm);
  CHECK(b.cw->latest(mine) == 90 * kUnit);
  CHECK(b.cw->aggregate(mine, Statistic::average) == 90 * kUnit);
  b.world.run_until(at_s(600));
  CHECK(b.cw->state(mine) == AlarmState::ok);
  using Heard = std::vector<std::pair<std::int64_t, std::uint64_t>>;
  CHECK(b.ear->heard == Heard{{75, 7}, {75, 8}, {135, 7}});
  REQUIRE(b.cw->changes().size() == 2);
  CHECK(b.cw->changes()[1].at == at_s(195));
}

TEST_CASE("the periods that an alarm looks at, together") {
  Bench b;
  const AlarmId a = b.alarm(MetricName::service_cpu, above(60, 3));
  for (const auto& [m, percent] : {std::pair(0, 30), std::pair(1, 90), std::pair(2, 60), std::pair(3, 30)})
    b.minute(m, percent);
  CHECK_FALSE(b.cw->aggregate(a, Statistic::average).has_value());
  b.world.run_until(at_s(301));  // of minutes 1 to 3
  CHECK(b.cw->aggregate(a, Statistic::average) == 60 * kUnit);
  CHECK(b.cw->aggregate(a, Statistic::minimum) == 30 * kUnit);
  CHECK(b.cw->aggregate(a, Statistic::maximum) == 90 * kUnit);
  b.world.run_until(at_s(421));  // minutes 4 and 5 are missing
  CHECK(b.cw->aggregate(a, Statistic::maximum) == 30 * kUnit);
}

TEST_CASE("hosts of a balancer, answers without an error, and GPUs") {
  Bench b;
  const AlarmId healthy = b.alarm(MetricName::healthy_hosts, above(1));
  const AlarmId unhealthy = b.alarm(MetricName::unhealthy_hosts, above(1));
  const AlarmId good = b.alarm(MetricName::target_2xx_count, above(1), Statistic::sum);
  const AlarmId gpus = b.alarm(MetricName::cluster_gpu_reservation, above(1));
  NodeSpec spec = node_spec(b.world, 8000, 16384);
  spec.capacity[Resource::gpus] = spec.allocatable[Resource::gpus] = 8;
  const NodeId node = b.world.request_node(spec);
  b.world.node_running(node);
  b.world.node_ready(node);
  b.world.edit_workload(b.web).requests[Resource::gpus] = 1;
  b.world.edit_workload(b.web).serving = 3;
  const PodId sick = b.world.create_pod(b.web);
  b.world.bind_pod(sick, node);
  b.world.edit_pod(sick).started = kTimeZero;
  b.world.edit_pod(sick).unhealthy = true;
  b.script->at(at_s(30), [id = b.web](World& w) {
    w.usage[id.index()].served += 50'000'000;
    w.usage[id.index()].failed += 8'000'000;
  });
  b.world.run_until(at_s(121));
  CHECK(b.cw->latest(healthy) == 3 * kUnit);
  CHECK(b.cw->latest(unhealthy) == 1 * kUnit);
  CHECK(b.cw->latest(good) == 42 * kUnit);
  CHECK(b.cw->latest(gpus) == 50 * kUnit);  // four tasks of one on eight
}

TEST_CASE("each metric by its formula") {
  Bench b;
  const NodeId node = ready_node(b.world, 16'000, 16'384);
  static_cast<void>(node);
  const auto latest = [&](MetricName name) { return b.alarm(name, above(1)); };
  const AlarmId cpu = latest(MetricName::service_cpu), memory = latest(MetricName::service_memory);
  const AlarmId cluster_cpu = latest(MetricName::cluster_cpu), reserved = latest(MetricName::cluster_cpu_reservation);
  const AlarmId memory_reserved = latest(MetricName::cluster_memory_reservation);
  const AlarmId targets = latest(MetricName::request_count_per_target), tasks = latest(MetricName::running_tasks);
  const AlarmId utilized = latest(MetricName::cpu_utilized), mib = latest(MetricName::memory_utilized);
  b.minute(0, 50, 600);
  b.world.run_until(at_s(121));
  CHECK(b.cw->latest(cpu) == 50 * kUnit);
  CHECK(b.cw->latest(memory) == 25 * kUnit);           // 256 of 1024 MiB
  CHECK(b.cw->latest(cluster_cpu) == 12'500'000);      // 2 of 16 vCPU
  CHECK(b.cw->latest(reserved) == 25 * kUnit);         // 4 of 16 vCPU
  CHECK(b.cw->latest(memory_reserved) == 25 * kUnit);  // 4 of 16 GiB
  CHECK(b.cw->latest(targets) == 300 * kUnit);         // 600 over the two in traffic
  CHECK(b.cw->latest(tasks) == 4 * kUnit);
  CHECK(b.cw->latest(utilized) == 2048 * kUnit);
  CHECK(b.cw->latest(mib) == 1024 * kUnit);
}

TEST_CASE("custom metrics follow their expression, pushed ones what was put") {
  Bench b;
  const std::vector<std::string> names = {"web"};
  const auto e =
      std::make_shared<const MetricExpression>(*MetricExpression::parse("web.backlog + web.running", names).value);
  MetricSource custom{MetricName::custom, {}, e, {b.web}, "depth"};
  MetricSource each{MetricName::custom_per_task, b.web, e, {b.web}, "depth"};
  const AlarmId total = b.cw->add_alarm("t", b.cw->metric(custom), above(1), Statistic::average);
  const AlarmId per_task = b.cw->add_alarm("p", b.cw->metric(each), above(1), Statistic::average);
  MetricSource pushed;
  pushed.name = MetricName::pushed;
  pushed.label = "mine";
  const MetricId mine = b.cw->metric(pushed);
  CHECK(b.cw->metric(pushed) == mine);
  const AlarmId put = b.cw->add_alarm("m", mine, above(1), Statistic::average);
  b.script->at(at_s(10), [id = b.web, cw = b.cw, mine](World& w) {
    w.usage[id.index()].backlog = 20'000'000;
    cw->put(mine, 5 * kUnit);
  });
  b.world.run_until(at_s(121));
  CHECK(b.cw->latest(total) == 24 * kUnit);
  CHECK(b.cw->latest(per_task) == 6 * kUnit);
  CHECK(b.cw->latest(put) == 5 * kUnit);
  b.world.run_until(at_s(181));
  CHECK_FALSE(b.cw->latest(put).has_value());  // nothing was put in the second minute
}

TEST_CASE("shorter datapoints make faster alarms") {
  Bench b({seconds(20), seconds(10)});
  CHECK(b.cw->period_error(seconds(20)).empty());
  CHECK_FALSE(b.cw->period_error(seconds(10)).empty());
  CHECK_FALSE(b.cw->period_error(seconds(30)).empty());
  const AlarmId a = b.alarm(MetricName::service_cpu, above(60, 2, seconds(20)));
  for (std::int64_t k = 0; k < 3; ++k) {
    b.script->at(at_s(20 * k + 5), [id = b.web](World& w) {
      w.usage[id.index()].cpu_reserved += 1'000'000;
      w.usage[id.index()].cpu_serving += 900'000;
    });
  }
  b.world.run_until(at_s(49));
  CHECK(b.cw->state(a) == AlarmState::insufficient_data);
  b.world.run_until(at_s(51));
  CHECK(b.cw->state(a) == AlarmState::alarm);
}

TEST_CASE("with one sample a minute the average is the sum, whatever is missing") {
  // The average of one datapoint is read from the ring, the sum goes the long way.
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Bench b;
    const Stream draw(seed, "minutes", Purpose::arrivals);
    const auto n = static_cast<std::int64_t>(1 + draw.below(5, 0));
    AlarmDefinition d;
    d.threshold = 50 * kUnit;
    d.evaluation_periods = n;
    d.datapoints_to_alarm = 1 + static_cast<std::int64_t>(draw.below(static_cast<std::uint64_t>(n), 1));
    d.treat_missing = std::array{MissingData::missing, MissingData::ignore, MissingData::breaching,
                                 MissingData::not_breaching}[draw.below(4, 2)];
    const AlarmId average = b.alarm(MetricName::request_count, d),
                  sum = b.alarm(MetricName::request_count, d, Statistic::sum);
    for (std::int64_t m = 0; m < 100; ++m) {
      const auto item = static_cast<std::uint64_t>(m) + 10;
      // Runs of minutes without a request, which have no datapoint.
      if (draw.below(3, item / 7, 1) != 0) b.minute(m, 50, static_cast<std::int64_t>(draw.below(100, item)));
    }
    b.world.run_until(at_s(7000));
    std::vector<std::pair<Time, AlarmState>> by_average, by_sum;
    for (const CloudWatch::Change& c : b.cw->changes()) {
      if (c.alarm == average) by_average.emplace_back(c.at, c.state);
      if (c.alarm == sum) by_sum.emplace_back(c.at, c.state);
    }
    CHECK(!by_average.empty());
    CHECK(by_average == by_sum);
  }
}

TEST_CASE("a copy of the world goes on alike") {
  Bench b;
  const AlarmId a = b.alarm(MetricName::service_cpu, above(60, 2));
  for (std::int64_t m = 0; m < 6; ++m) b.minute(m, m < 3 ? 90 : 10);
  b.world.run_until(at_s(200));
  World copy = b.world;
  copy.run_until(at_s(500));
  b.world.run_until(at_s(500));
  CHECK(copy.find_component<CloudWatch>()->state(a) == b.cw->state(a));
  CHECK(copy.find_component<CloudWatch>()->latest(a) == b.cw->latest(a));
}

TEST_CASE("an alarm on metric math sees what its metrics have published") {
  Bench b;
  MetricSource requests, cpu;
  requests.name = MetricName::request_count;
  cpu.name = MetricName::service_cpu;
  requests.workload = cpu.workload = b.web;
  MetricSource load;
  load.name = MetricName::math;
  load.label = "IF(FILL(r, 0) > 100, c, 0)";
  const std::vector<std::string> ids{"r", "c"};
  load.math_of = std::make_shared<const MetricMath>(*MetricMath::parse(load.label, ids).value);
  load.inputs = {{b.cw->metric(requests), Statistic::sum}, {b.cw->metric(cpu), Statistic::average}};
  AlarmDefinition d;
  d.threshold = 50'000'000;
  const AlarmId id = b.cw->add_alarm("busy", b.cw->metric(load), d, Statistic::average);
  b.cw->notify(id, AlarmState::alarm, b.ear_id, 7, false);
  b.minute(0, 80, 50);   // few requests: 0
  b.minute(1, 40, 500);  // 40 %
  b.minute(2, 80, 0);    // no request at all: no datapoint, filled with 0
  b.minute(3, 80, 500);  // 80 %: the datapoint of the minute that ends at 240 s is published at 300 s
  b.world.run_until(at_s(299));
  CHECK(b.ear->heard.empty());
  CHECK(b.cw->latest(id) == 0);
  b.world.run_until(at_s(301));
  CHECK(b.ear->heard == std::vector<std::pair<std::int64_t, std::uint64_t>>{{300, 7}});
  CHECK(b.cw->latest(id) == 80'000'000);
  CHECK(b.cw->source(id).label == load.label);
}

TEST_CASE("metric math over another expression, in periods of five minutes") {
  Bench b;
  MetricSource requests;
  requests.name = MetricName::request_count;
  requests.workload = b.web;
  const auto math_over = [&](const std::string& text, const std::vector<std::string>& ids,
                             std::vector<MathInput> inputs) {
    MetricSource s;
    s.name = MetricName::math;
    s.label = text;
    s.math_of = std::make_shared<const MetricMath>(*MetricMath::parse(text, ids).value);
    s.inputs = std::move(inputs);
    return b.cw->metric(s);
  };
  const MetricId half = math_over("r / 2", {"r"}, {{b.cw->metric(requests), Statistic::sum}});
  AlarmDefinition d;
  d.period = seconds(300);
  d.threshold = 1'000'000;
  const AlarmId id = b.cw->add_alarm("a", math_over("RATE(e)", {"e"}, {{half, Statistic::average}}), d, Statistic::sum);
  for (std::int64_t m = 0; m < 5; ++m) b.minute(m, 10, 100);
  for (std::int64_t m = 5; m < 10; ++m) b.minute(m, 10, 400);
  b.world.run_until(at_s(661));
  // 500 and 2,000 requests, halved: 750 more in 300 s are 2.5 a second.
  CHECK(b.cw->latest(id) == 2'500'000);
  CHECK(b.cw->state(id) == AlarmState::alarm);
}

/// A load that answers with a histogram of its own.
class Answers : public ComponentOf<Answers>, public ServiceModel {
 public:
  ServiceModel* service_model() override { return this; }
  void handle(World&, const Event&) override {}
  void settle(World&) override {}
  double start_cores(World&, PodId) override { return 1; }
  void keep_response_times() override { kept = true; }
  LogLinearHistogram take_response_times() override { return std::exchange(times, {}); }
  LogLinearHistogram times;
  bool kept = false;
};

TEST_CASE("percentiles of response times are of all requests of a period") {
  Bench b;
  auto a = std::make_unique<Answers>();
  Answers* const answers = a.get();
  b.world.set_service(b.world.attach(std::move(a)));
  // Minute 0: 99 requests of 100 us and one of 200. Minute 1: 300 of 100 us. Below 256 the histogram is exact.
  b.script->at(at_s(30), [answers](World&) {
    answers->times.add(100, 99 * kUnit);
    answers->times.add(200, 1 * kUnit);
  });
  b.script->at(at_s(90), [answers](World&) { answers->times.add(100, 300 * kUnit); });
  const auto watch = [&](std::int64_t percentile, Duration period, Statistic statistic = Statistic::average) {
    MetricSource s;
    s.name = MetricName::target_response_time;
    s.workload = b.web;
    s.percentile = percentile;
    AlarmDefinition d;
    d.period = period;
    d.threshold = 150;
    return b.cw->add_alarm("p", b.cw->metric(s), d, statistic);
  };
  const AlarmId p99 = watch(990'000, seconds(60)), p999 = watch(999'000, seconds(60)),
                p100 = watch(1'000'000, seconds(60));
  const AlarmId mean = watch(-1, seconds(60)), most = watch(-1, seconds(60), Statistic::maximum);
  const AlarmId both = watch(999'000, seconds(120)), wide = watch(997'000, seconds(120));
  b.world.run_until(at_s(121));
  CHECK(answers->kept);
  CHECK(b.cw->latest(p99) == 100);   // the 99th of 100
  CHECK(b.cw->latest(p999) == 200);  // the 100th
  CHECK(b.cw->latest(p100) == 200);
  CHECK(b.cw->latest(mean) == 101);
  CHECK(b.cw->latest(most) == 200);
  CHECK(b.cw->state(p999) == AlarmState::alarm);
  CHECK(b.cw->state(most) == AlarmState::alarm);
  CHECK(b.cw->state(p99) == AlarmState::ok);
  b.world.run_until(at_s(181));
  CHECK(b.cw->latest(p999) == 100);
  // Of 400 requests p99.9 is the 400th, p99.7 the 399th.
  CHECK(b.cw->latest(both) == 200);
  CHECK(b.cw->latest(wide) == 100);
}

TEST_CASE("a percentile of few samples leaves the state as it is, where the alarm says so") {
  for (const bool ignores : {false, true}) {
    CAPTURE(ignores);
    Bench b;
    MetricSource s;
    s.name = MetricName::service_cpu;  // four samples a minute, one of each task
    s.workload = b.web;
    s.percentile = 900'000;
    AlarmDefinition d = above(60);
    if (ignores) d.least_samples = least_percentile_samples(s.percentile);
    const AlarmId id = b.cw->add_alarm("p90", b.cw->metric(s), d, Statistic::average);
    b.minute(0, 80);
    b.world.run_until(at_s(121));
    CHECK(b.cw->state(id) == (ignores ? AlarmState::insufficient_data : AlarmState::alarm));
  }
}

}  // namespace
}  // namespace plimsoll::aws
