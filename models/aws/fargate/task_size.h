#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/aws/as_of.h"
#include "sim/core/units.h"

namespace plimsoll::aws {

/// A configured size of a Fargate micro-VM.
struct FargateSize {
  Cpu cpu{};
  Bytes memory{};
  friend constexpr bool operator==(const FargateSize&, const FargateSize&) = default;
};
/// Largest size of pods on EKS, in vCPU; ECS has 32 since 2026.
inline constexpr std::int64_t kEksFargateMaxVcpu = 16;
inline constexpr std::int64_t kEcsFargateMaxVcpu = 32;
/// What EKS adds to a pod's memory for the kubelet, kube-proxy and containerd.
inline constexpr Bytes kEksFargateOverhead = mebibytes(256);

/// Whether the pair is on the list of sizes, which ends at max_vcpu.
/// SOURCE: Amazon ECS task definition parameters for Fargate, "Task CPU and memory".
bool is_fargate_size(Cpu cpu, Bytes memory, std::int64_t max_vcpu = kEcsFargateMaxVcpu);

/// Why a task cannot have this size on a date; empty when it can. The text names the nearest size that holds it.
std::string fargate_size_fault(Cpu cpu, Bytes memory, const AsOf& as_of);

/// The first size in order of (vCPU, memory) with at least so much of both; none when no size holds them.
/// SOURCE: AWS Fargate Pod configuration (Amazon EKS user guide): vCPU is raised when the memory does not fit.
std::optional<FargateSize> smallest_fargate_size(Cpu cpu, Bytes memory, std::int64_t max_vcpu = kEksFargateMaxVcpu);

/// The size of a pod on EKS: the larger of the containers' sum and the largest init container, plus the overhead on the
/// memory, rounded up to a size.
std::optional<FargateSize> eks_fargate_pod_size(Cpu containers_cpu, Bytes containers_memory, Cpu largest_init_cpu,
                                                Bytes largest_init_memory, Bytes overhead = kEksFargateOverhead);

/// The size fields of an ECS task definition as they are written.
struct FargateTaskFields {
  std::optional<std::string> cpu;     ///< "1024", "1 vCPU", ".5 vcpu"
  std::optional<std::string> memory;  ///< "2048", "2 GB"
  std::string network_mode;           ///< empty when absent
  std::optional<std::int64_t> ephemeral_gib;
  bool windows = false;
};
/// Why ECS would refuse the task definition for Fargate; empty when it would take it. ECS never rounds a size.
/// Windows has 1, 2 and 4 vCPU only, and no ephemeral storage setting.
std::string fargate_task_error(const FargateTaskFields& fields, std::int64_t max_vcpu = kEcsFargateMaxVcpu);

/// CPU units of a task-level `cpu` text: whole units, or a decimal with "vCPU". None when malformed.
std::optional<std::int64_t> parse_task_cpu_units(std::string_view text);
/// MiB of a task-level `memory` text: whole MiB, or a decimal with "GB" (1,024 MiB). None when malformed.
std::optional<std::int64_t> parse_task_memory_mib(std::string_view text);

}  // namespace plimsoll::aws
