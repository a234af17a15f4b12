// Event rules, lifecycle hooks and alarms on metric math in whole columns.
// Also tests: deployment_plan
#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// One application that nothing scales by itself, under a wave (100 to 900 requests/s and back in three hours) on
/// Fargate, with more keys of the application and of the column.
std::string unscaled_app(const std::string& app, const std::string& column, const std::string& more = "") {
  return "apiVersion: plimsoll/v1\nseed: 3\nload: {trace: wave.csv, start: 30m, for: 2h, warmup: 30m}\n" + more +
         "apps:\n  web:\n    size: 500m/1Gi\n    work: 5ms\n    image: 120MB\n    replicas: 6\n" + app +
         "platforms:\n  tasks:\n    type: ecs\n    capacity: fargate\n" + column;
}

/// An alarm on the requests of a minute for each running task, by metric math.
const std::string kBusyAlarm = R"(    containerInsights: enabled
    alarms:
      - AlarmName: busy
        EvaluationPeriods: 1
        Threshold: 4000
        ComparisonOperator: GreaterThanThreshold
        Metrics:
          - {Id: each, Expression: 'r / MAX([FILL(n, 1), IF(FILL(n, 1) > 0, 1, 1)])', ReturnData: true}
          - {Id: r, ReturnData: false, MetricStat: 
              {Metric: {Namespace: AWS/ApplicationELB, MetricName: RequestCount}, Period: 60, Stat: Sum}}
          - Id: n
            ReturnData: false
            MetricStat:
              Metric: {Namespace: ECS/ContainerInsights, MetricName: RunningTaskCount,
                       Dimensions: [{Name: ServiceName, Value: web}]}
              Period: 60
              Stat: Average
)";

std::string on_alarm(const std::string& target) {
  return kBusyAlarm + R"(    eventRules:
      on-busy:
        eventPattern: {source: [aws.cloudwatch], detail: {alarmName: [busy], state: {value: [ALARM]}}}
        targets: [)" +
         target + "]\n";
}

struct Finished {
  Run run;
  results::RunResult result;
  std::vector<std::pair<Time, std::int64_t>> desired;
  std::vector<Time> triggered;
};

Finished finished(const std::string& text) {
  const scenario::Scenario s = read_text(text);
  Finished out{build(s, 0, 0, {true, true}), {}, {}, {}};
  out.run.world.run();
  for (const FactRecord& f : out.run.world.log) {
    if (f.fact == Fact::desired_changed) out.desired.emplace_back(f.at, f.value);
    if (f.fact == Fact::rule_triggered) out.triggered.push_back(f.at);
  }
  out.result = summarise(out.run, s, 0, 0);
  return out;
}

std::int64_t nano_of(const results::RunResult& r, const std::string& item) {
  for (const auto& line : r.lines) {
    if (line.item == item) return line.amount.raw();
  }
  return 0;
}

TEST_CASE("an alarm by metric math sets off a rule that asks target tracking") {
  const Finished f =
      finished(unscaled_app("    scale: {min: 2, max: 60}\n",
                            on_alarm("{callPolicy: {service: web, policy: target-tracking, targetCpu: 40%}}")));
  // More than 4,000 requests a minute for each of the first tasks come with the rise of the wave; the function answers
  // more tasks, so that the alarm ends and comes back later.
  REQUIRE_FALSE(f.triggered.empty());
  REQUIRE_FALSE(f.desired.empty());
  // The function takes its 300 ms.
  CHECK(f.desired.front().first == f.triggered.front() + milliseconds(300));
  CHECK(f.desired.front().second > 6);
  for (const auto& [at, wanted] : f.desired) CHECK(wanted <= 60);
  // Two metrics in the alarm: $0.20 a month, 2 h of 730 h.
  CHECK(nano_of(f.result, "cloudwatch/alarms") == 547'945);
  CHECK(nano_of(f.result, "lambda/requests") > 0);
}

TEST_CASE("a rule registers other bounds, and the desired count follows them") {
  const Finished f =
      finished(unscaled_app("    scale: {cpu: 95%, min: 2, max: 60}\n",
                            on_alarm("{registerScalableTarget: {service: web, minCapacity: 20, maxCapacity: 24}}")));
  REQUIRE_FALSE(f.triggered.empty());
  const Time from = f.triggered.front() + milliseconds(300);
  bool lifted = false;
  for (const auto& [at, wanted] : f.desired) {
    lifted = lifted || (at == from && wanted == 20);
    if (at >= from) {
      CHECK(wanted >= 20);
      CHECK(wanted <= 24);
    }
  }
  CHECK(lifted);
  for (const Workload& w : f.run.world.workloads()) {
    if (w.system) continue;
    CHECK(w.minimum == 20);
    CHECK(w.maximum == 24);
  }
}

const std::string kHooked = R"(    rollout:
      strategy: BLUE_GREEN
      bakeTimeInMinutes: 5
      lifecycleHooks:
        - {hookTargetArn: smoke-test, lifecycleStages: [POST_TEST_TRAFFIC_SHIFT], duration: 40s, memorySize: 256,
           hookStatus: [IN_PROGRESS, ANSWER]}
)";

