#include "models/eks/cluster_autoscaler/backoff.h"

#include <algorithm>

namespace plimsoll::eks::ca {

Time Backoff::fail(NodeGroupId group, Time now) {
  const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.group == group; });
  if (at == entries_.end()) {
    entries_.push_back({group, params_.initial, now + params_.initial, now});
    return now + params_.initial;
  }
  if (at->until < now) at->window = std::min(at->window * 2, params_.maximum);
  at->until = now + at->window;
  at->last_failure = now;
  return at->until;
}

bool Backoff::is_backed_off(NodeGroupId group, Time now) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& e) { return e.group == group && now < e.until; });
}

void Backoff::remove(NodeGroupId group) {
  std::erase_if(entries_, [&](const Entry& e) { return e.group == group; });
}

void Backoff::remove_stale(Time now) {
  std::erase_if(entries_, [&](const Entry& e) { return e.last_failure + params_.reset_timeout < now; });
}

}  // namespace plimsoll::eks::ca
