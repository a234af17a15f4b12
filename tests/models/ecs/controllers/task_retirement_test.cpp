// Also tests: instants
#include "models/ecs/controllers/task_retirement.h"

#include <doctest/doctest.h>

#include <string>

#include "models/aws/controllers/fargate_launcher.h"
#include "models/ecs/controllers/service_scheduler.h"
#include "sim/cluster/host_agent.h"
#include "sim/document/loader.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

constexpr std::int64_t kDay = 86'400;

/// Four tasks of a service and one that stands alone, on Fargate from the first minute on; the revision beneath them is
/// retired a day later.
struct RetirementBench {
  RetirementBench(std::int64_t minimum_healthy, std::int64_t maximum, Duration wait,
                  std::vector<EventWindow> windows = {})
      : world(small_world(hours(24 * 9))) {
    world.host_profiles.assign(2, plain_host());
    web = add_workload(world, "web", 500, 512, 4);
    job = add_workload(world, "job", 500, 512);
    ServiceSchedulerParameters parameters;
    parameters.reaction = Delay::constant(seconds(2));
    auto scheduler = std::make_unique<ServiceScheduler>(parameters);
    DeploymentConfiguration configuration;
    configuration.minimum_healthy_percent = minimum_healthy;
    configuration.maximum_percent = maximum;
    scheduler->manage(web, true, {}, configuration);
    aws::FargateParameters fargate;
    fargate.provision = Delay::constant(seconds(30));
    auto launcher = std::make_unique<aws::FargateLauncher>(fargate);
    for (const WorkloadId id : {web, job}) launcher->serve(id, world.workload(id).requests);
    world.attach(std::make_unique<HostAgent>());
    world.attach(std::move(scheduler));
    world.attach(std::move(launcher));
    TaskRetirementPlan plan;
    plan.retired_after = {hours(24)};
    plan.wait = wait;
    plan.windows = std::move(windows);
    world.attach(std::make_unique<TaskRetirement>(plan, std::vector<WorkloadId>{web}));
    auto script = std::make_unique<Script>();
    script->at(at_s(5), [id = job](World& w) { w.create_pod(id); });
    world.attach(std::move(script));
  }
  /// The least number of tasks of the service in traffic from an instant on.
  std::int64_t fewest_serving(Time from) const {
    std::int64_t serving = 0, least = 4;
    for (const FactRecord& f : world.log) {
      if (f.workload != web) continue;
      if (f.fact == Fact::pod_serving) ++serving;
      if (f.fact == Fact::pod_stopping) --serving;
      if (f.at >= from) least = std::min(least, serving);
    }
    return least;
  }
  World world;
  WorkloadId web, job;
};

TEST_CASE("seven days after the notice the tasks of a service are replaced, new ones first; a task alone is stopped") {
  RetirementBench b(100, 200, hours(24 * 7));
  b.world.run_until(at_s(kDay));
  CHECK(first_fact(b.world, Fact::retirement_notice) == at_s(kDay));
  b.world.run_until(at_s(8 * kDay - 1));
  CHECK(b.world.pods().size() == 5);
  CHECK(count_facts(b.world, Fact::pod_stopping) == 0);
  b.world.run_until(at_s(8 * kDay + 600));
  CHECK(b.world.workload(b.web).serving == 4);
  CHECK(b.world.pods().size() == 9);  // nobody starts the other again
  std::int64_t retired = 0;
  for (const Pod& p : b.world.pods()) retired += p.state == PodState::ended && p.end_reason == Reason::retired ? 1 : 0;
  CHECK(retired == 5);
  CHECK(b.world.workload(b.job).pods.empty());
  CHECK(b.fewest_serving(at_s(8 * kDay)) == 4);
  // Those of the next revision stay.
  b.world.run_until(at_s(9 * kDay));
  CHECK(b.world.pods().size() == 9);
}

TEST_CASE("below 100 percent some stop first; with a wait of zero the notice is the date") {
  RetirementBench b(50, 100, Duration{});
  b.world.run_until(at_s(kDay + 1200));
  CHECK(b.world.workload(b.web).serving == 4);
  CHECK(b.world.pods().size() == 9);
  CHECK(b.fewest_serving(at_s(kDay)) == 2);  // ceil(4 x 50 %)
}

