#include "models/ecs/controllers/tracking_call.h"

#include <algorithm>

#include "models/aws/application_auto_scaling/target_tracking.h"
#include "sim/core/assert.h"

namespace plimsoll::ecs {

TrackingCall::TrackingCall(WorkloadId service, Ppm target_cpu) : service_(service), target_cpu_(target_cpu) {
  PLIMSOLL_ASSERT(target_cpu.raw() > 0);
}

std::int64_t TrackingCall::ask(World& world) {
  if (world.service() != nullptr) world.service()->settle(world);
  const Workload& w = world.workload(service_);
  const Usage& usage = world.usage[service_.index()];
  const __int128 used = usage.cpu_serving + usage.cpu_starting - used_;
  const __int128 reserved = usage.cpu_reserved - reserved_;
  used_ += used;
  reserved_ += reserved;
  if (reserved <= 0) return w.desired;
  const auto metric = static_cast<std::int64_t>(used * 1'000'000 / reserved);
  return aws::target_tracking_desired(w.desired, metric, target_cpu_.raw(), w.minimum, std::max(w.minimum, w.maximum));
}

}  // namespace plimsoll::ecs
