#include "models/kubernetes/hpa/stabilization.h"

#include <algorithm>
#include <optional>

namespace plimsoll::kubernetes {

namespace {

/// In place of the last outdated recommendation, else at the end.
void record(std::vector<Recommendation>& recent, std::optional<std::size_t> outdated, std::int64_t desired, Time now) {
  if (outdated) {
    recent[*outdated] = {desired, now};
  } else {
    recent.push_back({desired, now});
  }
}

}  // namespace

std::int64_t stabilize_without_behavior(std::int64_t desired, Duration window, std::vector<Recommendation>& recent,
                                        Time now) {
  if (recent.size() == 1 && recent.front().replicas <= desired) {  // the usual case of what follows
    recent.front() = {desired, now};
    return desired;
  }
  const Time cutoff = now - window;
  std::int64_t largest = desired;
  std::size_t kept = 0;
  for (const Recommendation& r : recent) {
    // One that is not above the newest is never the largest again.
    if (r.at < cutoff || r.replicas <= desired) continue;
    largest = std::max(largest, r.replicas);
    recent[kept++] = r;
  }
  recent.resize(kept);
  recent.push_back({desired, now});
  return largest;
}

std::int64_t stabilize_with_behavior(std::int64_t current, std::int64_t desired, Duration up_window,
                                     Duration down_window, std::vector<Recommendation>& recent, Time now,
                                     KubernetesVersion version) {
  std::int64_t least = desired, greatest = desired;
  std::optional<std::size_t> outdated;
  for (std::size_t i = 0; i < recent.size(); ++i) {
    const Recommendation& r = recent[i];
    if (r.at > now - up_window) least = std::min(least, r.replicas);
    if (r.at > now - down_window) greatest = std::max(greatest, r.replicas);
    if (r.at < now - std::max(up_window, down_window)) outdated = i;
  }
  record(recent, outdated, desired, now);
  if (version != KubernetesVersion::current) return desired >= current ? least : greatest;
  return std::min(std::max(current, least), greatest);
}

}  // namespace plimsoll::kubernetes
