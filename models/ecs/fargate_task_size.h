#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace plimsoll::ecs {

/// A size that a task on Fargate can have: CPU units and MiB.
struct FargateSize {
  std::int64_t cpu = 0;
  std::int64_t memory = 0;
  friend bool operator==(const FargateSize&, const FargateSize&) = default;
};

/// ECS takes only these pairs, it does not round: 256 units with 512, 1024 or 2048 MiB; 512 with 1 to 4 GB; 1024 with 2 to
/// 8; 2048 with 4 to 16; 4096 with 8 to 30 (steps of 1 GB); 8192 with 16 to 60 in steps of 4; 16384 with 32 to 120 in
/// steps of 8; 32768 with 60, 120 or 244. Windows: 1024, 2048 and 4096 units only.
/// Source: API TaskDefinition (cpu, memory); Amazon ECS Developer Guide, "Amazon ECS task definition differences for the
/// Fargate launch type"; documented; 32768: observed, 2026.
bool is_fargate_size(const FargateSize& size, bool windows = false);

/// Valid sizes near a wrong one: for its CPU (or the next one up) the closest memory below and above; the smallest size
/// that holds both comes first. At most three.
std::vector<FargateSize> nearest_fargate_sizes(const FargateSize& size, bool windows = false);

/// "256 CPU units with 512, 1024 or 2048 MiB", "1024 CPU units with 2048 to 8192 MiB in steps of 1024"; empty when no size
/// has this CPU.
std::string fargate_memory_choices(std::int64_t cpu, bool windows = false);

}  // namespace plimsoll::ecs
