#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/cluster/world.h"
#include "sim/policy/account_quotas.h"
#include "sim/policy/binding_limits.h"

namespace plimsoll::aws {

/// Whether EC2 counts a family against the quotas of Standard instances: those that begin with A, C, D, H, I, M, R, T
/// or Z and are not of a kind with a quota of its own ("inf", "hpc", "mac", "dl"); "im4gn" and "is4gen" are storage
/// instances of I. SOURCE: EC2 user guide, "On-Demand Instance quotas".
bool is_standard_family(std::string_view family);

/// The account's quotas of running Standard instances in a region, in vCPUs, On-Demand and Spot apart: a launch beyond
/// one fails with VcpuLimitExceeded or MaxSpotInstanceCountExceeded. Pending and running instances count, stopped ones
/// do not; what shuts down is given back at once. Who launches notes what waits; a quota binds while anybody does.
/// SOURCE: EC2 user guide, "On-Demand Instance quotas" and "Spot Instance quotas". Left out: the quotas of other kinds
/// of instances (GPUs, accelerators, high memory), and what else the account runs in the region.
class VcpuQuota {
 public:
  explicit VcpuQuota(const AccountQuotas& quotas) {
    on_demand_.vcpus = quotas.on_demand_standard;
    spot_.vcpus = quotas.spot_standard;
  }

  /// None: no quota.
  std::optional<std::int64_t> of(PurchaseOption purchase) const { return side(purchase).vcpus; }
  /// `asker`: the group for which somebody launches; none: Karpenter, which launches without groups, and Cluster
  /// Autoscaler, which leaves a refused group alone for a while.
  void note(const World& world, NodeGroupId asker, PurchaseOption purchase, bool waits);
  std::vector<BindingLimits::Limit> binding_limits(const World& world) const;

 private:
  struct Side {
    std::optional<std::int64_t> vcpus;
    std::vector<NodeGroupId> waiting;
    LimitClock clock;
  };
  const Side& side(PurchaseOption purchase) const { return purchase == PurchaseOption::spot ? spot_ : on_demand_; }

  Side on_demand_, spot_;
};

}  // namespace plimsoll::aws
