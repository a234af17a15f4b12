// How replica counts follow each policy of the ECS side in whole columns.
// Also tests: scaling_files, scaling_plan, scaling_reader
#include <doctest/doctest.h>

#include <array>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// One application under a wave (100 to 900 requests/s and back in three hours) on Fargate.
std::string one_app(const std::string& scale, const std::string& more = "", const std::string& column = "") {
  return R"(apiVersion: plimsoll/v1
seed: 3
load: {trace: wave.csv, start: 30m, for: 2h, warmup: 30m}
apps:
  web:
    size: 500m/1Gi
    work: 5ms
    image: 120MB
    memory: {base: 200Mi, perRequest: 20Mi}
    scale: )" +
         scale + "\n" + more + "platforms:\n  tasks: {type: ecs, capacity: fargate" + column + "}\n";
}

struct Outcome {
  std::int64_t peak = 0, last = 0, changes = 0;
  std::uint64_t hash = 0;
  results::RunResult result;
};

Outcome run(const scenario::Scenario& s, std::size_t column = 0) {
  Run r = build(s, column, 0, {true, true});
  r.world.run();
  Outcome out;
  for (const FactRecord& f : r.world.log) {
    if (f.fact != Fact::desired_changed) continue;
    out.peak = std::max(out.peak, f.value);
    ++out.changes;
  }
  for (const Workload& w : r.world.workloads()) {
    if (!w.system) out.last = w.desired;
  }
  out.result = summarise(r, s, column, 0);
  out.hash = out.result.trace_hash;
  return out;
}

std::int64_t line_nano(const results::RunResult& r, const std::string& item) {
  for (const auto& line : r.lines) {
    if (line.item == item) return line.amount.raw();
  }
  return 0;
}

TEST_CASE("a target on requests keeps as many tasks as the rate asks for") {
  const Outcome o = run(read_text(one_app("{requests: 50, min: 2, max: 60}")));
  // The peak is 900/s: 18 tasks at 50/s each, found from minutes that lie a little below it or above.
  CHECK(o.peak >= 17);
  CHECK(o.peak <= 20);
  // Two alarms, $0.10 a month each: 2 h of 730 h.
  CHECK(line_nano(o.result, "cloudwatch/alarms") == 547'945);
}

TEST_CASE("memory that follows the requests in flight scales too") {
  const Outcome still = run(read_text(one_app("{memory: 50%, min: 12, max: 60}")));
  CHECK(still.peak == 0);  // 200 MiB and a handful of requests are far below half a GiB
  const Outcome heavy = run(read_text(one_app("{memory: 21%, min: 12, max: 60}")));
  CHECK(heavy.peak > 12);
}

TEST_CASE("metrics of the scenario scale, and cost what a custom metric costs") {
  const Outcome o = run(read_text(one_app("{metrics: {rate: 50}, min: 2, max: 60}", "metrics: {rate: web.arrived}\n")));
  CHECK(o.peak >= 17);
  CHECK(o.peak <= 20);
  CHECK(line_nano(o.result, "cloudwatch/custom-metrics") == 821'918);  // $0.30 a month
}

TEST_CASE("a schedule moves the bounds at its time") {
  // The window begins at 10:00 in Berlin; at 10:30 at least 12 are wanted, at 11:00 at most 5.
  const std::string text = one_app(
      "{cpu: 90%, min: 2, max: 60, schedule: [{at: \"30 10 * * *\", zone: Europe/Berlin, min: 12}, "
      "{at: \"0 10 * * 1\", min: 2, max: 5}]}",
      "calendar: 2026-01-05T09:00:00Z\n");
  const scenario::Scenario s = read_text(text);
  Run r = build(s, 0, 0, {true, true});
  const Time start = r.world.window_start;
  r.world.run_until(start + minutes(29));
  CHECK(r.world.workloads()[0].desired < 12);
  r.world.run_until(start + minutes(31));
  CHECK(r.world.workloads()[0].desired >= 12);
  r.world.run_until(start + minutes(61));
  CHECK(r.world.workloads()[0].desired <= 5);
  CHECK(r.world.workloads()[0].maximum == 5);
}

const std::string kTarget =
    R"({"ServiceNamespace":"ecs","ResourceId":"service/shop/web","ScalableDimension":"ecs:service:DesiredCount",
"MinCapacity":3,"MaxCapacity":50})";
const std::string kStep =
    R"({"PolicyName":"out","ServiceNamespace":"ecs","ResourceId":"service/shop/web",
