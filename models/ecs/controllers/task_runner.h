#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/aws/eventbridge/schedule.h"
#include "models/aws/fargate/launch_rate.h"
#include "sim/cluster/world.h"
#include "sim/policy/binding_limits.h"

namespace plimsoll::ecs {

/// How many tasks one start of a job is.
struct StandaloneRun {
  std::int64_t parallelism = 1;                 ///< tasks at once
  std::optional<std::int64_t> completions = 1;  ///< that must succeed; none: one of `parallelism`
  std::int64_t retries = 0;                     ///< tasks that may be started again, over the whole start
};

/// RunTask calls that an account may make: the bucket and its refill. SOURCE: ECS API reference, "Request throttling
/// for the Amazon ECS API" (cluster resource modify actions: 100, 40 a second); on Fargate 20 calls a second besides
/// ("Amazon ECS service quotas").
struct RunTaskRate {
  std::int64_t burst = 100;
  Ppm per_second{40'000'000};  ///< millionths of a call a second
};

/// UpdateService with a desired count, as a universal target of EventBridge Scheduler calls it.
struct ServiceUpdate {
  WorkloadId service;
  std::int64_t desired = 0;  ///< of a scaled service within its bounds, as Application Auto Scaling would put it back
};

/// A schedule that starts a job, or updates a service.
struct RunSchedule {
  std::string name;
  std::size_t job = 0;  ///< as add() told
  aws::Schedule when;
  TimeZone zone;
  Duration window{};                  ///< FlexibleTimeWindow; zero: OFF
  std::optional<std::int64_t> count;  ///< TaskCount: so many tasks, once each, in the place of the job's own numbers
  bool rule = false;                  ///< a rule with a schedule, else one of EventBridge Scheduler
  std::optional<ServiceUpdate> update{};  ///< it starts no job (`job` says nothing then)
};

/// Stand-alone tasks that run to their end: RunTask calls at an instant or by a schedule. Each start of a job launches
/// its tasks; when one ends and runs are still missing another is started, as a script or a state machine that waits
/// for its tasks does. A start is completed when as many tasks have succeeded as it wants, and has failed when all have
/// ended and they have not. ECS starts no stand-alone task again: only `retries` does. Starts of a schedule do not wait
/// for each other: there is no concurrency policy.
///
/// A schedule fires at a time drawn within its minute, or within its flexible window. A rate begins to count at
/// simulated time zero. A RunTask call starts ten tasks at most, and an account makes so many calls a second: a call
/// beyond the bucket is refused (ThrottlingException), and goes when a token is there, in the order of the starts.
/// SOURCE: API RunTask (count); "Request throttling for the Amazon ECS API"; EventBridge user guide, "Schedules on
/// Amazon EventBridge" (precision of 60 seconds, flexible time windows), "Schedule expressions for rules". Our reading:
/// tasks that go on when others of their start have failed; whoever calls repeats a refused call at once, where the
/// SDKs back off with jitter. Left out: the bucket of the agents' calls (200, 120 a second).
class TaskRunner : public ComponentOf<TaskRunner>, public BindingLimits {
 public:
  /// The most that one RunTask call starts.
  static constexpr std::int64_t kMostTasks = 10;

  /// `calendar`: Unix seconds at simulated time zero.
  explicit TaskRunner(aws::EpochSeconds calendar, const RunTaskRate& rate = {})
      : calendar_(calendar), calls_(rate.burst, rate.per_second) {}

  /// Tasks of this workload are nobody else's. Returns the number of the job.
  std::size_t add(WorkloadId workload, const StandaloneRun& run);
  WorkloadId workload_of(std::size_t job) const { return jobs_[job].workload; }
  void run_at(std::size_t job, Time at) { once_.emplace_back(job, at); }
  void schedule(RunSchedule schedule) { schedules_.push_back({std::move(schedule), {}, 0}); }

  /// Payload of a wake (phase controllers) by which another component starts a job; count 0: its own numbers.
  static std::uint64_t start_payload(std::size_t job, std::int64_t count) {
    return kStart | (static_cast<std::uint64_t>(job) << 8) | (static_cast<std::uint64_t>(count) << 32);
  }

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  /// The quota of RunTask calls: it binds while one waits for a token.
  std::vector<Limit> binding_limits(const World& world) const override;

 private:
  enum : std::uint64_t { kStart = 0, kSchedule = 1, kGoOn = 2, kCall = 3 };
  struct Job {
    WorkloadId workload;
    StandaloneRun run;
    std::int64_t starts = 0;
    std::vector<std::uint32_t> start_of_task;  ///< by ordinal of the task: index in starts_
  };
  struct Start {
    std::size_t job = 0;
    std::int64_t number = 0, parallelism = 1, wanted = 1;
    std::int64_t missing = 0, running = 0, succeeded = 0, retries = 0;
    bool any = false;  ///< one success is enough
    bool over = false;
    bool calling = false;  ///< it is in calling_
    bool wants_tasks() const { return missing > 0 && running < parallelism; }
  };
  struct Scheduled {
    RunSchedule what;
    std::optional<aws::EpochSeconds> last;  ///< the occurrence that fires next, or has fired
    std::uint64_t fired = 0;
  };
  void begin(World& world, std::size_t job, std::int64_t count);
  static void update(World& world, const ServiceUpdate& call);
  void go_on(World& world, std::size_t start);
  void call(World& world);
  void run_task(World& world, std::size_t start);
  void leave(World& world, std::size_t start);
  void plan(World& world, std::size_t schedule);
  std::optional<std::size_t> job_of(WorkloadId workload) const;

  aws::EpochSeconds calendar_ = 0;
  std::vector<Job> jobs_;
  std::vector<Start> starts_;
  std::vector<Scheduled> schedules_;
  std::vector<std::pair<std::size_t, Time>> once_;
  aws::LaunchRate calls_;
  std::vector<std::size_t> calling_;  ///< starts that have calls to make, in order
  bool call_pending_ = false;         ///< a wake at the next token
  LimitClock throttled_;
};

}  // namespace plimsoll::ecs
