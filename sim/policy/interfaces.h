#pragma once

#include <cstdint>
#include <span>

#include "sim/cluster/world.h"
#include "sim/core/id.h"
#include "sim/core/random.h"
#include "sim/core/time.h"
#include "sim/core/units.h"

/// Vendor-neutral interfaces of policies and of the models that feed them. A policy is pure: it reads what it is given
/// and answers with a decision and its reasons as data; it never changes the cluster, schedules events or logs.
namespace plimsoll {

/// The rate at which requests arrive from outside, before noise. Immutable.
class ArrivalProcess {
 public:
  virtual ~ArrivalProcess() = default;
  /// Mean rate over [from, to), requests/s. @pre from < to.
  virtual double mean_rate(Time from, Time to) const = 0;
};

/// What a replica scaler sees of one workload over its metric window.
struct ReplicaObservation {
  std::int64_t current = 0;         ///< replicas wanted now
  std::int64_t ready = 0;           ///< replicas that passed their readiness check
  std::int64_t unready = 0;         ///< running or starting, not ready
  std::int64_t cpu_used_milli = 0;  ///< mean of one ready replica, milliCPU
  std::int64_t cpu_request_milli = 0;
  bool has_metric = false;
};

struct ReplicaDecision {
  std::int64_t desired = 0;
  std::int32_t reason = 0;  ///< code in the policy's own table
};

/// Wanted replicas from metrics (HPA, target tracking, KEDA).
class ReplicaScaler {
 public:
  virtual ~ReplicaScaler() = default;
  virtual ReplicaDecision decide(const ReplicaObservation& seen, Time now) = 0;
};

/// Answer of a source of capacity to a request for instances: full, partial or a capacity error.
struct CapacityAnswer {
  std::int64_t granted = 0, refused = 0;
};

/// Where instances come from: what a capacity pool (instance type x zone) would grant now, in full, in part or not at
/// all (refused > 0: a capacity error). Asking takes nothing: the caller makes the nodes with World::request_node,
/// their `pool` set, and what is live counts against the pool's limit from then on.
class CapacitySource {
 public:
  virtual ~CapacitySource() = default;
  virtual CapacityAnswer request(const World& world, PoolId pool, PurchaseOption purchase,
                                 std::int64_t count) const = 0;
};

/// Wanted nodes from pending and placed pods (Cluster Autoscaler, Karpenter, ECS managed scaling).
struct NodeDecision {
  NodeGroupId group;
  std::int64_t add = 0;
  std::span<const NodeId> remove;
};

class NodeScaler {
 public:
  virtual ~NodeScaler() = default;
  virtual NodeDecision decide(Time now) = 0;
};

/// Shortage of capacity pools, realised from the seed before any policy acts.
class FaultModel {
 public:
  virtual ~FaultModel() = default;
  /// Next change of state of a pool after `after`; kTimeNever when none.
  virtual Time next_change(PoolId pool, Time after) const = 0;
  virtual bool available(PoolId pool, PurchaseOption purchase, Time at) const = 0;
};

/// Receives what a run tells about itself.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  /// One sample of named series, in the order of the names given at the start.
  virtual void sample(Time at, std::span<const std::int64_t> values) = 0;
};

}  // namespace plimsoll
