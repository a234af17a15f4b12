#pragma once

#include <algorithm>
#include <optional>

#include "sim/core/time.h"

namespace plimsoll {

/// How long a container goes on that is told to end: its preStop hook for at most `grace`, then the signal, after which
/// the application takes `stop` and is killed when the grace period is over. After a hook it has 2 s at least. Without
/// a hook, or with a grace period of 0, all is over with the grace period; none: it ends in its own time. Whole seconds
/// of the hook count against the grace period. SOURCE: pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer,
/// executePreStopHook, minimumGracePeriodInSeconds (1.20 to 1.34).
constexpr Duration termination_time(Duration pre_stop, Duration stop, std::optional<Duration> grace) {
  if (!grace) return pre_stop + stop;
  if (pre_stop.count() <= 0 || grace->count() <= 0) return std::min(pre_stop + stop, *grace);
  const Duration hook = std::min(pre_stop, *grace);
  const Duration counted = seconds(hook.count() / seconds(1).count());
  return hook + std::min(stop, std::max(*grace - counted, seconds(2)));
}

}  // namespace plimsoll
