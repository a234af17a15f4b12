#include "models/ecs/controllers/task_runner.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

/// Ends every task of the job a minute after it was made; those with an ordinal in `bad` with an error.
class Ends : public ComponentOf<Ends> {
 public:
  explicit Ends(std::vector<std::uint32_t> bad) : bad_(std::move(bad)) {}
  bool watches() const override { return true; }
  void on_fact(World& world, const FactRecord& f) override {
    if (f.fact == Fact::pod_created) world.wake(handler, world.now() + minutes(1), Phase::facts, f.pod.value());
  }
  void handle(World& world, const Event& event) override {
    const PodId task{static_cast<std::uint32_t>(event.payload)};
    const bool bad = std::find(bad_.begin(), bad_.end(), world.pod(task).ordinal) != bad_.end();
    if (world.pod(task).state != PodState::ended)
      world.pod_ended(task, bad ? Reason::container_exit : Reason::completed);
  }

 private:
  std::vector<std::uint32_t> bad_;
};

/// 2026-01-05, a Monday, 00:00 UTC.
constexpr std::int64_t kMonday = 1767571200;

struct Bench {
  explicit Bench(const StandaloneRun& run, std::vector<std::uint32_t> bad = {}, Duration span = hours(2),
                 const RunTaskRate& rate = {})
      : world(small_world(span)) {
    job = add_workload(world, "report", 250, 256);
    auto r = std::make_unique<TaskRunner>(kMonday, rate);
    runner = r.get();
    CHECK(runner->add(job, run) == 0);
    world.attach(std::move(r));
    world.attach(std::make_unique<Ends>(std::move(bad)));
  }
  std::vector<std::int64_t> minutes_of(Fact fact) const {
    std::vector<std::int64_t> out;
    for (const FactRecord& f : world.log) {
      if (f.fact == fact) out.push_back(to_microseconds(f.at) / 60'000'000);
    }
    return out;
  }

  World world;
  TaskRunner* runner = nullptr;
  WorkloadId job;
};

TEST_CASE("a start runs its tasks a few at a time until all have succeeded") {
  Bench b({.parallelism = 2, .completions = 5, .retries = 0});
  b.runner->run_at(0, at_s(600));
  b.world.run();
  // Two at 10 min, two at 11, one at 12; each takes a minute.
  CHECK(b.minutes_of(Fact::pod_created) == std::vector<std::int64_t>{10, 10, 11, 11, 12});
  CHECK(b.minutes_of(Fact::job_started) == std::vector<std::int64_t>{10});
  CHECK(b.minutes_of(Fact::job_completed) == std::vector<std::int64_t>{13});
  CHECK(count_facts(b.world, Fact::job_failed) == 0);
}

/// Microseconds of a start's tasks after it, with how many were made then.
std::vector<std::pair<std::int64_t, int>> waves_of(const World& world, Time start) {
  std::vector<std::pair<std::int64_t, int>> out;
  for (const FactRecord& f : world.log) {
    if (f.fact != Fact::pod_created) continue;
    const std::int64_t at = to_microseconds(f.at - start);
    if (out.empty() || out.back().first != at) out.emplace_back(at, 0);
    ++out.back().second;
  }
  return out;
}

