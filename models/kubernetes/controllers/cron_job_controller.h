#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/kubernetes/controllers/control_plane_process.h"
#include "models/kubernetes/version.h"
#include "models/kubernetes/workloads/cronjob.h"
#include "sim/cluster/world.h"
#include "sim/core/time_zone.h"

namespace plimsoll::kubernetes {

/// CronJobs: at each start of a schedule a Job is created (Allow), unless one still runs (Forbid: the newest missed
/// start is made up for when it ends, within startingDeadlineSeconds), or in place of those that run (Replace). Syncs
/// come 100 ms after a start and when a Job ends; in 1.20 every 10 s. A start that will not be made up for is
/// Fact::starts_missed. Schedules are read on the clock of their zone.
/// SOURCE: kubernetes/kubernetes pkg/controller/cronjob/cronjob_controllerv2.go (nextScheduleDelta 100 ms), 1.20.2
/// cronjob_controller.go (every 10 s).
/// Left out: the history limits, which remove only finished Jobs: they hold no resources and cost nothing.
class CronJobController : public ComponentOf<CronJobController>, public ControlPlaneProcess {
 public:
  /// `jobs`: the attached JobController. `unix_at_zero`: UTC seconds at simulated zero, when the CronJobs are created.
  CronJobController(HandlerId jobs, KubernetesVersion version, std::int64_t unix_at_zero)
      : jobs_(jobs), version_(version), unix_at_zero_(unix_at_zero) {}

  void manage(WorkloadId workload, const CronJobSpec& spec, const TimeZone& zone);

  /// Schedules stay as the release of the beginning has parsed them.
  void replace(World& world, const ControlPlaneRelease& release) override;

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  struct Managed {
    WorkloadId workload;
    CronJobSpec spec;
    TimeZone zone;
    std::int64_t created = 0;                   ///< UTC seconds
    std::optional<std::int64_t> last_schedule;  ///< likewise
    std::int64_t accounted = 0;                 ///< starts up to here were made or have been counted as missed
    Time next = kTimeNever;                     ///< the pending sync
  };
  void sync(World& world, Managed& m);
  void wake_at(World& world, Managed& m, Time at);
  /// Starts of (after, until], UTC seconds.
  static std::int64_t starts_between(const Managed& m, std::int64_t after, std::int64_t until);

  HandlerId jobs_;
  KubernetesVersion version_;
  std::int64_t unix_at_zero_;
  std::vector<Managed> all_;
};

}  // namespace plimsoll::kubernetes
