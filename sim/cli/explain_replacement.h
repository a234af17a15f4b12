#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/eks/controllers/cluster_autoscaler.h"
#include "sim/cluster/world.h"

namespace plimsoll::cli {

/// Nodes of one group that would take pods in.
struct GroupReplacement {
  std::string group, type;
  std::int64_t nodes = 0;
  double usd_per_hour = 0;  ///< of all of them
};

/// Price of a running node of a type by its line of the bill; negative when it has none.
double hourly_price(World& world, std::string_view instance_type, bool spot);

/// Those of `pods` that find no place on the nodes that are there once theirs is gone and the others before them have
/// moved. Works on copies.
std::vector<PodId> without_place(World& world, const eks::ScaleDownDetail& pass, NodeId node,
                                 std::span<const PodId> pods);

/// The cheapest of Cluster Autoscaler's groups whose new nodes would hold `pods` once their node is gone, packed as a
/// scale-up would pack them; sizes and limits of the groups are left out of account. Of equal prices the first group.
/// None when no group's nodes could. Works on copies.
std::optional<GroupReplacement> cheapest_group(World& world, const eks::ScaleDownDetail& pass, NodeId node,
                                               std::span<const PodId> pods);

}  // namespace plimsoll::cli
