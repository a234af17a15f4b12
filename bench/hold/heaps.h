#pragma once

#include "bench/clock.h"
#include "bench/hold/hold.h"
#include "sim/core/event.h"

namespace plimsoll::bench {

/// Latest first: the comparison that makes a max-heap give the earliest event.
struct LaterEvent {
  bool operator()(const Event& a, const Event& b) const { return b < a; }
};

/// The hold loop over a heap with push, top and pop.
template <class Heap>
HoldOutput hold_heap(const HoldInput& input, Heap& heap) {
  std::uint64_t sequence = 0;
  for (std::size_t i = 0; i < input.pending; ++i) {
    heap.push(Event{input.first[i], sequence++, 0, Event::kNoSlot, i});
  }
  const std::size_t mask = input.steps.size() - 1;
  HoldOutput out;
  std::size_t at = 0;
  const auto turn = [&](std::uint64_t holds) {
    for (std::uint64_t i = 0; i < holds; ++i) {
      const Event event = heap.top();
      heap.pop();
      out.checksum = mix_in(out.checksum, event.when, event.payload);
      heap.push(Event{event.when + input.steps[at++ & mask], sequence++, 0, Event::kNoSlot, event.payload});
    }
  };
  turn(input.pending);
  const double start = cpu_seconds();
  turn(input.holds);
  out.nanoseconds = (cpu_seconds() - start) * 1e9 / static_cast<double>(input.holds);
  return out;
}

}  // namespace plimsoll::bench