std::string hooked(const std::string& answer) {
  std::string text = kHooked;
  text.replace(text.find("ANSWER"), 6, answer);
  return unscaled_app(text, "", "events: [{at: 30m, deploy: web, image: 130MB}]\n");
}

TEST_CASE("a hook holds the traffic of a blue/green deployment back until its second call has ended") {
  const Finished f = finished(hooked("SUCCEEDED"));
  Time called = kTimeNever, shifted = kTimeNever, completed = kTimeNever;
  for (const FactRecord& r : f.run.world.log) {
    if (r.fact == Fact::hook_called) called = r.at;
    if (r.fact == Fact::traffic_shifted && r.value == 2) shifted = r.at;
    if (r.fact == Fact::rollout_completed) completed = r.at;
  }
  CHECK(called > f.run.world.window_start + minutes(30));
  CHECK(shifted == called + seconds(40 + 30 + 40));
  CHECK(completed >= shifted + minutes(5));
  CHECK(completed < kTimeNever);
  // Two calls of 40 s of a function of 256 MB: 20 GB-seconds.
  CHECK(nano_of(f.result, "lambda/requests") == 400);
  CHECK(nano_of(f.result, "lambda/duration") == 333'334);
}

TEST_CASE("a hook that fails leaves all requests with the old revision") {
  const Finished f = finished(hooked("FAILED"));
  bool failed = false;
  for (const FactRecord& r : f.run.world.log) {
    failed = failed || (r.fact == Fact::rollout_failed && r.reason == Reason::lifecycle_hook);
    CHECK((r.fact != Fact::traffic_shifted || r.value != 2));
  }
  CHECK(failed);
  for (const Workload& w : f.run.world.workloads()) {
    if (w.system) continue;
    CHECK(w.revision == 1);
    CHECK(w.rollout == Rollout::none);
  }
}

TEST_CASE("predictive scaling of a group has its instances there before the second day's hour") {
  const std::string text = R"(apiVersion: plimsoll/v1
seed: 3
load: {for: 33h, warmup: 0s, diurnal: {peak: 110/s, trough: 20/s}}
apps:
  web: {size: 900m/1Gi, work: 20ms, image: 80MB, scale: {cpu: 60%, min: 2, max: 20}}
platforms:
  group:
    type: ecs
    capacity:
      asg: {type: m5.large, min: 2, max: 20}
      managedScaling: false
      predictiveScaling: [{targetValue: 30, mode: ForecastAndScale}]
)";
  const Finished f = finished(text);
  std::int64_t resizes = 0;
  for (const FactRecord& r : f.run.world.log) {
    if (r.fact != Fact::group_resized) continue;
    ++resizes;
    // Only with a day's history, and five minutes before an hour begins.
    CHECK(r.at >= kTimeZero + hours(24));
    CHECK((r.at + minutes(5) - kTimeZero) % hours(1) == Duration{});
  }
  CHECK(resizes > 0);
}

