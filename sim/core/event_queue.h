#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/core/assert.h"
#include "sim/core/event.h"
#include "sim/core/heap_event_set.h"
#include "sim/core/id.h"
#include "sim/core/ladder_event_set.h"
#include "sim/core/time.h"

namespace plimsoll {

/// First in, first out, without allocation once it has grown.
class EventRing {
 public:
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  const Event& front() const { return buffer_[head_]; }
  void push(const Event& event) {
    if (count_ == buffer_.size()) grow();
    buffer_[(head_ + count_) & (buffer_.size() - 1)] = event;
    ++count_;
  }
  void drop() {
    head_ = (head_ + 1) & (buffer_.size() - 1);
    --count_;
  }

 private:
  void grow();
  std::vector<Event> buffer_;  ///< size is zero or a power of two
  std::size_t head_ = 0;
  std::size_t count_ = 0;
};

/// The simulation's clock and agenda. Events come out in the order (when, round, phase, sequence): at one instant all
/// of an earlier phase comes before a later one, and first scheduled is first run. An event scheduled for the present
/// instant in an earlier phase than the one running opens the next round of that instant. Copying the queue copies
/// the agenda: both copies run on to the same events, and handles are good in both.
/// The pending-event set is a policy with push, pop_until, peek, drop, purge (LadderEventSet, or HeapEventSet as the
/// reference).
template <class PendingSet>
class BasicEventQueue {
 public:
  /// More rounds than this at one instant are a loop between handlers.
  static constexpr std::uint32_t kMaxRounds = 1000;

  /// Not cancellable. @pre when >= now(); when >= kTimeZero.
  void schedule(Time when, Phase phase, HandlerId handler, std::uint64_t payload) {
    insert(Event{to_microseconds(when), next_order(phase), handler.value(), Event::kNoSlot, payload});
  }

  /// @pre when >= now(). The handle stays valid until the event is popped or cancelled.
  EventHandle schedule_cancellable(Time when, Phase phase, HandlerId handler, std::uint64_t payload) {
    const EventHandle handle = take_slot();
    insert(Event{to_microseconds(when), next_order(phase), handler.value(), handle.slot, payload});
    return handle;
  }

  /// Cancels in constant time; false when the event was already popped or cancelled, or the handle is empty.
  bool cancel(EventHandle handle);

  /// True until the event is popped or cancelled.
  bool is_pending(EventHandle handle) const {
    return handle.slot < stamps_.size() && stamps_[handle.slot] == handle.stamp;
  }

  /// Pops the next live event with when <= end into `out`, and sets the clock to it. False when there is none; then
  /// the clock stays where it is. Throws std::runtime_error, naming handler and instant, beyond kMaxRounds rounds.
  bool pop_until(Time end, Event& out) {
    for (;;) {
      const Event* next;
      if (ring_count_ == 0) {
        next = pending_.pop_until(to_microseconds(end));
        if (next == nullptr) return false;
      } else {
        if (to_microseconds(end) < now_) return false;
        next = pop_at_now(out);
      }
      // A cancelled event leaves without a trace: it does not move the clock.
      if (next->slot != Event::kNoSlot && !release_slot(next->slot)) continue;
      if (next->when != now_) {
        now_ = next->when;
        round_ = 0;
      }
      phase_ = next->order >> Event::kSequenceBits;
      ++popped_;
      out = *next;
      return true;
    }
  }

  /// The instant of the event popped last; kTimeZero at first.
  Time now() const { return Time{Duration{now_}}; }
  /// Round of the present instant, from 0.
  std::uint32_t round() const { return round_; }
  /// Live events: scheduled, not popped, not cancelled.
  std::uint64_t size() const { return sequence_ - popped_ - cancelled_; }
  bool empty() const { return size() == 0; }
  std::uint64_t popped() const { return popped_; }
  /// Bytes held for pending events.
  std::size_t memory_bytes() const { return pending_.memory_bytes() + stamps_.capacity() * 2 * sizeof(std::uint32_t); }

 private:
  std::uint64_t next_order(Phase phase) {
    return (static_cast<std::uint64_t>(phase) << Event::kSequenceBits) | sequence_++;
  }

  void insert(const Event& event) {
    PLIMSOLL_ASSERT(event.when >= now_);
    if (event.when == now_) [[unlikely]] {
      const Event copy = event;
      push_at_now(copy);
    } else {
      pending_.push(event);
    }
  }

  void push_at_now(const Event& event);
  const Event* pop_at_now(Event& room);
  void purge();

  /// A slot's stamp is odd while its event is live. The slot is free again when the event leaves the agenda.
  EventHandle take_slot() {
    std::uint32_t slot;
    if (free_slots_.empty()) {
      slot = static_cast<std::uint32_t>(stamps_.size());
      PLIMSOLL_ASSERT(slot != Event::kNoSlot);
      stamps_.push_back(1);
      free_slots_.reserve(stamps_.capacity());
    } else {
      slot = free_slots_.back();
      free_slots_.pop_back();
      ++stamps_[slot];
    }
    return {slot, stamps_[slot]};
  }
  /// Frees the slot; false when the event had been cancelled.
  bool release_slot(std::uint32_t slot) {
    free_slots_.push_back(slot);
    if ((stamps_[slot] & 1u) == 0) {
      --dead_;
      return false;
    }
    ++stamps_[slot];
    return true;
  }

  PendingSet pending_;
  std::int64_t now_ = 0;
  std::uint64_t phase_ = 0;     ///< of the event popped last
  std::uint64_t sequence_ = 0;  ///< events scheduled so far
  std::uint64_t popped_ = 0;
  std::uint64_t cancelled_ = 0;
  std::uint64_t dead_ = 0;  ///< cancelled events still in the agenda
  std::uint64_t ring_count_ = 0;
  std::uint32_t round_ = 0;
  std::array<std::array<EventRing, kPhaseCount>, 2> rings_;  ///< [round parity][phase], of the present instant
  std::array<std::uint32_t, 2> ring_phases_{};               ///< bit p: the ring of phase p is not empty
  std::vector<std::uint32_t> stamps_;
  std::vector<std::uint32_t> free_slots_;
};

extern template class BasicEventQueue<LadderEventSet>;
extern template class BasicEventQueue<HeapEventSet>;

/// The agenda that runs use.
class EventQueue : public BasicEventQueue<LadderEventSet> {};

}  // namespace plimsoll
