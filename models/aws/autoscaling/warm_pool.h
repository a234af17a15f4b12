#pragma once

#include <cstdint>
#include <optional>

#include "sim/core/distributions.h"

namespace plimsoll::document {
class Fields;
}

namespace plimsoll::aws {

/// What the instances of a warm pool are kept as.
enum class WarmPoolState : std::uint8_t {
  stopped,     ///< only their disks are paid
  running,     ///< paid as if in service
  hibernated,  ///< as stopped; memory comes back from the disk
};

/// Instances that are prepared beside an Auto Scaling group: each is launched, goes through the boot and the launch
/// hook of the group outside the cluster, and is then kept in `state`. The group takes from the pool before it launches
/// anew; what is still being prepared is not taken (our reading).
/// SOURCE: EC2 Auto Scaling user guide, "Warm pools for Amazon EC2 Auto Scaling"; EKS API, WarmPoolConfig (for managed
/// node groups, with the same meaning). Left out: the second run of the launch hook when an instance leaves the pool,
/// health checks in the pool, the billed minutes of a hibernation.
struct WarmPoolConfig {
  WarmPoolState state = WarmPoolState::stopped;
  std::int64_t minimum = 0;              ///< MinSize
  std::optional<std::int64_t> prepared;  ///< MaxGroupPreparedCapacity; none: the group's maximum
  bool reuse_on_scale_in = false;        ///< what a scale-in takes out of service goes back to the pool
  Delay start;                           ///< wanted to running again; not for the state running
  Delay join;                            ///< running, or wanted in the state running, to registered and ready
};

/// Instances that the pool should hold: what the prepared capacity (by default the group's maximum) leaves beside the
/// desired capacity, and at least MinSize. With 10 prepared and 6 desired: 4.
std::int64_t warm_pool_size(const WarmPoolConfig& pool, std::int64_t desired, std::int64_t maximum);

/// Reads the keys of `warmPool`; the names are those of EKS's WarmPoolConfig. Faults go to the fields' diagnostics.
WarmPoolConfig read_warm_pool(document::Fields& fields);

}  // namespace plimsoll::aws
