#include "bench/clock.h"
#include "bench/hold/hold.h"
#include "sim/core/event_queue.h"

namespace plimsoll::bench {

namespace {

template <class Queue>
HoldOutput run(const HoldInput& input) {
  Queue queue;
  const HandlerId handler{0};
  for (std::size_t i = 0; i < input.pending; ++i) {
    queue.schedule(Time{Duration{input.first[i]}}, Phase::facts, handler, i);
  }
  const std::size_t mask = input.steps.size() - 1;
  HoldOutput out;
  Event event{};
  // One turn of the whole agenda warms up pools and caches.
  std::size_t at = 0;
  const auto turn = [&](std::uint64_t holds) {
    for (std::uint64_t i = 0; i < holds; ++i) {
      if (!queue.pop_until(kTimeNever, event)) return;
      out.checksum = mix_in(out.checksum, event.when, event.payload);
      queue.schedule(event.time() + Duration{input.steps[at++ & mask]}, Phase::facts, handler, event.payload);
    }
  };
  turn(input.pending);
  const double start = cpu_seconds();
  turn(input.holds);
  out.nanoseconds = (cpu_seconds() - start) * 1e9 / static_cast<double>(input.holds);
  out.bytes_per_event = static_cast<double>(queue.memory_bytes()) / static_cast<double>(input.pending);
  return out;
}

}  // namespace

HoldOutput hold_event_queue(const HoldInput& input) { return run<EventQueue>(input); }
HoldOutput hold_heap_event_set(const HoldInput& input) { return run<BasicEventQueue<HeapEventSet>>(input); }

}  // namespace plimsoll::bench
