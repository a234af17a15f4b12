#include "models/eks/cluster_autoscaler/registry.h"

#include <algorithm>

namespace plimsoll::eks::ca {

namespace {

/// From this release a group without an open scale-up has no upcoming nodes: its pods may go elsewhere.
constexpr int kUpcomingNeedsRequest = 37;

Duration provision_time(const NodeGroup& group, const Options& options) {
  return group.options.max_node_provision_time.value_or(options.max_node_provision_time);
}

void count(const RegistryInstance& instance, const NodeGroup& group, const Options& options, Time now, Readiness& r) {
  if (instance.registered == kTimeNever) {
    // Strictly later than the time allowed.
    ++(instance.seen + provision_time(group, options) < now ? r.long_unregistered : r.unregistered);
  } else if (instance.ready) {
    ++r.ready;
  } else {
    const Duration startup = group.options.max_node_startup_time.value_or(options.max_node_startup_time);
    ++(instance.registered + startup > now ? r.not_started : r.unready);
  }
}

}  // namespace

const Registry::Request* Registry::request_of(NodeGroupId group) const {
  const auto at = std::find_if(requests_.begin(), requests_.end(), [&](const Request& r) { return r.group == group; });
  return at == requests_.end() ? nullptr : &*at;
}

bool Registry::has_open_scale_up(NodeGroupId group) const { return request_of(group) != nullptr; }

void Registry::scale_up(NodeGroupId group, std::int64_t increase, Time now, Duration provision) {
  const auto at = std::find_if(requests_.begin(), requests_.end(), [&](const Request& r) { return r.group == group; });
  if (at == requests_.end()) {
    if (increase > 0) requests_.push_back({group, increase, now + provision});
    return;
  }
  at->increase += increase;
  if (at->increase <= 0) {
    requests_.erase(at);
  } else if (increase > 0) {
    at->expected = now + provision;
  }
}

void Registry::creation_failed(NodeGroupId group, Time now, Backoff& backoff) {
  std::erase_if(requests_, [&](const Request& r) { return r.group == group; });
  backoff.fail(group, now);
}

bool Registry::is_healthy(const NodeGroup& group, const Readiness& r, const Options& options) const {
  // Nodes that are still expected are not missed.
  const Request* open = request_of(group.id);
  const std::int64_t acceptable = group.target - r.long_unregistered - (open != nullptr ? open->increase : 0);
  const std::int64_t missing = std::max<std::int64_t>(0, acceptable - r.ready);
  const auto nodes = static_cast<double>(r.ready + r.unready + r.not_started);
  return missing <= options.ok_total_unready_count ||
         static_cast<double>(missing) <= options.max_total_unready_percentage / 100 * nodes;
}

RegistryView Registry::update(std::span<const NodeGroup> groups, std::span<const RegistryInstance> instances, Time now,
                              const Options& options, Backoff& backoff) {
  RegistryView out;
  out.readiness.resize(groups.size());
  for (const RegistryInstance& i : instances) count(i, groups[i.group], options, now, out.readiness[i.group]);

  backoff.remove_stale(now);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto at =
        std::find_if(requests_.begin(), requests_.end(), [&](const Request& r) { return r.group == groups[g].id; });
    if (at == requests_.end()) continue;
    const Readiness& r = out.readiness[g];
    if (groups[g].target <= r.registered() - r.not_started) {
      backoff.remove(at->group);
      requests_.erase(at);
    } else if (at->expected < now) {
      backoff.fail(at->group, now);
      out.timed_out.push_back(at->group);
      requests_.erase(at);
    }
  }

  std::int64_t unready = 0, registered = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Readiness& r = out.readiness[g];
    unready += r.unready;
    registered += r.registered();
    const bool counts = options.minor < kUpcomingNeedsRequest || has_open_scale_up(groups[g].id);
    const std::int64_t missing = groups[g].target - (r.ready + r.unready + r.long_unregistered);
    out.upcoming.push_back(counts ? std::max<std::int64_t>(0, missing) : 0);
    out.healthy.push_back(is_healthy(groups[g], r, options) ? 1 : 0);
  }
  out.cluster_healthy =
      unready <= options.ok_total_unready_count ||
      static_cast<double>(unready) <= options.max_total_unready_percentage / 100 * static_cast<double>(registered);

  const auto all_came = [](const Readiness& r) { return r.long_unregistered == 0; };
  if (std::all_of(out.readiness.begin(), out.readiness.end(), all_came)) return out;
  std::vector<std::int64_t> room;
  for (const NodeGroup& g : groups) room.push_back(g.target - g.minimum);
  for (const RegistryInstance& i : instances) {
    if (i.registered != kTimeNever || i.to_be_deleted) continue;
    if (!(i.seen + provision_time(groups[i.group], options) < now) || room[i.group] <= 0) continue;
    --room[i.group];
    out.long_unregistered.push_back(i.node);
  }
  return out;
}

}  // namespace plimsoll::eks::ca
