#pragma once

#include <cstdint>
#include <span>

#include "sim/core/units.h"

namespace plimsoll::load {

/// One competitor for a node's CPU: a pod with what it would use and its weight.
struct CpuClaim {
  Cpu demand;           ///< what it would use with the node to itself, at most its limit; >= 0
  std::int64_t weight;  ///< cgroup CPU shares (Kubernetes: see cpu_shares), ECS CPU units; > 0
};

/// Weighted max-min sharing of `capacity`: nobody gets more than its demand, what one leaves goes to the others by
/// weight, and a pod that gets less than it wants gets at least as much per weight as any other. Whole ticks; grants
/// add up to min(capacity, total demand) exactly, the odd ticks going to the later claims. Nothing is allocated. Source
/// of the rule: Linux CFS group scheduling with cpu.shares (kernel documentation, sched-design-CFS).
/// @pre sizes equal, capacity >= 0.
void share_cpu(Cpu capacity, std::span<const CpuClaim> claims, std::span<Cpu> grants);

/// The cgroup weight of a Kubernetes CPU request: max(2, milli * 1024 / 1000), at most 262144; 2 without a request.
/// Source: kubernetes/kubernetes pkg/kubelet/cm/helpers_linux.go, MilliCPUToShares, v1.20.
std::int64_t cpu_shares(Cpu request);

}  // namespace plimsoll::load
