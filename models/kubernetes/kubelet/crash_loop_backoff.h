#pragma once

#include "sim/cluster/entities.h"

namespace plimsoll::kubernetes {

/// What the kubelet does with a container that exited, under restartPolicy Always: the first restart at once, then
/// after 10, 20, 40, 80, 160, 300, 300 ... s from its end, acted on at the pod's next sync (failed syncs are retried
/// after 10 to 15 s); a run of more than 10 min is forgiven.
/// SOURCE: kubernetes/kubernetes pkg/kubelet/kubelet.go (MaxContainerBackOff 300 s, backOffPeriod 10 s),
/// kuberuntime_manager.go doBackOff (1.20 to 1.34). Left out: KubeletCrashLoopBackOffMax and
/// ReduceDefaultCrashLoopBackOffDecay, which are off by default.
RestartRule crash_loop_backoff();

}  // namespace plimsoll::kubernetes
