#pragma once

#include <cstdint>
#include <optional>

#include "models/kubernetes/workloads/cron_schedule.h"
#include "sim/core/time_zone.h"

namespace plimsoll::kubernetes {

/// The first start of a schedule strictly after `after` (Unix seconds) on the clock of a zone; a time that the clock
/// skips does not happen.
std::optional<std::int64_t> next_in_zone(const CronSchedule& schedule, const TimeZone& zone, std::int64_t after);

/// The cron trigger of KEDA: between start and end the metric is desiredReplicas, else 1, against a target of 1.
/// SOURCE: kedacore/keda pkg/scalers/cron_scaler.go.
struct CronTrigger {
  CronSchedule start, end;
  TimeZone zone;
  std::int64_t desired_replicas = 1;

  /// Whether the end comes before the next start.
  bool active(std::int64_t now) const;
  double value(std::int64_t now) const { return active(now) ? static_cast<double>(desired_replicas) : 1.0; }
};

}  // namespace plimsoll::kubernetes