TEST_CASE("ECS refuses files of the other launch type, unless the column says its own") {
  const auto problems = [](const std::vector<std::string>& sets) {
    document::Diagnostics diagnostics;
    scenario::ReadOptions options;
    options.sets = sets;
    options.platforms = {"ecs-ec2"};
    scenario::read_scenario(retail_store(), registry(), options, diagnostics);
    return diagnostics.text();
  };
  CHECK(problems({}).find("launch_type") == std::string::npos);
  const std::string refused = problems({"platforms.ecs-ec2.launchType=null"});
  CHECK(refused.find("Task definition does not support launch_type EC2: the files of ui, carts, orders, catalog, "
                     "checkout name FARGATE only") != std::string::npos);
  CHECK(problems({"platforms.ecs-ec2.launchType=FARGATE"})
            .find("the capacity of this column is of the launch type EC2") != std::string::npos);
}

/// One application on instances that take four of its tasks each, an event 30 minutes into the run, and a rule that
/// runs a job.
std::string on_instances(const std::string& capacity, const std::string& pattern,
                         const std::string& event = "scale: web, replicas: 5", const std::string& app = "3") {
  return "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 10/s, for: 2h, warmup: 10m}\n"
         "apps: {web: {size: 500m/1Gi, work: 1ms, replicas: " +
         app + "}}\njobs: {fix: {size: 250m/512Mi, work: 1s}}\nevents: [{at: 20m, " + event +
         "}]\nplatforms:\n  a:\n    type: ecs\n    eniTrunking: true\n"
         "    capacity: {asg: {type: m5.large, min: 1, max: 3}" +
         capacity + "}\n    eventRules: {r: {eventPattern: {" + pattern + "}, targets: [{runTask: {job: fix}}]}}\n";
}

const std::string kAlarmGoesOff =
    "source: [aws.cloudwatch], detail-type: [CloudWatch Alarm State Change], detail: {state: {value: [ALARM]}}";

std::vector<Time> times_of(const World& world, Fact fact) {
  std::vector<Time> out;
  for (const FactRecord& f : world.log) {
    if (f.fact == fact) out.push_back(f.at);
  }
  return out;
}

TEST_CASE("the alarm that sizes a group is CloudWatch's: a rule hears of it") {
  // Three tasks of 0.5 vCPU on 2 vCPU: 75 %. The fourth makes it 100 %.
  const Finished f =
      finished(on_instances(", managedScaling: false, scalingPolicies: [{metric: CPUReservation, "
                            "comparisonOperator: GreaterThanThreshold, threshold: 80%, "
                            "scalingAdjustment: 1}]",
                            kAlarmGoesOff));
  const auto sized = times_of(f.run.world, Fact::group_resized);
  REQUIRE_FALSE(sized.empty());
  REQUIRE_FALSE(f.triggered.empty());
  CHECK(f.triggered.front() > sized.front());
  CHECK(f.triggered.front() < sized.front() + seconds(10));
  CHECK(nano_of(f.result, "cloudwatch/alarms") > 0);
}

TEST_CASE("the alarms of managed scaling go off for rules, and fail the deployments that name them") {
  const Finished f = finished(on_instances("", kAlarmGoesOff));
  const auto sized = times_of(f.run.world, Fact::group_resized);
  REQUIRE_FALSE(sized.empty());
  REQUIRE_FALSE(f.triggered.empty());
  const auto heard = std::find_if(f.triggered.begin(), f.triggered.end(), [&](Time t) {
    return std::any_of(sized.begin(), sized.end(), [&](Time at) { return t > at && t < at + seconds(10); });
  });
  CHECK(heard != f.triggered.end());
  // Of a deployment one of seven new tasks has room beside the old ones on two instances: capacity is short.
  const std::string deploy = "deploy: web, image: 130MB";
  const std::string watched = "7, rollout: {alarms: {alarmNames: [TargetTracking-asg-AlarmHigh], rollback: true}}";
  CHECK(count(finished(on_instances("", kAlarmGoesOff, deploy, "7")).run.world, Fact::rollout_failed) == 0);
  const Finished failed = finished(on_instances("", kAlarmGoesOff, deploy, watched));
  CHECK(count(failed.run.world, Fact::rollout_failed) == 1);
}

TEST_CASE("where ECS does not scale the instances a service without room says so, and its tasks wait for ever") {
  const std::string pattern =
      "source: [aws.ecs], detail-type: [ECS Service Action], detail: {eventName: [SERVICE_TASK_PLACEMENT_FAILURE]}";
  const Finished plain = finished(on_instances(", managedScaling: false", pattern));
  // The change comes 30 minutes into the run, of 130: three attempts, and one each five minutes after that. The job
  // finds no room either.
  const auto failed = times_of(plain.run.world, Fact::launch_refused);
  CHECK(failed.size() >= 20);
  CHECK(failed.size() <= 23);
  CHECK(plain.triggered.size() == failed.size());
  for (const FactRecord& f : plain.run.world.log) CHECK(f.reason != Reason::start_timeout);
  const Workload& web = plain.run.world.workloads().front();
  CHECK(web.pods.size() == 5);
  CHECK(web.started == 4);
  const Finished managed = finished(on_instances("", pattern));
  CHECK(times_of(managed.run.world, Fact::launch_refused).empty());
  CHECK(managed.run.world.workloads().front().started == 5);
}

TEST_CASE("a composite alarm over a column's alarms sets off a rule, and is paid by the month") {
  const std::string composite = R"(      - {AlarmName: busy-but-whole, AlarmRule: 'ALARM(busy) AND NOT ALARM("down")'}
      - {AlarmName: down, Namespace: AWS/ApplicationELB, MetricName: HealthyHostCount, Statistic: Minimum, Period: 60,
         EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: LessThanThreshold}
)";
  const auto rules_of = [&](const std::string& alarm) {
    return finished(unscaled_app("    scale: {min: 2, max: 60}\n",
                                 kBusyAlarm + composite +
                                     "    eventRules:\n      on-busy:\n        eventPattern: {source: [aws.cloudwatch],"
                                     " "
                                     "detail: {alarmName: [" +
                                     alarm + "], state: {value: [ALARM]}}}\n        targets: [{lambda: {}}]\n"));
  };
  const Finished plain = rules_of("busy"), both = rules_of("busy-but-whole");
  REQUIRE_FALSE(plain.triggered.empty());
  // Tasks are healthy while the alarm goes off, so that the two go off together (but for the delivery).
  REQUIRE(both.triggered.size() == plain.triggered.size());
  for (std::size_t i = 0; i < both.triggered.size(); ++i)
    CHECK(std::abs((both.triggered[i] - plain.triggered[i]).count()) < seconds(1).count());
  // A composite alarm costs $0.50 a month of 730 hours: two hours.
  CHECK(nano_of(both.result, "cloudwatch/alarms-composite") == doctest::Approx(0.5e9 / 730 * 2).epsilon(0.01));
}

TEST_CASE("an alarm of the column sets off a step scaling policy of the files, and one without a policy is told") {
  const Folder folder;
  const std::string subject =
      R"("ServiceNamespace":"ecs","ResourceId":"service/shop/web","ScalableDimension":"ecs:service:DesiredCount")";
  folder.put("target.json", "{" + subject + R"(,"MinCapacity":2,"MaxCapacity":60})");
  folder.put("step.json", "{" + subject + R"(,"PolicyName":"out","PolicyType":"StepScaling",
"StepScalingPolicyConfiguration":{"AdjustmentType":"ChangeInCapacity","StepAdjustments":[
{"MetricIntervalLowerBound":0,"ScalingAdjustment":3}]}})");
  const auto text = [&](const std::string& policy) {
    std::string alarm = kBusyAlarm;
    alarm.replace(alarm.find("EvaluationPeriods"), 0,
                  "AlarmActions: ['arn:aws:autoscaling:us-east-1:1:scalingPolicy:u:resource/ecs/service/shop/web:"
                  "policyName/" +
                      policy + "']\n        ");
    std::string out = unscaled_app("", alarm + "    scaling: ['" + folder.path() + "/*.json']\n");
    return out;
  };
  const Finished f = finished(text("out"));
  REQUIRE_FALSE(f.desired.empty());
  CHECK(f.desired.front().second == 9);  // 6 + 3
  document::Diagnostics d;
  std::string wave = "t_s,rate_rps\n0,100\n10800,100\n";
  folder.put("wave.csv", wave);
  scenario::read_scenario(folder.put("s.yaml", text("outt")), registry(), {}, d);
  CHECK(d.text().find("alarm busy acts on the scaling policy 'outt', which no file has") != std::string::npos);
  CHECK(d.text().find("did you mean 'out'?") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::engine
