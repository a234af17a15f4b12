#pragma once

#include <cstdint>

#include "sim/cluster/world.h"
#include "sim/core/id.h"
#include "sim/core/time.h"

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

/// Shortage of capacity pools, realised from the seed before any policy acts.
class FaultModel {
 public:
  virtual ~FaultModel() = default;
  /// Next change of state of a pool after `after`; kTimeNever when none.
  virtual Time next_change(PoolId pool, Time after) const = 0;
  virtual bool available(PoolId pool, PurchaseOption purchase, Time at) const = 0;
};

}  // namespace plimsoll
