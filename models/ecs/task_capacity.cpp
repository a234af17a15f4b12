#include "models/ecs/task_capacity.h"

#include <algorithm>
#include <optional>

#include "models/ecs/capacity_plan.h"
#include "models/ecs/service_files.h"

namespace plimsoll::ecs {

namespace {

using api::LaunchType;

/// The column's provider that a file's is; none when it has no such one. A provider of instances by another name is the
/// only one that the column has.
std::optional<std::size_t> lane_of(const CapacityPlan& capacity, std::string_view provider) {
  std::optional<std::size_t> only;
  for (std::size_t lane = 0; lane < capacity.providers.size(); ++lane) {
    const CapacityProvider& p = capacity.providers[lane];
    if (p.name == provider) return lane;
    if (is_fargate_provider(p.name) || is_fargate_provider(provider) || p.kind == ProviderKind::external) continue;
    only = only ? capacity.providers.size() : lane;
  }
  return only && *only < capacity.providers.size() ? only : std::nullopt;
}

std::vector<ProviderShare> no_shares(const CapacityPlan& capacity) {
  std::vector<ProviderShare> out;
  for (const CapacityProvider& p : capacity.providers) out.push_back({p.name, 0, 0});
  return out;
}

/// A strategy in the order of the column's providers; none when it names one that the column does not have.
std::optional<std::vector<ProviderShare>> in_column(const CapacityPlan& capacity,
                                                    const std::vector<ProviderShare>& shares) {
  std::vector<ProviderShare> out = no_shares(capacity);
  std::vector<bool> taken(out.size(), false);
  for (const ProviderShare& share : shares) {
    if (share.weight == 0 && share.base == 0 && shares.size() > 1) continue;
    const auto lane = lane_of(capacity, share.provider);
    if (!lane || taken[*lane]) return std::nullopt;
    taken[*lane] = true;
    out[*lane].weight = share.weight;
    out[*lane].base = share.base;
    if (shares.size() == 1 && share.weight == 0) out[*lane].weight = 1;  // one item alone takes every task
  }
  return out;
}

std::vector<bool> lanes_of(const CapacityPlan& capacity, const std::vector<ProviderShare>& shares) {
  std::vector<bool> out(capacity.providers.size(), capacity.providers.size() == 1);
  for (std::size_t i = 0; i < out.size() && i < shares.size(); ++i)
    out[i] = out[i] || shares[i].weight > 0 || shares[i].base > 0;
  return out;
}

/// What CreateService refuses of a strategy by its names alone.
bool mixes_fargate(const std::vector<ProviderShare>& shares) {
  const auto fargate = std::count_if(shares.begin(), shares.end(),
                                     [](const ProviderShare& s) { return is_fargate_provider(s.provider); });
  return fargate > 0 && fargate < static_cast<std::ptrdiff_t>(shares.size());
}

bool is_of(const CapacityProvider& provider, LaunchType type) { return launch_type_of(provider.kind) == type; }

/// Whether all lanes are providers of one type.
bool one_type(const CapacityPlan& capacity, const std::vector<bool>& lanes) {
  std::optional<LaunchType> type;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!lanes[i]) continue;
    if (type && !is_of(capacity.providers[i], *type)) return false;
    type = launch_type_of(capacity.providers[i].kind);
  }
  return true;
}

void follow_launch_type(const CapacityPlan& capacity, LaunchType type, TaskCapacity& out) {
  std::vector<std::size_t> lanes;
  bool scaled = false, by_default = std::count(out.lanes.begin(), out.lanes.end(), true) > 0;
  for (std::size_t i = 0; i < capacity.providers.size(); ++i) {
    const CapacityProvider& p = capacity.providers[i];
    if (out.lanes[i]) by_default = by_default && is_of(p, type);
    if (!is_of(p, type)) continue;
    lanes.push_back(i);
    scaled = scaled || (p.asg && p.asg->managed_scaling);
  }
  if (lanes.empty()) return;
  if (type == LaunchType::ec2 && (scaled || lanes.size() > 1)) {
    out.plain = true;
    out.lanes.assign(out.lanes.size(), false);
    for (const std::size_t lane : lanes) out.lanes[lane] = true;
    return;
  }
  if (by_default) return;
  // On-demand Fargate, not Spot.
  const auto fargate = std::find_if(lanes.begin(), lanes.end(), [&](std::size_t lane) {
    return capacity.providers[lane].kind != ProviderKind::fargate_spot;
  });
  out.own = no_shares(capacity);
  out.own[fargate != lanes.end() ? *fargate : lanes.front()].weight = 1;
  out.lanes = lanes_of(capacity, out.own);
}

}  // namespace

std::vector<TaskCapacity> task_capacities(const CapacityPlan& capacity, const std::vector<ServiceFile>& files) {
  std::vector<TaskCapacity> all;
  for (const ServiceFile& file : files) {
    TaskCapacity out;
    out.lanes = lanes_of(capacity, capacity.strategy);
    // Where the column's launch type takes the place of the file's, so does its strategy.
    const bool held = std::any_of(capacity.providers.begin(), capacity.providers.end(),
                                  [&](const CapacityProvider& p) { return file.supports(launch_type_of(p.kind)); });
    if (held && !file.providers.empty()) {
      if (auto own = in_column(capacity, file.providers)) {
        out.own = std::move(*own);
        out.lanes = lanes_of(capacity, out.own);
        out.mixes = !one_type(capacity, out.lanes);
      } else {
        out.not_held = !mixes_fargate(file.providers);  // a fault of the file, told there once
      }
    } else if (held && file.launch_type) {
      follow_launch_type(capacity, *file.launch_type, out);
    } else if (held && std::count(out.lanes.begin(), out.lanes.end(), true) == 0) {
      follow_launch_type(capacity, LaunchType::ec2, out);
      out.unsaid = out.plain;
    }
    all.push_back(std::move(out));
  }
  return all;
}

}  // namespace plimsoll::ecs
