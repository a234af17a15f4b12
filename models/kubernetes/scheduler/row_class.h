#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace plimsoll::kubernetes {

/// What makes rows alike to every plugin that looks beyond one node: equal classes, equal verdicts and raw scores.
/// Fixed in size, so that none is allocated; one that does not fit says so.
class RowClass {
 public:
  static constexpr std::size_t kWidth = 12;
  void add(std::int64_t value) {
    if (size_ == kWidth) {
      overflow_ = true;
    } else {
      values_[size_++] = value;
    }
  }
  bool overflow() const { return overflow_; }
  /// Lexicographic: -1, 0 or 1. @pre equal sizes.
  int compare(const RowClass& other) const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (values_[i] != other.values_[i]) return values_[i] < other.values_[i] ? -1 : 1;
    }
    return 0;
  }

 private:
  std::array<std::int64_t, kWidth> values_{};
  std::size_t size_ = 0;
  bool overflow_ = false;
};

}  // namespace plimsoll::kubernetes
