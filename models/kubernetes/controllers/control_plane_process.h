#pragma once

#include <cstdint>

#include "models/kubernetes/version.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// What the processes of a control plane are told when others take their place.
struct ControlPlaneRelease {
  KubernetesVersion version = KubernetesVersion::current;
  int gates = 34;                             ///< minor release whose feature gates are on
  Duration node_monitor_grace = seconds(50);  ///< --node-monitor-grace-period
  /// When the new processes lead. kube-scheduler and kube-controller-manager work under a lease of 15 s that the others
  /// try for every 2 s; until one has it nobody schedules, scales or replaces.
  Time leads{};
};

/// How many calls a second the clients of a control plane's own parts may make.
/// SOURCE: kube-scheduler clientConnection and kube-controller-manager --kube-api-qps, --kube-api-burst: 50/100 and
/// 20/30 by default; EKS user guide, "Provisioned Control Plane": a tier sets the scheduler's.
struct ClientRates {
  std::int64_t scheduler_qps = 50, scheduler_burst = 100;
  std::int64_t controllers_qps = 20, controllers_burst = 30;
};

/// A part of the control plane that runs as a process of its own, or as a loop of kube-controller-manager.
class ControlPlaneProcess {
 public:
  virtual ~ControlPlaneProcess() = default;
  /// Its process ends now. What it kept in memory is gone; the next one reads the state anew when it leads.
  virtual void replace(World& world, const ControlPlaneRelease& release) = 0;
  virtual void set_rates(const ClientRates& rates) { static_cast<void>(rates); }

 protected:
  void wait_until(Time leads) { leads_ = leads; }
  /// Whether nobody leads yet. The event then comes again when somebody does.
  bool put_off(World& world, HandlerId handler, const Event& event) const {
    if (world.now() >= leads_) return false;
    world.wake(handler, leads_, event.phase(), event.payload);
    return true;
  }

 private:
  Time leads_{};
};

}  // namespace plimsoll::kubernetes
