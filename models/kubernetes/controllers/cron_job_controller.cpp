#include "models/kubernetes/controllers/cron_job_controller.h"

#include <algorithm>

#include "models/kubernetes/controllers/job_controller.h"
#include "models/kubernetes/keda/cron_trigger.h"

namespace plimsoll::kubernetes {

namespace {

constexpr Duration kNextScheduleDelta = milliseconds(100), kOldPeriod = seconds(10);

}  // namespace

void CronJobController::manage(WorkloadId workload, const CronJobSpec& spec, const TimeZone& zone) {
  Managed m;
  m.workload = workload;
  m.spec = spec;
  m.zone = zone;
  m.created = m.accounted = unix_at_zero_;
  all_.push_back(std::move(m));
}

void CronJobController::start(World& world) {
  for (Managed& m : all_) sync(world, m);
}

void CronJobController::wake_at(World& world, Managed& m, Time at) {
  if (version_ == KubernetesVersion::v1_20)
    at = kTimeZero + kOldPeriod * div_ceil((at - kTimeZero).count(), kOldPeriod.count());
  at = std::max(at, world.now());
  if (at > world.end || (m.next != kTimeNever && m.next <= at)) return;
  m.next = at;
  world.wake(handler, at, Phase::controllers, static_cast<std::uint64_t>(&m - all_.data()));
}

void CronJobController::on_fact(World& world, const FactRecord& f) {
  if (f.fact != Fact::job_completed && f.fact != Fact::job_failed) return;
  for (Managed& m : all_) {
    // The end of a Job brings the next look at what was put off.
    if (m.workload == f.workload) wake_at(world, m, world.now() + kNextScheduleDelta);
  }
}

void CronJobController::replace(World& world, const ControlPlaneRelease& release) {
  version_ = release.version;
  for (Managed& m : all_) {
    m.next = kTimeNever;
    wake_at(world, m, release.leads);
  }
}

void CronJobController::handle(World& world, const Event& event) {
  Managed& m = all_[event.payload];
  if (m.next != world.now()) return;
  m.next = kTimeNever;
  sync(world, m);
}

std::int64_t CronJobController::starts_between(const Managed& m, std::int64_t after, std::int64_t until) {
  std::int64_t n = 0;
  for (auto t = next_in_zone(m.spec.schedule, m.zone, after); t && *t <= until;
       t = next_in_zone(m.spec.schedule, m.zone, *t)) {
    ++n;
  }
  return n;
}

void CronJobController::sync(World& world, Managed& m) {
  auto& jobs = dynamic_cast<JobController&>(world.component(jobs_));
  const std::int64_t now = unix_at_zero_ + to_microseconds(world.now()) / 1'000'000;
  // The rules work on the clock that the schedule is written for: every instant is shifted by the present offset.
  const std::int64_t offset = m.zone.offset_at(now);
  const std::vector<std::uint32_t> active = jobs.active(m.workload);
  CronJobObserved seen;
  seen.created = m.created + offset;
  if (m.last_schedule) seen.last_schedule = *m.last_schedule + offset;
  seen.active = static_cast<std::int64_t>(active.size());
  const CronJobActions actions = sync_cronjob(m.spec, seen, now + offset, version_);
  const auto missed = [&](std::int64_t until, std::int64_t but) {
    const std::int64_t n = starts_between(m, m.accounted, until) - but;
    m.accounted = std::max(m.accounted, until);
    if (n > 0) world.record({.at = world.now(), .fact = Fact::starts_missed, .workload = m.workload, .value = n});
  };
  if (actions.start) {
    const std::int64_t scheduled = *actions.start - offset;
    missed(scheduled, 1);
    for (std::int64_t i = 0; i < actions.deletions; ++i)
      jobs.remove(world, m.workload, active[static_cast<std::size_t>(i)], plimsoll::Reason::replaced);
    m.last_schedule = scheduled;
    jobs.create(world, m.workload);
  } else if (!m.spec.suspend && m.spec.starting_deadline_s) {
    missed(now - *m.spec.starting_deadline_s - 1, 0);
  }
  if (m.spec.suspend) return;
  if (const auto next = next_in_zone(m.spec.schedule, m.zone, now))
    wake_at(world, m,
            kTimeZero + seconds(*next - unix_at_zero_) +
                (version_ == KubernetesVersion::v1_20 ? Duration{} : kNextScheduleDelta));
}

}  // namespace plimsoll::kubernetes
