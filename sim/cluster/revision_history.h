#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/id.h"

namespace plimsoll {

class World;

/// Of a component that keeps the old revisions of workloads, and not all of them for ever.
class RevisionHistory {
 public:
  virtual ~RevisionHistory() = default;
  /// Whether somebody can roll the workload back to the revision now; if not, that is noted. True of workloads whose
  /// revisions it does not keep.
  virtual bool can_roll_back(const World& world, WorkloadId workload, std::uint32_t revision) = 0;
  /// The rollbacks that were asked for in vain, as sentences.
  virtual std::vector<std::string> refused_rollbacks(const World& world) const = 0;
};

}  // namespace plimsoll
