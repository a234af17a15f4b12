#include "models/ecs/standalone_tasks.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "models/ecs/event_files.h"
#include "sim/core/text.h"

namespace plimsoll::ecs {

namespace {

std::optional<std::size_t> find_job(document::Fields& f, const std::vector<JobSpec>& jobs, const std::string& name) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].name == name) return i;
    names.push_back(jobs[i].name);
  }
  const std::string near = nearest(name, names);
  f.error("job", "no job '" + name + "'",
          near.empty() ? "it must be one of the scenario's jobs" : "did you mean '" + near + "'?");
  return std::nullopt;
}

void read_schedule(document::Fields& f, const std::string& name, StandaloneTasks& out) {
  RunSchedule s;
  s.name = name;
  const std::string expression =
      f.required_text("scheduleExpression", "cron(min hour day-of-month month day-of-week year), rate(...) or at(...)");
  const std::string zone = f.text("scheduleExpressionTimezone", "UTC", "EventBridge Scheduler default", "IANA name");
  s.window = f.duration("flexibleTimeWindow", Duration{}, "OFF", "the schedule fires at any time within it",
                        {Duration{}, minutes(1440)});
  const bool rule = f.choice<bool>("kind", {{"scheduler", false}, {"rule", true}}, false,
                                   "AWS recommends EventBridge Scheduler", "a Scheduler schedule, or a scheduled rule");
  const std::string job = f.required_text("job", "what it starts");
  s.count = f.optional_integer("taskCount", "tasks of one start, in the place of the job's own numbers",
                               {1, TaskRunner::kMostTasks});
  if (f.describing()) return;
  const auto found = find_job(f, out.jobs, job);
  auto parsed = aws::parse_schedule(expression);
  if (!parsed.schedule && !expression.empty()) {
    f.error("scheduleExpression",
            "'" + expression + "', character " + std::to_string(parsed.position + 1) + ": " + parsed.error,
            "cron(0 8 ? * MON-FRI *), rate(5 minutes), at(2026-03-02T10:00:00)");
  }
  const auto known = TimeZone::find(zone);
  if (!known)
    f.error("scheduleExpressionTimezone", "no time zone '" + zone + "'", "an IANA name such as Europe/Berlin");
  if (s.window.count() > 0 && s.window < minutes(1))
    f.error("flexibleTimeWindow", "must be off (0) or between 1 and 1440 minutes");
  if (rule && s.window.count() > 0)
    f.error("flexibleTimeWindow", "a rule has no flexible time window", "kind: scheduler");
  if (rule && zone != "UTC") f.error("scheduleExpressionTimezone", "a rule runs in UTC", "kind: scheduler");
  if (rule && parsed.schedule && std::holds_alternative<aws::AtSchedule>(*parsed.schedule))
    f.error("scheduleExpression", "a rule takes cron(...) or rate(...)", "kind: scheduler");
  if (!parsed.schedule || !known || !found) return;
  s.job = *found;
  s.when = std::move(*parsed.schedule);
  s.zone = *known;
  s.rule = rule;
  out.schedules.push_back(std::move(s));
}

/// What starts the jobs that the column's schedules do not name.
void add_own_starts(document::Fields& column, StandaloneTasks& out) {
  const std::size_t said = out.schedules.size();
  for (std::size_t i = 0; i < out.jobs.size(); ++i) {
    const JobSpec& job = out.jobs[i];
    if (std::any_of(out.schedules.begin(), out.schedules.begin() + static_cast<std::ptrdiff_t>(said),
                    [i](const RunSchedule& s) { return !s.update && s.job == i; }))
      continue;
    if (job.schedule.empty()) {
      out.once.emplace_back(i, job.at);
      continue;
    }
    auto parsed = aws::schedule_of_crontab(job.schedule);
    const auto zone = TimeZone::find(job.zone);
    if (!parsed.schedule || !zone) {
      column.error(
          "", "the schedule '" + job.schedule + "' of the job " + job.name + " cannot be told to EventBridge Scheduler",
          parsed.error.empty() ? "unknown time zone" : parsed.error);
      continue;
    }
    RunSchedule s;
    s.name = job.name;
    s.job = i;
    s.when = std::move(*parsed.schedule);
    s.zone = *zone;
    out.schedules.push_back(std::move(s));
  }
}

}  // namespace

