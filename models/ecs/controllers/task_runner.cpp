#include "models/ecs/controllers/task_runner.h"

#include <algorithm>

#include "models/ecs/controllers/rule_action.h"

namespace plimsoll::ecs {

namespace {

/// EventBridge invokes a target within the minute that the schedule names.
constexpr Duration kPrecision = seconds(60);

}  // namespace

std::size_t TaskRunner::add(WorkloadId workload, const StandaloneRun& run) {
  jobs_.push_back({workload, run, 0, {}});
  return jobs_.size() - 1;
}

std::optional<std::size_t> TaskRunner::job_of(WorkloadId workload) const {
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    if (jobs_[i].workload == workload) return i;
  }
  return std::nullopt;
}

void TaskRunner::start(World& world) {
  for (const auto& [job, at] : once_) {
    if (at <= world.end) world.wake(handler, at, Phase::controllers, start_payload(job, 0));
  }
  for (std::size_t i = 0; i < schedules_.size(); ++i) plan(world, i);
}

/// The next occurrence of a schedule and the instant at which it fires.
void TaskRunner::plan(World& world, std::size_t index) {
  Scheduled& s = schedules_[index];
  s.last = aws::next_occurrence(s.what.when, calendar_, s.last.value_or(calendar_ - 1), s.what.zone);
  if (!s.last) return;
  const Duration within = s.what.window.count() > 0 ? s.what.window : kPrecision;
  const Stream stream = world.stream(hash_text(s.what.name, hash_text("schedule")), Purpose::loop_offset);
  const auto late = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(within.count()), s.fired++));
  // An occurrence may fire after the next one is due: with a window longer than its period.
  const Time at = std::max(kTimeZero + seconds(*s.last - calendar_) + Duration{late}, world.now());
  if (at <= world.end)
    world.wake(handler, at, Phase::controllers, kSchedule | (static_cast<std::uint64_t>(index) << 8));
}

void TaskRunner::handle(World& world, const Event& event) {
  const auto index = static_cast<std::size_t>((event.payload >> 8) & 0xffffffu);
  switch (event.payload & 0xffu) {
    case kStart:
      begin(world, index, static_cast<std::int64_t>(event.payload >> 32));
      break;
    case kSchedule: {
      const RunSchedule& s = schedules_[index].what;
      world.record({.at = world.now(),
                    .fact = Fact::rule_triggered,
                    .workload = s.update ? s.update->service : jobs_[s.job].workload,
                    .value = static_cast<std::int64_t>(index)});
      RuleActionDetail told;
      told.rule = (s.rule ? "rule " : "schedule ") + s.name;
      told.action = s.update ? "scale" : "run tasks";
      told.workload = s.update ? s.update->service : jobs_[s.job].workload;
      told.before = world.workload(told.workload).desired;
      if (s.update) {
        update(world, *s.update);
      } else {
        begin(world, s.job, s.count.value_or(0));
      }
      told.after = world.workload(told.workload).desired;
      if (world.is_explained()) world.explain(told);
      plan(world, index);
      break;
    }
    case kCall:
      call_pending_ = false;
      call(world);
      break;
    default:
      go_on(world, static_cast<std::size_t>(event.payload >> 8));
      break;
  }
}

void TaskRunner::update(World& world, const ServiceUpdate& call) {
  const Workload& w = world.workload(call.service);
  if (w.minimum != w.maximum) {
    world.set_desired(call.service, std::clamp(call.desired, w.minimum, w.maximum));
  } else if (call.desired != w.desired) {
    world.set_bounds(call.service, call.desired, call.desired);
  }
}

void TaskRunner::begin(World& world, std::size_t job, std::int64_t count) {
  Job& j = jobs_[job];
  Start s;
  s.job = job;
  s.number = ++j.starts;
  s.parallelism = count > 0 ? count : j.run.parallelism;
  s.any = count == 0 && !j.run.completions;
  s.missing = count > 0 ? count : j.run.completions.value_or(j.run.parallelism);
  s.wanted = s.any ? 1 : s.missing;
  s.retries = j.run.retries;
  world.record({.at = world.now(), .fact = Fact::job_started, .workload = j.workload, .value = s.number});
  starts_.push_back(s);
  go_on(world, starts_.size() - 1);
}

void TaskRunner::go_on(World& world, std::size_t index) {
  Start& s = starts_[index];
  if (s.over) return;
  if (!s.calling && s.wants_tasks()) {
    s.calling = true;
    calling_.push_back(index);
  }
  if (!s.wants_tasks()) leave(world, index);
  call(world);
}

/// The start has no call to make; it is over when none of its tasks runs.
void TaskRunner::leave(World& world, std::size_t index) {
  Start& s = starts_[index];
  if (s.calling) std::erase(calling_, index);
  s.calling = false;
  if (s.running > 0) return;
  s.over = true;
  world.record({.at = world.now(),
                .fact = s.succeeded >= s.wanted ? Fact::job_completed : Fact::job_failed,
                .workload = jobs_[s.job].workload,
                .value = s.number});
}

/// Makes the calls that wait, as many as there are tokens for.
void TaskRunner::call(World& world) {
  while (!calling_.empty()) {
    const std::size_t index = calling_.front();
    if (calls_.take(1, world.now()) == 0) break;
    run_task(world, index);
    if (!starts_[index].wants_tasks()) leave(world, index);
  }
  if (throttled_.binds() != !calling_.empty()) throttled_.set(world, !calling_.empty());
  if (calling_.empty() || call_pending_) return;
  call_pending_ = true;
  world.wake(handler, calls_.when_available(1, world.now()), Phase::controllers, kCall);
}

/// One RunTask call.
void TaskRunner::run_task(World& world, std::size_t index) {
  Start& s = starts_[index];
  Job& j = jobs_[s.job];
  for (std::int64_t n = 0; n < kMostTasks && s.wants_tasks(); ++n, --s.missing, ++s.running) {
    const PodId task = world.create_pod(j.workload);
    j.start_of_task.resize(world.pod(task).ordinal + 1);
    j.start_of_task.back() = static_cast<std::uint32_t>(index);
  }
}

std::vector<BindingLimits::Limit> TaskRunner::binding_limits(const World& world) const {
  const double share = throttled_.share(world);
  if (share == 0) return {};
  return {{"the quota of RunTask calls", share}};
}

void TaskRunner::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact != Fact::pod_ended) return;
  const auto job = job_of(fact.workload);
  if (!job) return;
  const Pod& task = world.pod(fact.pod);
  const std::uint32_t index = jobs_[*job].start_of_task[task.ordinal];
  Start& s = starts_[index];
  --s.running;
  if (task.end_reason == Reason::completed) {
    ++s.succeeded;
    if (s.any) s.missing = 0;
  } else if (s.retries > 0 && !(s.any && s.succeeded > 0)) {
    --s.retries;
    ++s.missing;
  }
  world.wake(handler, world.now(), Phase::controllers, kGoOn | (static_cast<std::uint64_t>(index) << 8));
}

}  // namespace plimsoll::ecs
