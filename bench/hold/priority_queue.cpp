#include <queue>

#include "bench/hold/heaps.h"

namespace plimsoll::bench {

HoldOutput hold_priority_queue(const HoldInput& input) {
  std::priority_queue<Event, std::vector<Event>, LaterEvent> heap;
  return hold_heap(input, heap);
}

}  // namespace plimsoll::bench