"ScalableDimension":"ecs:service:DesiredCount","PolicyType":"StepScaling","StepScalingPolicyConfiguration":
{"AdjustmentType":"ChangeInCapacity","Cooldown":600,"StepAdjustments":[{"MetricIntervalLowerBound":0,
"ScalingAdjustment":4}]}})";
const std::string kAlarm =
    R"({"AlarmName":"busy","MetricName":"CPUUtilization","Namespace":"AWS/ECS","Statistic":"Average",
"Dimensions":[{"Name":"ClusterName","Value":"shop"},{"Name":"ServiceName","Value":"web"}],"Period":60,
"EvaluationPeriods":2,"Threshold":70,"ComparisonOperator":"GreaterThanThreshold",
"AlarmActions":["arn:aws:autoscaling:us-east-1:1:scalingPolicy:u:resource/ecs/service/shop/web:policyName/out"]})";

/// A steady rate, and no memory for what waits: too few tasks are late, but not killed.
std::string at_400(std::string text) {
  const auto put = [&](const std::string& old, const std::string& now) {
    text.replace(text.find(old), old.size(), now);
  };
  put("{trace: wave.csv, start: 30m,", "{constant: 400/s,");
  put(", perRequest: 20Mi", "");
  return text;
}

TEST_CASE("a column's own files scale by steps on the user's alarm") {
  const Folder folder;
  folder.put("target.json", kTarget);
  folder.put("step.json", kStep);
  folder.put("alarm.json", kAlarm);
  std::string text = one_app("{min: 2, max: 2}", "", ", scaling: [target.json, step.json, alarm.json]");
  text = at_400(std::move(text));
  const Outcome o = run(read_file(folder.put("s.yaml", text)));
  // 400/s of 5 ms are 2 vCPU: above 70 % of n x 0.5 while n < 5.7; from 3 in steps of 4.
  CHECK(o.peak == 7);
  CHECK(o.last == 7);
  CHECK(line_nano(o.result, "cloudwatch/alarms") == 273'973);  // the one alarm
}

TEST_CASE("files that scale a service of another cluster are left out, with a warning") {
  const Folder folder;
  folder.put("target.json", kTarget);
  folder.put("step.json", kStep);
  folder.put("alarm.json", kAlarm);
  for (const std::string cluster : {"shop", "elsewhere"}) {
    CAPTURE(cluster);
    const std::string text = at_400(
        one_app("{min: 5, max: 5}", "", ", cluster: " + cluster + ", scaling: [target.json, step.json, alarm.json]"));
    document::Diagnostics d;
    const auto s = scenario::read_scenario(folder.put("s.yaml", text), registry(), {}, d);
    CAPTURE(d.text());
    REQUIRE(s.has_value());
    const bool left_out =
        d.text().find("the files scale service/shop/web, and the column's cluster is 'elsewhere'") != std::string::npos;
    CHECK(left_out == (cluster == "elsewhere"));
    // Five tasks stand at 80 %, above the alarm's 70.
    const std::int64_t peak = run(*s).peak;
    CHECK((left_out ? peak == 0 : peak > 5));
  }
}

TEST_CASE("an alarm that acts on a policy which no file has is told, with the nearest name") {
  const Folder folder;
  folder.put("target.json", kTarget);
  folder.put("step.json", kStep);
  for (const std::string policy : {"out", "outt", "autoScalingGroupName/group:policyName/other"}) {
    CAPTURE(policy);
    std::string alarm = kAlarm;
    alarm.replace(alarm.find("policyName/out"), 14, policy.starts_with("out") ? "policyName/" + policy : policy);
    folder.put("alarm.json", alarm);
    document::Diagnostics d;
    const std::string text = one_app("{min: 2, max: 2}", "", ", scaling: [target.json, step.json, alarm.json]");
    const auto s = scenario::read_scenario(folder.put("s.yaml", at_400(text)), registry(), {}, d);
    CAPTURE(d.text());
    REQUIRE(s.has_value());
    const bool told = d.text().find("alarm busy acts on the scaling policy 'outt'") != std::string::npos;
    CHECK(told == (policy == "outt"));
    if (told) CHECK(d.text().find("did you mean 'out'?") != std::string::npos);
    CHECK((d.text().find("which no file has") != std::string::npos) == told);
  }
}

TEST_CASE("real files under `files` scale their service whole, unless the scenario says how") {
  const Folder folder;
  folder.put("target.json", kTarget);
  folder.put("step.json", kStep);
  folder.put("alarm.json", kAlarm);
  const auto outcome = [&](const std::string& scale) {
    std::string text = one_app(scale, "files: {ecs: [target.json, step.json, alarm.json]}\n");
    text = at_400(std::move(text));
    return run(read_file(folder.put("s.yaml", text)));
  };
  CHECK(outcome("{}").peak == 7);
  CHECK(outcome("{max: 5}").peak == 5);              // the scenario's bound stands above the file's
  CHECK(outcome("{cpu: 20%, max: 60}").peak >= 19);  // 2 vCPU at a tenth of a vCPU each
}

TEST_CASE("faults of scaling are told with their remedy") {
  const auto faults = [](const std::string& scale, const std::string& more) {
    const Folder folder;
    document::Diagnostics d;
    const std::string file = folder.put("s.yaml", [&] {
      std::string text = one_app(scale, more);
      text.replace(text.find("{trace: wave.csv, start: 30m,"), 29, "{constant: 400/s,");
      return text;
    }());
    CHECK_FALSE(scenario::read_scenario(file, registry(), {}, d).has_value());
    return d.text();
  };
  const auto has = [](const std::string& text, const char* part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  };
  has(faults("{metrics: {dept: 3}, max: 5}", "metrics: {depth: web.backlog}\n"), "did you mean 'depth'?");
  has(faults("{cpu: 60%, max: 5}", "metrics: {depth: wep.backlog}\n"), "did you mean 'web'?");
  has(faults("{cpu: 60%, max: 5, schedule: [{at: \"0 8 * * *\", zone: Europe/Berln, min: 3}]}", ""),
      "did you mean 'Europe/Berlin'?");
  has(faults("{cpu: 60%, max: 5, schedule: [{at: \"0 8 * * *\"}]}", ""), "a schedule sets min, max or both");
  has(faults("{cpu: 60%, max: 5}", "calendar: soon\n"), "write 2026-01-05");
}

TEST_CASE("a copy of the world runs on to the same hash, and columns alike are alike") {
  const scenario::Scenario s =
      read_text(one_app("{cpu: 60%, requests: 60, memory: 40%, min: 2, max: 60}", "metrics: {depth: web.backlog}\n"));
  Run r = build(s, 0, 0, {});
  r.world.run_until(r.world.window_start + minutes(40));
  World copy = r.world;
  copy.run();
  r.world.run();
  CHECK(copy.hash.value() == r.world.hash.value());
  CHECK(run(s).hash == run(s).hash);
}

TEST_CASE("bounds of a service of the same name in another cluster are not the column's") {
  const Folder folder;
  const auto target = [](const std::string& cluster, int least, int most) {
    return R"({"ServiceNamespace":"ecs","ResourceId":"service/)" + cluster +
           R"(/web","ScalableDimension":"ecs:service:DesiredCount","MinCapacity":)" + std::to_string(least) +
           R"(,"MaxCapacity":)" + std::to_string(most) + "}";
  };
  folder.put("t.json", R"({"family":"web","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"512",
"memory":"1024","containerDefinitions":[{"name":"web","image":"i"}]})");
  folder.put("s.json", R"({"serviceName":"web","taskDefinition":"web","desiredCount":4,"launchType":"FARGATE",
"networkConfiguration":{"awsvpcConfiguration":{"subnets":["a"]}}})");
  folder.put("z-dev.json", target("dev", 10, 12));
  const auto web_of = [&](bool with_prod) {
    if (with_prod) folder.put("prod.json", target("prod", 2, 20));
    const std::string text = "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 10m}\nfiles: {ecs: ['" +
                             folder.path() + "/*.json']}\napps: {web: {work: 1ms}}\nplatforms:\n" +
                             "  prod: {type: ecs, capacity: fargate, cluster: prod}\n" +
                             "  dev: {type: ecs, capacity: fargate, cluster: dev}\n";
    const scenario::Scenario s = read_file(folder.put("s.yaml", text));
    std::vector<std::array<std::int64_t, 3>> out;
    for (const std::size_t column : {0u, 1u}) {
      const Run run = build(s, column, 0, {false, false});
      const Workload& w = run.world.workload(WorkloadId{0});
      out.push_back({w.desired, w.minimum, w.maximum});
    }
    return out;
  };
  const auto alone = web_of(false);
  CHECK(alone[0] == std::array<std::int64_t, 3>{4, 4, 4});
  CHECK(alone[1] == std::array<std::int64_t, 3>{10, 10, 12});
  const auto both = web_of(true);
  CHECK(both[0] == std::array<std::int64_t, 3>{4, 2, 20});
  CHECK(both[1] == std::array<std::int64_t, 3>{10, 10, 12});
}

}  // namespace
}  // namespace plimsoll::engine
