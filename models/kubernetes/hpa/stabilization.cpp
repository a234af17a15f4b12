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
  // Which of them are outdated follows no pattern: without branches.
  const Time cutoff = now - window;
  const std::size_t none = recent.size();
  std::size_t outdated = none;
  std::int64_t largest = desired;
  for (std::size_t i = 0; i < recent.size(); ++i) {
    const bool is_old = recent[i].at < cutoff;
    outdated = is_old ? i : outdated;
    const std::int64_t counted = is_old ? desired : recent[i].replicas;
    largest = std::max(largest, counted);
  }
  record(recent, outdated == none ? std::nullopt : std::optional{outdated}, desired, now);
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
