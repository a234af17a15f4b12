// Whole columns of ECS with stand-alone tasks, event rules and DAEMON services: nothing is lost, all is billed.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// A task every ten minutes, of which two in five fail; each failure runs `repair`. Two hours after half an hour.
const std::string kTasks = R"(apiVersion: plimsoll/v1
seed: 9
calendar: "2026-03-02T00:00Z"
load: {diurnal: {peak: 300/s, trough: 50/s, peakAt: 1h}, for: 2h, warmup: 30m, to: web}
apps:
  web: {size: 500m/1Gi, work: 5ms, image: 50MB, scale: {cpu: 60%, min: 2, max: 12}}
jobs:
  report: {size: 1/2Gi, work: 2min, fails: 40%, image: 50MB, parallelism: 3, completions: 3, schedule: "*/10 * * * *"}
  repair: {size: 250m/512Mi, work: 20s, image: 50MB}
platforms:
  instances:
    type: ecs
    capacity: {asg: {type: m5.large, min: 2, max: 12}}
    eniTrunking: true
    daemons: {agent: {cpu: 100m, memory: 128Mi}}
    eventRules:
      failed:
        eventPattern:
          source: [aws.ecs]
          detail: {group: ["family:report"], lastStatus: [STOPPED], containers: {exitCode: [{anything-but: 0}]}}
        targets: [{runTask: {job: repair}}]
  tasks: {from: instances, capacity: fargate, eniTrunking: null, daemons: null}
)";

WorkloadId named(const World& world, std::string_view name) {
  for (std::size_t i = 0; i < world.workloads().size(); ++i) {
    if (world.names.text(world.workloads()[i].name) == name) return WorkloadId{i};
  }
  FAIL("no workload");
  return {};
}

TEST_CASE("every task that is run ends or runs still, and each failure runs one repair") {
  const scenario::Scenario s = read_text(kTasks);
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    CAPTURE(s.columns[c].name);
    Run run = build(s, c, 0, {true, true});
    run.world.run();
    const WorkloadId report = named(run.world, "report"), repair = named(run.world, "repair");
    std::map<std::size_t, std::int64_t> created, ended;
    std::int64_t failed = 0, failed_early = 0, triggered = 0;
    for (const FactRecord& f : run.world.log) {
      if (f.fact == Fact::pod_created) ++created[f.workload.index()];
      if (f.fact == Fact::pod_ended) ++ended[f.workload.index()];
      if (f.fact == Fact::rule_triggered && f.workload != report) ++triggered;  // schedules trigger too
      const bool failure = f.fact == Fact::pod_ended && f.workload == report && f.reason == Reason::container_exit;
      failed += failure ? 1 : 0;
      // An event is delivered within half a second.
      failed_early += failure && f.at + seconds(1) <= run.world.end ? 1 : 0;
    }
    for (const WorkloadId id : {report, repair}) {
      const auto alive = static_cast<std::int64_t>(run.world.workload(id).pods.size());
      CHECK(created[id.index()] == ended[id.index()] + alive);
    }
    // 02:30 of simulated time in steps of ten minutes: 15 starts of three tasks; the last may still be about to begin.
    CHECK(created[report.index()] >= 14 * 3);
    CHECK(created[report.index()] <= 16 * 3);
    CHECK(failed > 5);  // two in five of 45
    CHECK(triggered >= failed_early);
    CHECK(triggered <= failed);
    CHECK(created[repair.index()] == triggered);
  }
}

TEST_CASE("a microVM is billed from its pull to its end, whoever runs in it") {
  const scenario::Scenario s = read_text(kTasks, {}, {"tasks"});
  Run run = build(s, 0, 0, {true, true});
  run.world.run();
  const results::RunResult r = summarise(run, s, 0, 0);
  // Each microVM from the pull to the end, 60 s at least and seconds rounded up, within the window.
  std::map<std::size_t, Time> pulls;
  double hours_of_cpu = 0;
  const auto add = [&](const World& world, std::size_t pod, Time from, Time to) {
    const PodId id{pod};
    Duration billed = to - std::max(from, world.window_start);
    if (from >= world.window_start) billed = std::max(billed, Duration{seconds(60)});
    if (to <= world.window_start) return;
    const std::int64_t whole = (billed + seconds(1) - microseconds(1)) / seconds(1);
    hours_of_cpu += static_cast<double>(whole) / 3600 * to_cores(world.workload(world.pod(id).workload).requests.cpu());
  };
  std::int64_t microvms = 0;
  for (const FactRecord& f : run.world.log) {
    if (f.fact == Fact::pod_pulling && pulls.count(f.pod.index()) == 0) {
      pulls[f.pod.index()] = f.at;
      ++microvms;
    }
    if (f.fact != Fact::pod_ended || pulls.count(f.pod.index()) == 0) continue;
    add(run.world, f.pod.index(), pulls[f.pod.index()], f.at);
    pulls.erase(f.pod.index());
  }
  for (const auto& [pod, from] : pulls) {
    const Duration span = run.world.end - std::max(from, run.world.window_start);
    hours_of_cpu += static_cast<double>(span.count()) / 3.6e9 *
                    to_cores(run.world.workload(run.world.pod(PodId{pod}).workload).requests.cpu());
  }
  CHECK(microvms > 40);
  double billed = 0;
  for (const results::BillLine& line : r.lines) {
    if (line.item == "fargate/vcpu") billed = std::stod(line.quantity);
  }
  CHECK(billed == doctest::Approx(hours_of_cpu).epsilon(0.002));
}

