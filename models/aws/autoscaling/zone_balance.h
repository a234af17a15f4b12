#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll::aws {

/// The zone of the next launch: the one with the fewest instances, the first listed among equals. `failed[z]` marks
/// zones where a launch of this round failed (balanced-best-effort tries another); all failed gives the first with the
/// fewest. SOURCE: "Example: Distribute instances across Availability Zones" (EC2 Auto Scaling user guide).
std::size_t zone_for_launch(std::span<const std::int64_t> instances, const std::vector<bool>& failed = {});

/// Even numbers per zone for a count: the floor everywhere and one more in the first zones.
std::vector<std::int64_t> even_distribution(std::int64_t count, std::size_t zones);

}  // namespace plimsoll::aws
