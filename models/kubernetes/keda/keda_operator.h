#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/keda/cron_trigger.h"
#include "models/kubernetes/metrics/prometheus.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// A trigger that decides whether a target is active.
struct ActivationTrigger {
  std::optional<CronTrigger> cron;
  QueryId query;
  double threshold = 0;  ///< active above it
  bool null_is_error = false;
};

struct KedaTarget {
  WorkloadId workload;
  std::int64_t minimum = 0;
  std::optional<std::int64_t> idle;
  Duration polling_interval = seconds(30), cooldown = seconds(300), initial_cooldown{};
  std::vector<ActivationTrigger> triggers;
  std::int64_t fallback_replicas = 0;  ///< held while a trigger answers with an error and none is active; 0: none
  std::optional<std::int64_t> paused_replicas;  ///< set at the first poll, and nothing after that
  bool scales_in = true, scales_out = true;     ///< false: not to zero or idle; not from there
  bool force_active = false;                    ///< whatever the triggers say
};

/// A size that the operator sets itself.
struct KedaDetail : Detail {
  WorkloadId workload;
  std::int64_t current = 0, wanted = 0;
  std::string_view why;
};

/// What the KEDA operator does beside the HPA that it makes of a ScaledObject: it polls the triggers and scales between
/// zero (or the idle count) and the least count. Between the least and the most count the HPA scales, on the triggers'
/// values. A trigger whose server does not answer is in error: nothing is scaled in then, or to the fallback's count.
/// SOURCE: kedacore/keda pkg/scaling/executor/scale_scaledobjects.go (2.15).
class KedaOperator : public ComponentOf<KedaOperator> {
 public:
  KedaOperator(HandlerId prometheus, std::int64_t calendar) : prometheus_(prometheus), calendar_(calendar) {}
  void manage(KedaTarget target) { targets_.push_back({std::move(target), {}}); }

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

 private:
  struct Managed {
    KedaTarget target;
    std::optional<Time> last_active;
  };
  enum class State : std::uint8_t { idle, active, error };
  State state_of(World& world, const KedaTarget& target) const;
  void poll(World& world, Managed& managed);
  static void set(World& world, WorkloadId workload, std::int64_t wanted, std::string_view why);

  HandlerId prometheus_;
  std::int64_t calendar_;
  std::vector<Managed> targets_;
};

}  // namespace plimsoll::kubernetes