TEST_CASE("a DAEMON service has one task on each instance, and never two") {
  const scenario::Scenario s = read_text(kTasks, {}, {"instances"});
  Run run = build(s, 0, 0, {true, true});
  run.world.run();
  const World& world = run.world;
  const WorkloadId agent = named(world, "agent");
  std::map<std::size_t, std::int64_t> on_node;
  std::set<std::size_t> served;
  for (const FactRecord& f : world.log) {
    if (f.workload != agent) continue;
    if (f.fact == Fact::pod_bound) {
      served.insert(f.node.index());
      CHECK(++on_node[f.node.index()] == 1);
    }
    if (f.fact == Fact::pod_ended && !world.pod(f.pod).node.is_none()) --on_node[world.pod(f.pod).node.index()];
  }
  std::int64_t ready = 0;
  for (const FactRecord& f : world.log) {
    // An instance that came a minute before the end at the latest has got its task.
    if (f.fact != Fact::node_ready || f.at + minutes(1) > world.end) continue;
    ++ready;
    CHECK(served.count(f.node.index()) == 1);
  }
  CHECK(ready >= 2);
}

TEST_CASE("a column with stand-alone tasks, rules and daemons that is copied at any instant runs on to the same hash") {
  const scenario::Scenario s = read_text(kTasks);
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    CAPTURE(s.columns[c].name);
    Run run = build(s, c, 0, {true, true});
    std::vector<Run> copies;
    // Within a start of the report, and between two.
    for (const std::int64_t minute : {0, 31, 47, 83, 120}) {
      run.world.run_until(kTimeZero + minutes(minute) + seconds(7));
      copies.push_back(run);
    }
    run.world.run();
    const results::RunResult original = summarise(run, s, c, 0);
    for (Run& copy : copies) {
      copy.world.run();
      const results::RunResult again = summarise(copy, s, c, 0);
      CHECK(again.trace_hash == original.trace_hash);
      CHECK(again.total == original.total);
    }
  }
}

/// Errors are a hundredth of the requests, so about one a second: well above the threshold of the alarm.
const std::string kLogs = R"(apiVersion: plimsoll/v1
seed: 2
load: {constant: 100/s, for: 2h, warmup: 0s, to: web}
apps:
  web: {size: 500m/1Gi, work: 2ms, image: 50MB, replicas: 2}
platforms:
  tasks:
    type: ecs
    capacity: fargate
    containerInsights: enabled
    logs:
      groups:
        web:
          lines:
            - {text: "[ERROR 502] upstream", rate: web.arrived * 0.01}
            - {text: "[INFO 200] ok", rate: web.arrived}
      metricFilters:
        Errors: {logGroup: web, filterPattern: ERROR, metricName: Errors, metricNamespace: Shop}
      queries: {dashboard: {scan: 12Gi, perDay: 10}}
    scaling: [target.json, policy.json, alarm.json]
)";

TEST_CASE("a metric of a log filter raises an alarm and scales a service; filters, insights and queries have a price") {
  const Folder folder;
  const std::string about =
      R"("ServiceNamespace": "ecs", "ResourceId": "service/default/web",
         "ScalableDimension": "ecs:service:DesiredCount")";
  folder.put("target.json", "{" + about + R"(, "MinCapacity": 2, "MaxCapacity": 6})");
  folder.put("policy.json", R"({"PolicyName": "on-errors", )" + about + R"(, "PolicyType": "StepScaling",
    "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "Cooldown": 60,
    "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]}})");
  folder.put("alarm.json", R"({"AlarmName": "errors", "Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum",
    "Period": 60, "EvaluationPeriods": 1, "Threshold": 30, "ComparisonOperator": "GreaterThanThreshold",
    "AlarmActions": ["arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:x:policyName/on-errors"]})");
  const scenario::Scenario s = read_file(folder.put("s.yaml", kLogs));
  Run run = build(s, 0, 0, {true, true});
  run.world.run();
  // 60 errors a minute are above 30: one task more after each cooldown, up to the maximum.
  CHECK(run.world.workload(named(run.world, "web")).desired == 6);
  const results::RunResult r = summarise(run, s, 0, 0);
  const auto quantity = [&](const std::string& item) {
    for (const results::BillLine& line : r.lines) {
      if (line.item == item) return std::stod(line.quantity);
    }
    return -1.0;
  };
  // Two hours of 730: one metric of the filter; 8 + 11 + 6 of a cluster with one service.
  CHECK(quantity("cloudwatch/log-metrics") == doctest::Approx(2.0 / 730).epsilon(0.001));
  CHECK(quantity("cloudwatch/container-insights") == doctest::Approx(25 * 2.0 / 730).epsilon(0.001));
  // 120 GB a day, for two hours.
  CHECK(quantity("cloudwatch/logs-insights") == doctest::Approx(10.0).epsilon(0.001));
}

}  // namespace
}  // namespace plimsoll::engine
