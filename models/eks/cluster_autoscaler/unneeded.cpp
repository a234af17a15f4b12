#include "models/eks/cluster_autoscaler/unneeded.h"

#include <algorithm>

namespace plimsoll::eks::ca {

void UnneededNodes::update(std::span<const UnneededNode> found, Time now) {
  std::vector<Entry> next;
  next.reserve(found.size());
  std::vector<std::pair<NodeId, Time>> known;
  known.reserve(entries_.size());
  for (const Entry& e : entries_) known.emplace_back(e.node.node, e.since);
  std::sort(known.begin(), known.end());
  for (const UnneededNode& node : found) {
    const auto at = std::lower_bound(known.begin(), known.end(), node.node,
                                     [](const auto& pair, NodeId id) { return pair.first < id; });
    const bool before = at != known.end() && at->first == node.node;
    next.push_back({node, before ? at->second : now});
  }
  entries_ = std::move(next);
}

bool UnneededNodes::contains(NodeId node) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.node.node == node; });
}

WaitReason UnneededNodes::wait_reason(const Entry& entry, Time now, const NodeState& state,
                                      std::vector<GroupSize>& sizes) {
  if (state.scale_down_disabled) return WaitReason::scale_down_disabled;
  if (state.ready) {
    if (entry.since + state.unneeded_time >= now) return WaitReason::not_unneeded_long_enough;
  } else if (entry.since + state.unready_time >= now) {
    return WaitReason::not_unready_long_enough;
  }
  GroupSize& size = sizes[state.group];
  if (size.target - size.deletions_in_progress <= size.minimum) return WaitReason::group_min_size_reached;
  --size.target;
  return WaitReason::none;
}

}  // namespace plimsoll::eks::ca
