#include "sim/core/event_queue.h"

#include <bit>
#include <stdexcept>
#include <string>

#include "sim/core/units.h"

namespace plimsoll {

void EventRing::grow() {
  std::vector<Event> larger(buffer_.empty() ? 8 : buffer_.size() * 2);
  for (std::size_t i = 0; i < count_; ++i) larger[i] = buffer_[(head_ + i) & (buffer_.size() - 1)];
  buffer_.swap(larger);
  head_ = 0;
}

template <class PendingSet>
bool BasicEventQueue<PendingSet>::cancel(EventHandle handle) {
  if (!is_pending(handle)) return false;
  ++stamps_[handle.slot];
  ++cancelled_;
  ++dead_;
  // Far timers that are cancelled and set again would pile up unseen; a purge now and then keeps the cost constant.
  if (dead_ > 1024 && dead_ > 2 * size()) purge();
  return true;
}

template <class PendingSet>
void BasicEventQueue<PendingSet>::purge() {
  pending_.purge([this](const Event& event) {
    if (event.slot == Event::kNoSlot || (stamps_[event.slot] & 1u) != 0) return false;
    free_slots_.push_back(event.slot);
    --dead_;
    return true;
  });
}

template <class PendingSet>
void BasicEventQueue<PendingSet>::push_at_now(const Event& event) {
  const std::uint64_t phase = event.order >> Event::kSequenceBits;
  const std::uint32_t parity = (round_ + (phase < phase_ ? 1u : 0u)) & 1u;
  rings_[parity][phase].push(event);
  ring_phases_[parity] |= 1u << phase;
  ++ring_count_;
}

template <class PendingSet>
const Event* BasicEventQueue<PendingSet>::pop_at_now(Event& room) {
  std::uint32_t parity = round_ & 1u;
  const Event* next = pending_.peek();
  const bool pending_now = next != nullptr && next->when == now_;
  if (ring_phases_[parity] == 0 && !pending_now) {
    // The instant's round is over and only the next round's rings hold events.
    ++round_;
    parity ^= 1u;
    phase_ = 0;
    if (round_ > kMaxRounds) {
      const Event& event = rings_[parity][static_cast<std::size_t>(std::countr_zero(ring_phases_[parity]))].front();
      throw std::runtime_error("events schedule each other without end: more than " + std::to_string(kMaxRounds) +
                               " rounds at " + to_string(Duration{now_}) + ", next is handler " +
                               std::to_string(event.handler) + ", phase " +
                               std::to_string(event.order >> Event::kSequenceBits));
    }
  }
  // Events that were already waiting for this instant when it began are older than those in the rings.
  const std::uint32_t phases = ring_phases_[parity];
  const std::uint32_t lowest = phases == 0 ? kPhaseCount : static_cast<std::uint32_t>(std::countr_zero(phases));
  if (pending_now && next->order >> Event::kSequenceBits <= lowest) {
    room = *next;
    pending_.drop();
    return &room;
  }
  EventRing& ring = rings_[parity][lowest];
  room = ring.front();
  ring.drop();
  if (ring.empty()) ring_phases_[parity] &= ~(1u << lowest);
  --ring_count_;
  return &room;
}

template class BasicEventQueue<LadderEventSet>;
template class BasicEventQueue<HeapEventSet>;

}  // namespace plimsoll
