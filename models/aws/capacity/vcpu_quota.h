#pragma once

#include <array>
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

/// The kind whose quota EC2 counts a family against; nothing where no quota of vCPUs counts it (Mac: dedicated hosts).
/// Standard are those that begin with A, C, D, H, I, M, R, T or Z and are not of a kind of their own; "im4gn" and
/// "is4gen" are storage instances of I, "gr6" is one of G, "u-6tb1" and "u7i" are High Memory. SOURCE: EC2 user guide,
/// "On-Demand Instance quotas" and "Spot Instance quotas".
std::optional<InstanceKind> quota_kind(std::string_view family);
/// "Standard", "G and VT", "P", ...
std::string_view to_string(InstanceKind kind);

/// The account's quotas of running instances in a region, in vCPUs, by kind, On-Demand and Spot apart: a launch beyond
/// one fails with VcpuLimitExceeded or MaxSpotInstanceCountExceeded. Pending and running instances count, stopped ones
/// do not; what shuts down is given back at once. P5 counts as P on demand. Who launches notes what waits; a quota
/// binds while anybody does. SOURCE: EC2 user guide, "On-Demand Instance quotas" and "Spot Instance quotas". Left out:
/// what else the account runs in the region.
class VcpuQuota {
 public:
  explicit VcpuQuota(const AccountQuotas& quotas);

  /// The kind whose quota counts an instance of `kind`.
  static InstanceKind counted_as(PurchaseOption purchase, InstanceKind kind) {
    return purchase == PurchaseOption::on_demand && kind == InstanceKind::p5 ? InstanceKind::p : kind;
  }
  /// None: no quota.
  std::optional<std::int64_t> of(PurchaseOption purchase, InstanceKind kind) const {
    return sides(purchase)[static_cast<std::size_t>(counted_as(purchase, kind))].vcpus;
  }
  /// `asker`: the group for which somebody launches; none: Karpenter, which launches without groups, and Cluster
  /// Autoscaler, which leaves a refused group alone for a while.
  void note(const World& world, NodeGroupId asker, PurchaseOption purchase, InstanceKind kind, bool waits);
  std::vector<BindingLimits::Limit> binding_limits(const World& world) const;

 private:
  struct Side {
    std::optional<std::int64_t> vcpus;
    std::vector<NodeGroupId> waiting;
    LimitClock clock;
  };
  using Sides = std::array<Side, kInstanceKinds>;
  const Sides& sides(PurchaseOption purchase) const { return purchase == PurchaseOption::spot ? spot_ : on_demand_; }

  Sides on_demand_, spot_;
};

}  // namespace plimsoll::aws
