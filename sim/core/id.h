#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace plimsoll {

/// An index into one kind of entity; ids of different kinds do not mix. Ids are dense, given in creation order and
/// never reused, so iterating by id is iterating in insertion order. An absent id is std::optional or kNone.
template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(std::uint32_t value) : value_(value) {}
  constexpr explicit Id(std::size_t value) : value_(static_cast<std::uint32_t>(value)) {}
  constexpr explicit Id(int value) : value_(static_cast<std::uint32_t>(value)) {}

  constexpr std::uint32_t value() const { return value_; }
  constexpr std::size_t index() const { return value_; }
  constexpr bool is_none() const { return value_ == 0xffffffffu; }
  constexpr explicit operator bool() const { return !is_none(); }

  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  std::uint32_t value_ = 0xffffffffu;
};

using NodeId = Id<struct NodeTag>;
using PodId = Id<struct PodTag>;
using WorkloadId = Id<struct WorkloadTag>;
using ShapeId = Id<struct ShapeTag>;  ///< interned pod shape (requests, constraints)
using ZoneId = Id<struct ZoneTag>;
using PoolId = Id<struct PoolTag>;            ///< capacity pool: instance type x zone x purchase option
using NodeGroupId = Id<struct NodeGroupTag>;  ///< Auto Scaling group, node pool, capacity provider
using HandlerId = Id<struct HandlerTag>;      ///< receiver of events
using NameId = Id<struct NameTag>;            ///< interned string
using LineItemId = Id<struct LineItemTag>;    ///< one line of a bill

}  // namespace plimsoll

template <class Tag>
struct std::hash<plimsoll::Id<Tag>> {
  std::size_t operator()(plimsoll::Id<Tag> id) const noexcept { return id.value(); }
};