TEST_CASE("a start goes in calls of ten tasks, as many as the bucket has tokens, then one at a time") {
  // Three calls at once, then one each half second: 30 tasks, 10, 10 and the last 5.
  const RunTaskRate rate{3, Ppm{2'000'000}};
  Bench b({.parallelism = 55, .completions = 55, .retries = 0}, {}, hours(2), rate);
  b.runner->run_at(0, at_s(600));
  b.world.run();
  CHECK(waves_of(b.world, at_s(600)) ==
        std::vector<std::pair<std::int64_t, int>>{{0, 30}, {500'000, 10}, {1'000'000, 10}, {1'500'000, 5}});
  CHECK(count_facts(b.world, Fact::job_completed) == 1);
  const auto limits = b.runner->binding_limits(b.world);
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].name == "the quota of RunTask calls");
  CHECK(limits[0].share == doctest::Approx(1.5 / 7200));
}

TEST_CASE("starts take tokens in their order, and a refused call of a start that needs nothing more is none") {
  const RunTaskRate rate{1, Ppm{1'000'000}};
  Bench b({.parallelism = 20, .completions = 20, .retries = 0}, {}, hours(2), rate);
  for (int i = 0; i < 2; ++i) b.runner->run_at(0, at_s(600));
  b.world.run();
  CHECK(waves_of(b.world, at_s(600)) ==
        std::vector<std::pair<std::int64_t, int>>{{0, 10}, {1'000'000, 10}, {2'000'000, 10}, {3'000'000, 10}});
  CHECK(count_facts(b.world, Fact::job_completed) == 2);
  // Without completions the first success is enough: the second call of ten, a minute and more later, is not made.
  Bench any({.parallelism = 20, .completions = std::nullopt, .retries = 0}, {}, hours(2), {1, Ppm{10'000}});
  any.runner->run_at(0, at_s(600));
  any.world.run();
  CHECK(waves_of(any.world, at_s(600)) == std::vector<std::pair<std::int64_t, int>>{{0, 10}});
  CHECK(count_facts(any.world, Fact::job_completed) == 1);
}

TEST_CASE("a failed task is started again only as often as it is told to") {
  {
    Bench b({.parallelism = 3, .completions = 3, .retries = 0}, {1});
    b.runner->run_at(0, at_s(0));
    b.world.run();
    CHECK(b.world.pods().size() == 3);
    CHECK(count_facts(b.world, Fact::job_failed) == 1);
    CHECK(count_facts(b.world, Fact::job_completed) == 0);
  }
  {
    Bench b({.parallelism = 3, .completions = 3, .retries = 1}, {1});
    b.runner->run_at(0, at_s(0));
    b.world.run();
    CHECK(b.world.pods().size() == 4);
    CHECK(b.minutes_of(Fact::job_completed) == std::vector<std::int64_t>{2});
  }
  {
    Bench b({.parallelism = 3, .completions = 3, .retries = 1}, {1, 3});  // and the second try too
    b.runner->run_at(0, at_s(0));
    b.world.run();
    CHECK(b.world.pods().size() == 4);
    CHECK(count_facts(b.world, Fact::job_failed) == 1);
  }
}

TEST_CASE("without completions one success is enough, and nothing is started after it") {
  Bench b({.parallelism = 3, .completions = std::nullopt, .retries = 5}, {0});
  b.runner->run_at(0, at_s(0));
  b.world.run();
  // The first to end failed and is tried again; then the two others succeed in the same minute.
  CHECK(count_facts(b.world, Fact::job_completed) == 1);
  CHECK(count_facts(b.world, Fact::job_failed) == 0);
  CHECK(b.world.pods().size() <= 4);
}

TEST_CASE("a schedule fires within its minute, and starts do not wait for each other") {
  Bench b({.parallelism = 1, .completions = 90, .retries = 0});  // an hour and a half for each start
  b.runner->schedule({"quarter", 0, *aws::parse_schedule("cron(0/15 0 * * ? *)").schedule, {}, {}, {}});
  b.world.run();
  CHECK(b.minutes_of(Fact::job_started) == std::vector<std::int64_t>{0, 15, 30, 45});
  CHECK(b.minutes_of(Fact::rule_triggered) == std::vector<std::int64_t>{0, 15, 30, 45});
  // The last, begun within minute 45, lasts to the end.
  CHECK(b.world.workload(b.job).pods.size() >= 1);
}

TEST_CASE("a flexible window moves each run within it, a task count replaces the job's numbers") {
  Bench b({.parallelism = 1, .completions = 1, .retries = 0}, {}, hours(24 * 7));
  b.runner->schedule(
      {"daily", 0, *aws::parse_schedule("cron(0 3 * * ? *)").schedule, *TimeZone::find("Europe/Berlin"), hours(1), 4});
  b.world.run();
  const auto started = b.minutes_of(Fact::job_started);
  REQUIRE(started.size() == 7);
  bool moved = false;
  for (std::size_t day = 0; day < started.size(); ++day) {
    // 03:00 in Berlin is 02:00 UTC in January.
    const std::int64_t due = static_cast<std::int64_t>(day) * 1440 + 120;
    CHECK(started[day] >= due);
    CHECK(started[day] < due + 60);
    moved = moved || started[day] != due;
  }
  CHECK(moved);
  CHECK(b.world.pods().size() == 28);
}

TEST_CASE("a scheduled UpdateService sets the desired count within the bounds of a scaled service") {
  Bench b({.parallelism = 1, .completions = 1, .retries = 0});
  const WorkloadId web = add_workload(b.world, "web", 250, 256);
  b.world.set_bounds(web, 1, 6);
  RunSchedule s{"night", 0, *aws::parse_schedule("cron(30 0 * * ? *)").schedule, {}, {}, {}};
  s.update = ServiceUpdate{web, 9};
  b.runner->schedule(s);
  b.world.run();
  CHECK(b.world.workload(web).desired == 6);
  CHECK(b.minutes_of(Fact::rule_triggered) == std::vector<std::int64_t>{30});
  CHECK(count_facts(b.world, Fact::job_started) == 0);
}

TEST_CASE("a rate counts from the beginning, and another component may start a job") {
  Bench b({.parallelism = 1, .completions = 1, .retries = 0});
  b.runner->schedule({"often", 0, *aws::parse_schedule("rate(30 minutes)").schedule, {}, {}, {}});
  b.world.wake(b.runner->handler, at_s(60), Phase::controllers, TaskRunner::start_payload(0, 3));
  b.world.run();
  CHECK(b.minutes_of(Fact::job_started) == std::vector<std::int64_t>{1, 30, 60, 90});
  CHECK(b.world.pods().size() == 6);
}

}  // namespace
}  // namespace plimsoll::ecs
