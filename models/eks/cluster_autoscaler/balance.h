#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll::eks::ca {

/// A group that may take part of a scale-up: `index` is the caller's.
struct BalanceGroup {
  std::size_t index = 0;
  std::int64_t target = 0, maximum = 0;
};

struct Resize {
  std::size_t index = 0;
  std::int64_t current = 0, wanted = 0;
  friend bool operator==(const Resize&, const Resize&) = default;
};

/// Splits new nodes over similar groups: full groups are left out, the rest are sorted by size (equal sizes keep their
/// order), and nodes go one at a time to the smallest, in turn among equals; a group that fills up leaves the rotation.
/// Answers only groups that change. Never more than there is room for.
/// SOURCE: kubernetes/autoscaler 1.28 cluster-autoscaler/processors/nodegroupset/balancing_processor.go.
std::vector<Resize> balance(std::span<const BalanceGroup> groups, std::int64_t new_nodes);

}  // namespace plimsoll::eks::ca
