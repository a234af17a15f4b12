#include <boost/heap/d_ary_heap.hpp>

#include "bench/hold/heaps.h"

namespace plimsoll::bench {

HoldOutput hold_boost_heap(const HoldInput& input) {
  boost::heap::d_ary_heap<Event, boost::heap::arity<4>, boost::heap::compare<LaterEvent>> heap;
  return hold_heap(input, heap);
}

}  // namespace plimsoll::bench
