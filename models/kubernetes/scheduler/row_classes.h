#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/kubernetes/scheduler/row_class.h"

namespace plimsoll::kubernetes {

/// Positions grouped by class and, in a class, by value, so that one representative of a class answers for all. A
/// change of one position costs a search among the classes; the k-th holder of a value is found by counting bits.
class RowClasses {
 public:
  /// More classes than this are not worth it: `put` refuses.
  static constexpr std::size_t kMost = 1024;

  /// Forgets everything; positions are below `positions`.
  void reset(std::size_t positions);
  /// Positions are below `positions`, which is no fewer than before.
  void grow(std::size_t positions);
  std::size_t positions() const { return words_ * 64; }

  /// Places or moves a position. False, and nothing is to be trusted before the next reset, when there are too many
  /// classes.
  bool put(std::size_t position, const RowClass& row_class, std::int32_t value);
  void remove(std::size_t position);

  /// The class of a position; kNone when it has none.
  static constexpr std::uint32_t kNone = 0xffffffffu;
  std::uint32_t class_at(std::size_t position) const { return class_at_[position]; }
  /// Ids of classes are below this.
  std::size_t ids() const { return classes_.size(); }

  /// Classes that have members, in no particular order.
  std::span<const std::uint32_t> active() const { return active_; }
  std::uint32_t count(std::uint32_t class_id) const { return classes_[class_id].count; }
  /// Buckets of a class by falling value.
  std::span<const std::uint32_t> buckets(std::uint32_t class_id) const { return classes_[class_id].buckets; }
  std::int32_t value(std::uint32_t bucket) const { return buckets_[bucket].value; }
  std::uint32_t holders(std::uint32_t bucket) const { return buckets_[bucket].count; }
  /// The lowest position of a bucket that has members.
  std::size_t first(std::uint32_t bucket) const;
  /// The k-th lowest position (from 0) of several buckets together. @pre k < sum of their holders.
  std::size_t kth(std::span<const std::uint32_t> buckets, std::size_t k) const;

 private:
  struct Bucket {
    std::int32_t value = 0;
    std::uint32_t count = 0, owner = 0;
    std::vector<std::uint64_t> bits;  ///< its positions: bit `position % 64` of word `position / 64`
    mutable std::size_t low = 0;      ///< no word before it has a bit
  };
  struct Class {
    RowClass key;
    std::uint32_t count = 0, at = kNone;  ///< `at` in active_
    std::vector<std::uint32_t> buckets;
  };
  std::uint32_t class_of(const RowClass& key);
  std::uint32_t bucket_of(std::uint32_t class_id, std::int32_t value);
  /// @pre the position has a bucket.
  void leave_bucket(std::size_t position);

  std::size_t words_ = 0;
  std::vector<Class> classes_;
  std::vector<std::uint32_t> sorted_;  ///< class ids by key
  std::vector<std::uint32_t> active_;
  std::vector<Bucket> buckets_;
  std::vector<std::uint32_t> free_;       ///< buckets that are empty
  std::vector<std::uint32_t> placed_in_;  ///< by position: its bucket
  std::vector<std::uint32_t> class_at_;   ///< by position
};

}  // namespace plimsoll::kubernetes
