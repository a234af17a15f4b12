#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace plimsoll {

/// A vector whose elements mostly come at the back and leave near the front: erasing moves the shorter side, and so
/// does inserting where there is room. Contiguous, copied as a value, no allocation once it has grown. Pointers into it
/// are good until it is changed.
template <class T>
class SlidingVector {
 public:
  T* begin() { return items_.data() + first_; }
  T* end() { return items_.data() + items_.size(); }
  const T* begin() const { return items_.data() + first_; }
  const T* end() const { return items_.data() + items_.size(); }
  std::size_t size() const { return items_.size() - first_; }
  bool empty() const { return items_.size() == first_; }
  std::span<const T> view() const { return {begin(), size()}; }

  void push_back(const T& value) {
    make_room();
    items_.push_back(value);
  }
  /// Before `at`. @pre begin() <= at <= end(), and `value` lies elsewhere.
  void insert(const T* at, const T& value) {
    const std::ptrdiff_t index = at - begin();
    if (first_ > 0 && index < end() - at) {
      --first_;
      std::move(begin() + 1, begin() + 1 + index, begin());
      begin()[index] = value;
      return;
    }
    make_room();
    items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(first_) + index, value);
  }
  /// @pre begin() <= at < end().
  void erase(T* at) {
    if (at - begin() < end() - at) {
      std::move_backward(begin(), at, at + 1);
      if (++first_ == items_.size()) clear();
    } else {
      items_.erase(items_.begin() + (at - items_.data()));
    }
  }
  void clear() {
    items_.clear();
    first_ = 0;
  }

 private:
  /// Gives the room of what has left to what comes, when it is half of all there is: the cost stays constant.
  void make_room() {
    if (items_.size() < items_.capacity() || first_ < items_.size() - first_) return;
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }

  std::vector<T> items_;  ///< live from first_ on
  std::size_t first_ = 0;
};

}  // namespace plimsoll