StandaloneTasks StandaloneTasks::read(document::Fields& column, const Setting& setting, const aws::PriceBook& prices,
                                      const CapacityPlan& capacity) {
  StandaloneTasks out;
  out.jobs = setting.jobs;
  {
    document::Fields f = column.child("runTask", "stand-alone tasks: the scenario's jobs");
    out.retries = f.integer("retries", 0, "ECS does not start a stand-alone task again",
                            "failed tasks of one start that whoever runs them starts again", {0, 100'000});
  }
  for (const document::Item& item :
       column.map("schedules", "EventBridge schedules of jobs, in the place of the jobs' own, by name")) {
    document::Fields f(item.node, column.reader(), item.path);
    read_schedule(f, item.name, out);
  }
  if (column.describing()) return out;
  EventFiles::read(setting).add_schedules(column, out.jobs, out.schedules, setting.workloads);
  add_own_starts(column, out);
  for (std::size_t i = 0; i < out.jobs.size(); ++i) {
    const JobSpec& job = out.jobs[i];
    if (job.parallelism == 0)
      column.error("", "the job " + job.name + " has parallelism 0: RunTask starts at least one task");
    capacity.check_task(column, prices, job.ecs.cpu, job.ecs.memory, "the job " + job.name,
                        setting.workloads.size() + i, out.unholdable);
  }
  return out;
}

std::vector<WorkloadId> StandaloneTasks::add_workloads(World& world, HostAgent& hosts,
                                                       const CapacityPlan& capacity) const {
  std::vector<WorkloadId> ids;
  const std::size_t services = capacity.tasks.size() - std::min(capacity.tasks.size(), jobs.size());
  for (const JobSpec& job : jobs) {
    PodShape shape;
    shape.requests.set_cpu(job.ecs.cpu);
    shape.requests.set_memory(job.ecs.memory);
    shape.requests[Resource::enis] = enis.empty() ? 1 : enis[ids.size()];
    shape.requests[Resource::pods] = 1;
    if (!gpus.empty()) shape.requests[Resource::gpus] = gpus[ids.size()];
    shape.requests_anything = true;
    Workload w;
    w.name = world.names.intern(job.name);
    w.requests = shape.requests;
    w.shape = world.shapes.intern(std::move(shape));
    w.cpu_limit = capacity.fargate(services + ids.size()) ? job.ecs.cpu : job.ecs.cpu_limit.value_or(Cpu{});
    w.images = {{world.names.intern(job.image_name.empty() ? job.name : job.image_name), job.image}};
    w.memory_used = job.resident.raw() > 0 ? job.resident : Bytes{job.ecs.memory.raw() / 5 * 4};
    w.restart = RestartRule{};  // never: its essential container's exit ends the task
    ids.push_back(world.add_workload(std::move(w)));
    RunToCompletion run;
    run.work = job.work;
    run.wait = job.wait;
    run.cores = job.cores;
    run.fails = job.fails;
    run.failures = job.failures;
    hosts.run_to_completion(ids.back(), run);
  }
  return ids;
}

std::unique_ptr<TaskRunner> StandaloneTasks::runner(const std::vector<WorkloadId>& ids, std::int64_t calendar,
                                                    Time window_start) const {
  if (jobs.empty() && schedules.empty()) return nullptr;
  auto out = std::make_unique<TaskRunner>(calendar, rate);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    StandaloneRun run;
    run.parallelism = jobs[i].parallelism;
    run.completions = jobs[i].completions;
    run.retries = retries;
    out->add(ids[i], run);
  }
  for (const auto& [job, after] : once) out->run_at(job, window_start + after);
  for (const RunSchedule& s : schedules) out->schedule(s);
  return out;
}

}  // namespace plimsoll::ecs
