#include "models/kubernetes/workloads/cronjob.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

CronJobSpec every_minute() {
  return {*CronSchedule::parse("* * * * *", KubernetesVersion::current).value, ConcurrencyPolicy::allow, false, {}};
}

TEST_CASE("the newest missed start runs, and above a hundred 1.20 gives up") {
  const CronJobSpec spec = every_minute();
  CronJobObserved seen;
  CHECK(sync_cronjob(spec, seen, 300, KubernetesVersion::v1_20).start == 300);
  CHECK(sync_cronjob(spec, seen, 6'000, KubernetesVersion::v1_20).start == 6'000);  // 100 are due
  const CronJobActions many = sync_cronjob(spec, seen, 6'060, KubernetesVersion::v1_20);
  CHECK(many.too_many_missed);
  CHECK_FALSE(many.start.has_value());
  CHECK(sync_cronjob(spec, seen, 6'060, KubernetesVersion::current).start == 6'060);
}

TEST_CASE("a deadline shortens the look back and refuses a late start") {
  CronJobSpec spec = every_minute();
  spec.starting_deadline_s = 30;
  CHECK(sync_cronjob(spec, {}, 6'089, KubernetesVersion::v1_20).start == 6'060);
  CHECK_FALSE(sync_cronjob(spec, {}, 6'119, KubernetesVersion::v1_20).start.has_value());
}

TEST_CASE("policies on a job that still runs") {
  CronJobSpec spec = every_minute();
  CronJobObserved seen;
  seen.active = 1;
  spec.concurrency = ConcurrencyPolicy::forbid;
  CHECK_FALSE(sync_cronjob(spec, seen, 60, KubernetesVersion::current).start.has_value());
  spec.concurrency = ConcurrencyPolicy::replace;
  CHECK(sync_cronjob(spec, seen, 60, KubernetesVersion::current).deletions == 1);
  spec.suspend = true;
  CHECK_FALSE(sync_cronjob(spec, seen, 60, KubernetesVersion::current).start.has_value());
  CHECK(job_name_number(120, KubernetesVersion::v1_20) == 120);
  CHECK(job_name_number(120, KubernetesVersion::current) == 2);
}

}  // namespace
}  // namespace plimsoll::kubernetes
