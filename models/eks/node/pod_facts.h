#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/cluster/constraints.h"
#include "sim/core/id.h"
#include "sim/core/time.h"

namespace plimsoll::eks {

/// Kind of the controller that owns a pod; `custom` is any kind that the autoscaler does not know.
enum class ControllerKind : std::uint8_t {
  none,
  replica_set,
  replication_controller,
  stateful_set,
  job,
  daemon_set,
  custom,
};

enum class PodPhase : std::uint8_t { pending, running, succeeded, failed };
enum class RestartPolicy : std::uint8_t { always, on_failure, never };
enum class SafeToEvict : std::uint8_t { unset, yes, no, on_completion };

/// A volume that lives on the node.
enum class LocalVolume : std::uint8_t { host_path, empty_dir, empty_dir_memory };

struct NodeVolume {
  LocalVolume kind = LocalVolume::empty_dir;
  NameId name;
};

/// What an autoscaler wants to know of a pod and placement does not.
struct PodFacts {
  ControllerKind controller = ControllerKind::replica_set;
  WorkloadId controller_id;  ///< none without a controller
  bool controller_exists = true;
  std::int64_t controller_replicas = 1;  ///< spec.replicas
  bool mirror = false;                   ///< of a static pod
  PodPhase phase = PodPhase::running;
  RestartPolicy restart_policy = RestartPolicy::always;
  SafeToEvict safe_to_evict = SafeToEvict::unset;  ///< cluster-autoscaler.kubernetes.io/safe-to-evict
  std::vector<NameId> safe_local_volumes;          ///< ...safe-to-evict-local-volumes
  std::vector<NodeVolume> volumes;
  Duration grace = seconds(30);    ///< terminationGracePeriodSeconds
  std::optional<Time> deleted_at;  ///< deletionTimestamp less grace: when the deletion was asked for
  bool do_not_disrupt = false;     ///< karpenter.sh/do-not-disrupt
  Duration do_not_disrupt_for{};   ///< the same as a duration from the pod's start (Karpenter 1.14)
  std::int64_t deletion_cost = 0;  ///< controller.kubernetes.io/pod-deletion-cost
  bool fully_blocked = false;      ///< by a budget that never lets it go, or by several at once
};

/// Answers for every pod of the snapshot that a plan is asked about.
class PodDirectory {
 public:
  virtual ~PodDirectory() = default;
  virtual const PodFacts& facts(PodId pod) const = 0;
};

/// A PodDisruptionBudget as its controller reports it.
struct DisruptionBudget {
  NameId namespace_name;
  LabelSelector selector;
  std::int64_t disruptions_allowed = 0;
};

/// Terminating for longer than its grace period and 30 s more: the autoscaler stops counting it.
/// SOURCE: kubernetes/autoscaler cluster-autoscaler/utils/drain (PodLongTerminatingExtraThreshold).
inline bool is_long_terminating(const PodFacts& pod, Time now) {
  return pod.deleted_at && now - *pod.deleted_at > pod.grace + seconds(30);
}

}  // namespace plimsoll::eks
