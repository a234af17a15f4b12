#include "models/kubernetes/controllers/cron_job_controller.h"

#include <doctest/doctest.h>

#include "tests/models/kubernetes/controllers/job_bench.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::kubernetes::testing;

CronJobSpec every(const char* schedule, ConcurrencyPolicy policy = ConcurrencyPolicy::allow) {
  CronJobSpec spec;
  spec.schedule = *CronSchedule::parse(schedule, KubernetesVersion::current).value;
  spec.concurrency = policy;
  return spec;
}

struct CronBench : JobBench {
  CronBench(Duration work_of_a_run, const CronJobSpec& spec, KubernetesVersion version = KubernetesVersion::current,
            std::int64_t unix_at_zero = 0, const TimeZone& zone = {}, Duration span = minutes(30),
            const JobTemplate& jobs = {})
      : JobBench(run_of(work_of_a_run), jobs, version, span) {
    auto cron = std::make_unique<CronJobController>(job_controller, version, unix_at_zero);
    cron->manage(work, spec, zone);
    world.attach(std::move(cron));
    world.run();
  }
  std::int64_t missed() const {
    std::int64_t n = 0;
    for (const FactRecord& f : world.log) n += f.fact == Fact::starts_missed ? f.value : 0;
    return n;
  }
};

TEST_CASE("a Job 100 ms after each start of the schedule; 1.20 looks every 10 s") {
  const CronBench b(seconds(60), every("*/5 * * * *"));
  CHECK(b.times(Fact::job_started) ==
        std::vector<Time>{at_ms(300'100), at_ms(600'100), at_ms(900'100), at_ms(1'200'100), at_ms(1'500'100)});
  CHECK(b.missed() == 0);
  CHECK(count_facts(b.world, Fact::job_completed) == 5);
  const CronBench old(seconds(60), every("*/10 * * * *"), KubernetesVersion::v1_20, 5);
  // Simulated zero is 5 s past the hour: the start at 600 s falls on 595 s, the next look is at 600 s.
  CHECK(old.times(Fact::job_started) == std::vector<Time>{at_s(600), at_s(1200), at_s(1800)});
}

TEST_CASE("Forbid puts a start off until the Job before has ended") {
  // Ends 0.1 + 0.01 + 2.5 + 420 s after its start, is complete 1 s later, and the CronJob looks after another 0.1 s.
  const CronBench b(minutes(7), every("*/5 * * * *", ConcurrencyPolicy::forbid));
  const std::vector<Time> starts = b.times(Fact::job_started);
  REQUIRE(starts.size() >= 2);
  CHECK(starts[0] == at_ms(300'100));
  CHECK(starts[1] == at_ms(300'100 + 100 + 10 + 2'500 + 420'000 + 1'000 + 100));
  // Each Job takes 423.71 s: they begin at 300.1, 723.81 (for 600), 1147.52 (for 900) and 1571.23 s, when 1200 and 1500
  // are due: 1200 is missed.
  REQUIRE(starts.size() == 4);
  CHECK(starts[3] == at_ms(300'100 + 3 * 423'710));
  CHECK(b.missed() == 1);
}

TEST_CASE(
    "suspended Jobs of a template are created and stay: they hold up Forbid, and Replace puts a new one in place") {
  JobTemplate jobs;
  jobs.suspend = true;
  jobs.spec.active_deadline = seconds(60);  // it begins with the first start of its pods
  const auto starts = [&](ConcurrencyPolicy policy) {
    CronBench b(seconds(60), every("*/5 * * * *", policy), KubernetesVersion::current, 0, {}, minutes(30), jobs);
    CHECK(b.world.pods().empty());
    // Those that Replace deletes are over as well.
    CHECK(count_facts(b.world, Fact::job_failed) == (policy == ConcurrencyPolicy::replace ? 4 : 0));
    CHECK(b.controller().active(b.work).size() == (policy == ConcurrencyPolicy::allow ? 5 : 1));
    return b.times(Fact::job_started).size();
  };
  CHECK(starts(ConcurrencyPolicy::allow) == 5);
  CHECK(starts(ConcurrencyPolicy::forbid) == 1);
  CHECK(starts(ConcurrencyPolicy::replace) == 5);
}

TEST_CASE("of several starts that were put off only the newest is made up for") {
  // Runs from 300 s for 663.7 s: 600 and 900 fall into it.
  const CronBench b(minutes(11), every("*/5 * * * *", ConcurrencyPolicy::forbid));
  const std::vector<Time> starts = b.times(Fact::job_started);
  REQUIRE(starts.size() >= 2);
  CHECK(starts[1] == at_ms(300'100 + 663'710));
  CHECK(b.times(Fact::starts_missed).front() == starts[1]);
}

TEST_CASE("a start later than startingDeadlineSeconds is missed") {
  CronJobSpec spec = every("*/5 * * * *", ConcurrencyPolicy::forbid);
  spec.starting_deadline_s = 60;
  // The one at 600 s could begin at 723.8 s, which is too late.
  const CronBench b(minutes(7), spec);
  const std::vector<Time> starts = b.times(Fact::job_started);
  REQUIRE(starts.size() >= 2);
  CHECK(starts[1] == at_ms(900'100));
  CHECK(b.missed() >= 1);
  CHECK(b.times(Fact::starts_missed).front() == at_ms(300'100 + 423'710));
}

TEST_CASE("Replace deletes the Job that runs") {
  const CronBench b(minutes(7), every("*/5 * * * *", ConcurrencyPolicy::replace));
  CHECK(count_facts(b.world, Fact::job_started) == 5);
  CHECK(count_facts(b.world, Fact::job_failed) == 4);
  CHECK(count_facts(b.world, Fact::job_completed) == 0);
  CHECK(b.world.pod(PodId{0}).end_reason == plimsoll::Reason::replaced);
  CHECK(b.world.pod(PodId{0}).stopping == at_ms(600'100));
}

TEST_CASE("Allow lets Jobs overlap; a suspended one starts nothing") {
  const CronBench b(minutes(7), every("*/5 * * * *"));
  CHECK(count_facts(b.world, Fact::job_started) == 5);
  CHECK(count_facts(b.world, Fact::job_failed) == 0);
  CronJobSpec off = every("*/5 * * * *");
  off.suspend = true;
  CHECK(count_facts(CronBench(minutes(1), off).world, Fact::job_started) == 0);
}

TEST_CASE("the schedule is read on the clock of its zone") {
  // 2026-03-02T00:00Z is 01:00 in Berlin; 02:30 there is 5,400 s later. On the 29th the clock goes forward at 02:00.
  const auto berlin = *TimeZone::find("Europe/Berlin");
  const std::int64_t march_2 = *parse_instant("2026-03-02"), march_29 = *parse_instant("2026-03-29");
  const CronBench b(seconds(60), every("30 2 * * *"), KubernetesVersion::current, march_2, berlin, hours(3));
  CHECK(b.times(Fact::job_started) == std::vector<Time>{at_ms(5'400'100)});
  const CronBench hourly(seconds(60), every("15 * * * *"), KubernetesVersion::current, march_29, berlin, hours(3));
  CHECK(hourly.times(Fact::job_started) == std::vector<Time>{at_ms(900'100), at_ms(4'500'100), at_ms(8'100'100)});
}

}  // namespace
}  // namespace plimsoll::kubernetes
