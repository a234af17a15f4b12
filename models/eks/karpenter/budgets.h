#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/kubernetes/workloads/cron_schedule.h"
#include "sim/core/time.h"

namespace plimsoll::eks::karpenter {

/// Why a node is disrupted voluntarily.
enum class DisruptionReason : std::uint8_t { underutilized, empty, drifted };

/// One entry of spec.disruption.budgets. A schedule and a duration come together.
struct Budget {
  std::int64_t nodes = 10;  ///< a number, or a percentage
  bool percent = true;
  std::optional<kubernetes::CronSchedule> schedule;  ///< UTC
  Duration duration{};
  std::vector<DisruptionReason> reasons;  ///< empty: all
};

inline constexpr std::int64_t kUnbounded = INT32_MAX;

/// Active at `unix_seconds`: no schedule, or its first hit after (now - duration) is not in the future.
bool is_active(const Budget& budget, std::int64_t unix_seconds);

/// How many nodes of a pool may be disrupted for `reason` at once: the smallest of the active budgets that name the
/// reason or none; a percentage of `nodes` rounds up. kUnbounded when no budget is active. Nodes already disrupting or
/// not ready are the caller's to subtract.
/// SOURCE: kubernetes-sigs/karpenter v0.36.2 pkg/apis/v1beta1/nodepool.go, v1.14.1 pkg/apis/v1/nodepool.go.
std::int64_t allowed_disruptions(std::span<const Budget> budgets, std::int64_t nodes, std::int64_t unix_seconds,
                                 DisruptionReason reason);

}  // namespace plimsoll::eks::karpenter
