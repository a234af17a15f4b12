#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "models/eks/node/block_search.h"
#include "sim/cluster/pod_shape.h"
#include "sim/cluster/snapshot.h"

namespace plimsoll::eks {

/// The CPU that is free on a list of rows, with the most of each block of them: a search for room jumps over full
/// blocks. It only leaves out rows that the predicates would refuse for want of CPU, so that a search with it finds
/// what a look at every row finds.
class FreeCpu {
 public:
  static constexpr std::size_t kBlock = kSearchBlock;

  void read(const Snapshot& snapshot, std::span<const Row> rows) {
    const auto allocatable = snapshot.allocatable(Resource::cpu), requested = snapshot.requested(Resource::cpu);
    free_.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) free_[i] = allocatable[rows[i]] - requested[rows[i]];
    most_.assign((rows.size() + kBlock - 1) / kBlock, 0);
    for (std::size_t block = 0; block < most_.size(); ++block) recount(block);
  }

  /// The first place at or after `at` and before `last` with room for the CPU that a pod of the shape requests; `last`
  /// when there is none. A pod that requests no CPU has room everywhere.
  std::size_t next(std::size_t at, std::size_t last, const PodShape& shape) const {
    const std::int64_t need = shape.requests[Resource::cpu];
    if (need <= 0) return std::min(at, last);
    return first_with(free_, most_, at, last, need);
  }

  /// A pod of the shape was placed there.
  void take(std::size_t at, const PodShape& shape) {
    const bool most = free_[at] == most_[at / kBlock];
    free_[at] -= shape.requests[Resource::cpu];
    if (most) recount(at / kBlock);
  }

 private:
  void recount(std::size_t block) {
    const auto begin = free_.begin() + static_cast<std::ptrdiff_t>(block * kBlock);
    const auto end = free_.begin() + static_cast<std::ptrdiff_t>(std::min(free_.size(), (block + 1) * kBlock));
    most_[block] = *std::max_element(begin, end);
  }

  std::vector<std::int64_t> free_, most_;
};

}  // namespace plimsoll::eks
