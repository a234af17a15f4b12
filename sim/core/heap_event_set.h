#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/core/event.h"

namespace plimsoll {

/// The plain reference of a pending-event set: a binary heap. Same interface as LadderEventSet.
class HeapEventSet {
 public:
  void push(const Event& event) {
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), Later{});
  }
  /// Takes out the earliest event, when it is not after `end`; else nullptr. Valid until the next call of another
  /// member.
  const Event* pop_until(std::int64_t end) {
    if (heap_.empty() || heap_.front().when > end) return nullptr;
    taken_ = heap_.front();
    drop();
    return &taken_;
  }
  /// The earliest event, or nullptr. Valid until the next call of another member.
  const Event* peek() { return heap_.empty() ? nullptr : &heap_.front(); }
  /// Removes what peek() shows. @pre peek() != nullptr, and nothing was pushed since.
  void drop() {
    std::pop_heap(heap_.begin(), heap_.end(), Later{});
    heap_.pop_back();
  }
  std::size_t memory_bytes() const { return heap_.capacity() * sizeof(Event); }

  /// Removes every event for which `dead(event)` is true.
  template <class Predicate>
  void purge(Predicate dead) {
    std::erase_if(heap_, dead);
    std::make_heap(heap_.begin(), heap_.end(), Later{});
  }

 private:
  struct Later {
    bool operator()(const Event& a, const Event& b) const { return b < a; }
  };
  std::vector<Event> heap_;
  Event taken_{};  ///< what pop_until shows
};

}  // namespace plimsoll