/// Seconds since Sunday 00:00 of a day of the week (0: Sunday) and an hour.
constexpr std::int64_t week_time(std::int64_t day, std::int64_t hour) { return day * kDay + hour * 3'600; }

TEST_CASE("the next instant inside a weekly window") {
  // Time zero of the calendar is a Thursday, 00:00 UTC.
  const EventWindow saturday{week_time(6, 2), week_time(6, 6)};
  CHECK(next_in_windows({saturday}, 0, at_s(0)) == at_s(2 * kDay + 2 * 3'600));
  CHECK(next_in_windows({saturday}, 0, at_s(2 * kDay + 3 * 3'600)) == at_s(2 * kDay + 3 * 3'600));
  CHECK(next_in_windows({saturday}, 0, at_s(2 * kDay + 6 * 3'600)) == at_s(9 * kDay + 2 * 3'600));
  // Over the end of the week, and the nearer of two.
  const EventWindow weekend{week_time(6, 22), week_time(0, 2)};
  CHECK(next_in_windows({weekend}, 0, at_s(3 * kDay + 3'600)) == at_s(3 * kDay + 3'600));
  CHECK(next_in_windows({weekend, saturday}, 0, at_s(0)) == at_s(2 * kDay + 2 * 3'600));
  // A calendar that begins on Friday 12:00.
  CHECK(next_in_windows({saturday}, kDay + 12 * 3'600, at_s(0)) == at_s(14 * 3'600));
}

TEST_CASE("with event windows tasks are retired in the first one in which they are three days old") {
  // The notice comes on Friday 00:00 when the tasks are a day old. Saturday's window, at two days, is too early; on
  // Monday they are four days old.
  RetirementBench b(100, 200, hours(24 * 7), {{week_time(6, 2), week_time(6, 6)}, {week_time(1, 4), week_time(1, 8)}});
  b.world.run_until(at_s(4 * kDay + 4 * 3'600 - 1));
  CHECK(count_facts(b.world, Fact::pod_stopping) == 0);
  b.world.run_until(at_s(4 * kDay + 4 * 3'600 + 600));
  std::int64_t retired = 0;
  for (const Pod& p : b.world.pods()) retired += p.state == PodState::ended && p.end_reason == Reason::retired ? 1 : 0;
  CHECK(retired == 5);
  CHECK(b.world.workload(b.web).serving == 4);
}

TEST_CASE("the account's setting has three values, and means tasks on Fargate") {
  const auto read = [](const std::string& text, bool on_fargate, TaskRetirementPlan& plan) {
    document::Diagnostics d;
    {
      const document::Node root = document::load_text(text, "s.yaml", d).front();
      document::Fields f(root, d, "platforms.a");
      plan = TaskRetirementPlan::read(f, on_fargate);
    }
    return d.text();
  };
  TaskRetirementPlan plan;
  CHECK(read("fargatePlatform: {retiredAfter: [3d, 36h]}\n", true, plan) == "");
  CHECK(plan.retired_after == std::vector<Duration>{hours(36), hours(72)});
  CHECK(plan.wait == hours(7 * 24));
  CHECK(read("fargatePlatform: {retiredAfter: [0s], fargateTaskRetirementWaitPeriod: 14}\n", true, plan) == "");
  CHECK(plan.wait == hours(14 * 24));
  CHECK(read("fargatePlatform: {retiredAfter: 2d}\n", true, plan) == "");
  CHECK(plan.retired_after == std::vector<Duration>{hours(48)});
  CHECK(read("fargatePlatform: {retiredAfter: [soon]}\n", true, plan).find("retiredAfter[0]") != std::string::npos);
  CHECK(read("fargatePlatform: {fargateTaskRetirementWaitPeriod: 3}\n", true, plan).find("14, not") !=
        std::string::npos);
  const auto window = [](const std::string& hours) {
    return "fargatePlatform: {retiredAfter: [1d], fargateEventWindows: [{StartWeekDay: saturday, " + hours + "}]}\n";
  };
  CHECK(read(window("StartHour: 22, EndWeekDay: sunday, EndHour: 4"), true, plan) == "");
  REQUIRE(plan.windows.size() == 1);
  CHECK(plan.windows[0].from == week_time(6, 22));
  CHECK(plan.windows[0].to == week_time(0, 4));
  CHECK(read(window("EndWeekDay: saturday, EndHour: 1"), true, plan).find("at least 2 hours") != std::string::npos);
  CHECK(read(window("EndWeekDay: saturday, EndHour: 3"), true, plan).find("at least 4 hours a week") !=
        std::string::npos);
  CHECK(read(window("EndWeekDay: sonday, EndHour: 3"), true, plan).find("sunday") != std::string::npos);
  CHECK(read("fargatePlatform: {retiredAfter: [1d]}\n", false, plan).find("no task of this column runs on Fargate") !=
        std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs
