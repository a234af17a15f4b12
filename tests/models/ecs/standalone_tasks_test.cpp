// Also tests: event_rule_plan, daemon_plan
#include "models/ecs/standalone_tasks.h"

#include <doctest/doctest.h>

#include "models/ecs/daemon_plan.h"
#include "models/ecs/event_rule_plan.h"
#include "sim/document/loader.h"

namespace plimsoll::ecs {
namespace {

struct Read {
  StandaloneTasks tasks;
  EventRulePlan rules;
  DaemonPlan daemons;
  std::string complaints;
};

/// A column with the app web (500m/1Gi) and the jobs report (a schedule) and repair (once, after ten minutes).
Read read(const std::string& text, const std::string& capacity = "capacity: {asg: {type: m5.large}}\n",
          const std::string& crontab = "0 3 * * 1-5") {
  Setting setting;
  setting.region = "us-east-1";
  setting.as_of = "today";
  WorkloadSpec w;
  w.name = "web";
  w.ecs = {cpu_millis(500), gibibytes(1), {}, {}};
  setting.workloads.push_back(w);
  JobSpec report;
  report.name = "report";
  report.ecs = {cpu_millis(1000), gibibytes(2), {}, {}};
  report.schedule = crontab;
  report.zone = "Europe/Berlin";
  setting.jobs.push_back(report);
  JobSpec repair;
  repair.name = "repair";
  repair.ecs = {cpu_millis(250), mebibytes(512), {}, {}};
  repair.at = minutes(10);
  setting.jobs.push_back(repair);
  document::Diagnostics diagnostics;
  Read out;
  {
    const document::Node root = document::load_text(capacity + text, "s.yaml", diagnostics).front();
    document::Fields f(root, diagnostics, "platforms.a");
    const auto prices = aws::PriceBook::open(f, setting);
    REQUIRE(prices != nullptr);
    const CapacityPlan plan = CapacityPlan::read(f, *prices, setting);
    out.daemons = DaemonPlan::read(f, setting, plan);
    out.tasks = StandaloneTasks::read(f, setting, *prices, plan);
    out.rules = EventRulePlan::read(f, setting, *prices, out.tasks);
    // As a scenario without another column does.
    for (const auto* list : {&out.daemons.unholdable, &out.tasks.unholdable}) {
      for (const Unholdable& u : *list) diagnostics.add(u.fault);
    }
  }
  out.complaints = diagnostics.text();
  return out;
}

bool says(const Read& r, std::string_view what) { return r.complaints.find(what) != std::string::npos; }

TEST_CASE("a job's own schedule is told to EventBridge, a job without one runs once") {
  const Read r = read("");
  CHECK(r.complaints == "");
  REQUIRE(r.tasks.schedules.size() == 1);
  const RunSchedule& s = r.tasks.schedules[0];
  CHECK(s.name == "report");
  CHECK(s.job == 0);
  CHECK(s.window == Duration{});
  // Monday 2026-01-05, 03:00 in Berlin is 02:00 UTC.
  CHECK(aws::next_occurrence(s.when, 0, aws::from_civil({2026, 1, 4, 0, 0, 0}), s.zone) ==
        aws::from_civil({2026, 1, 5, 2, 0, 0}));
  REQUIRE(r.tasks.once.size() == 1);
  CHECK(r.tasks.once[0] == std::pair<std::size_t, Duration>{1, minutes(10)});
  CHECK(r.tasks.retries == 0);
}

TEST_CASE("schedules of the column take the place of a job's own") {
  const Read r = read(
      "runTask: {retries: 3}\n"
      "schedules:\n"
      "  often: {scheduleExpression: rate(5 minutes), flexibleTimeWindow: 2m, job: report, taskCount: 4}\n"
      "  weekly: {scheduleExpression: cron(0 8 ? * 2#1 *), job: report, kind: rule}\n");
  CHECK(r.complaints == "");
  CHECK(r.tasks.retries == 3);
  REQUIRE(r.tasks.schedules.size() == 2);
  CHECK(r.tasks.schedules[0].window == minutes(2));
  CHECK(r.tasks.schedules[0].count == 4);
  CHECK_FALSE(r.tasks.schedules[1].count);
  CHECK(r.tasks.once.size() == 1);  // repair
}

TEST_CASE("a faulty schedule is refused with the place in its expression") {
  CHECK(says(read("schedules: {a: {scheduleExpression: cron(0 25 * * ? *), job: report}}\n"),
             "'cron(0 25 * * ? *)', character 8: hour out of range"));
  CHECK(says(read("schedules: {a: {scheduleExpression: cron(0 8 * * MON *), job: report}}\n"),
             "character 10: ? required in one day field"));
  CHECK(says(read("schedules: {a: {scheduleExpression: rate(1 hours), job: report}}\n"), "character 6: singular"));
  CHECK(says(read("schedules: {a: {scheduleExpression: rate(1 hour), job: reports}}\n"), "did you mean 'report'?"));
  CHECK(says(read("schedules: {a: {scheduleExpression: rate(1 hour), job: report, flexibleTimeWindow: 30s}}\n"),
             "between 1 and 1440 minutes"));
  CHECK(says(read("schedules: {a: {scheduleExpression: 'at(2026-03-02T10:00:00)', job: report, kind: rule}}\n"),
             "a rule takes cron(...) or rate(...)"));
  CHECK(
      says(read("schedules: {a: {scheduleExpression: rate(1 hour), scheduleExpressionTimezone: Mars, job: report}}\n"),
           "no time zone 'Mars'"));
  // EventBridge cannot say days of the month and of the week together.
  CHECK(says(read("", "capacity: fargate\n", "0 3 1 * 1"), "cannot be told to EventBridge Scheduler"));
}

TEST_CASE("a job that no capacity can hold is refused, and where tasks wait is known") {
  CHECK(says(read("", "capacity: {asg: {type: t3.micro}}\n"), "can hold a task of the job report"));
  CHECK(read("", "capacity: {asg: {type: t3.micro}}\n").tasks.unholdable.at(0).workload == "the job report");
  CapacityPlan plan;
  CapacityProvider p;
  p.kind = ProviderKind::auto_scaling_group;
  p.asg.emplace();
  plan.providers.push_back(p);
  CHECK(plan.waits(0));
  plan.providers[0].asg->managed_scaling = false;
  CHECK_FALSE(plan.waits(0));
}

TEST_CASE("event rules are read with their targets, and a job they start is started by nothing else") {
  const Read r = read(R"(eventRules:
  failed:
    eventPattern: {source: [aws.ecs], detail: {lastStatus: [STOPPED]}}
    targets:
      - runTask: {job: repair, taskCount: 2}
      - {scaleService: {service: web, change: -1}, lambda: {duration: 2s, memorySize: 512}}
      - stopTask: {service: web, count: 3}
      - stopTask: {}
  off: {state: DISABLED, eventPattern: {source: [aws.ec2]}, targets: [{runTask: {job: report}}]}
)");
  CHECK(r.complaints == "");
  REQUIRE(r.rules.rules.size() == 1);
  const auto& targets = r.rules.targets[0];
  REQUIRE(targets.size() == 4);
  CHECK(targets[0].what.job == 1);
  CHECK(targets[0].what.count == 2);
  CHECK_FALSE(targets[0].what.lambda);
  CHECK(targets[1].what.lambda);
  CHECK(targets[1].what.desired == -1);
  CHECK(targets[1].what.lambda_duration == seconds(2));
  CHECK(targets[1].what.lambda_memory == 512);
  CHECK(targets[2].what.lambda);
  CHECK_FALSE(targets[2].what.of_event);
  CHECK(targets[3].what.of_event);
  CHECK(r.rules.functions() == 3);
  CHECK(r.rules.first_number == 1);
  CHECK(r.rules.lambda.million_requests.raw() == 200'000'000'000);  // $0.20
  CHECK(r.tasks.once.empty());
}

TEST_CASE("faulty rules are refused") {
  const std::string start = "eventRules: {a: {eventPattern: {source: [aws.ecs]}, targets: ";
  CHECK(says(read(start + "[{}]}}\n"), "one of runTask, scaleService, stopTask"));
  CHECK(says(read(start + "[{runTask: {job: web}}]}}\n"), "no job 'web'"));
  CHECK(says(read(start + "[{scaleService: {service: wev, change: 1}}]}}\n"), "did you mean 'web'?"));
  CHECK(says(read(start + "[{scaleService: {service: web}}]}}\n"), "desiredCount or change"));
  const std::string run = "{runTask: {job: report}}";
  CHECK(says(read(start + "[" + run + "," + run + "," + run + "," + run + "," + run + "," + run + "]}}\n"),
             "at most five targets"));
  CHECK(says(read("eventRules: {a: {targets: [" + run + "]}}\n"), "eventPattern is missing"));
}

TEST_CASE("daemon services take room on every instance") {
  const Read r = read("daemons: {agent: {cpu: 200m, memory: 256Mi, networkMode: awsvpc, minimumHealthyPercent: 50}}\n");
  CHECK(r.complaints == "");
  REQUIRE(r.daemons.services.size() == 1);
  const DaemonService& d = r.daemons.services[0];
  CHECK(d.name == "agent");
  CHECK(d.enis == 1);
  CHECK(d.used == cpu_millis(40));  // 20 %
  CHECK(d.minimum_healthy_percent == 50);

  CHECK(says(read("daemons: {agent: {cpu: 100m, memory: 128Mi}}\n", "capacity: fargate\n"),
             "Fargate does not support daemon services"));
  // m5.large registers 2 vCPU: web's 500m fits beside 1500m, not beside 1600m.
  CHECK(read("daemons: {agent: {cpu: 1500m, memory: 128Mi}}\n").complaints == "");
  CHECK(says(read("daemons: {agent: {cpu: 1600m, memory: 128Mi}}\n"), "beside the daemons (1600m / 128Mi)"));
  CHECK(says(read("daemons: {agent: {cpu: 100m, memory: 128Mi, maximumPercent: 200}}\n"), "must be 100"));
  CHECK(says(read("daemons: {agent: {cpu: 100m, memory: 128Mi, minimumHealthyPercent: 100}}\n"), "would hang"));
  CHECK(says(read("daemons: {web: {cpu: 100m, memory: 128Mi}}\n"), "is an app and a daemon service"));
}

TEST_CASE("a daemon's placement constraints are expressions of the query language") {
  const Read good = read("daemons: {agent: {cpu: 50m, memory: 64MiB, placementConstraints: 'attribute:a == b'}}\n");
  CHECK(good.complaints == "");
  CHECK(good.daemons.services.at(0).member_of.size() == 1);
  CHECK(says(read("daemons: {agent: {cpu: 50m, memory: 64MiB, placementConstraints: ['attribute:a =']}}\n"),
             "character"));
}

TEST_CASE("a stand-alone task takes a network interface in awsvpc mode only") {
  const Read r = read("");
  for (const std::int64_t enis : {0, 1}) {
    World world(1, kTimeZero, kTimeZero + hours(1));
    HostAgent hosts;
    StandaloneTasks tasks = r.tasks;
    tasks.enis = {enis, 1};
    const std::vector<WorkloadId> ids = tasks.add_workloads(world, hosts, CapacityPlan{});
    CHECK(world.workload(ids[0]).requests[Resource::enis] == enis);
    CHECK(world.workload(ids[1]).requests[Resource::enis] == 1);
  }
}

}  // namespace
}  // namespace plimsoll::ecs
