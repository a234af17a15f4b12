#pragma once

#include <cstdint>
#include <type_traits>

#include "sim/core/id.h"
#include "sim/core/time.h"

namespace plimsoll {

/// What runs before what at one instant. Numbers are part of the order of events.
enum class Phase : std::uint8_t {
  facts = 0,        ///< World facts happen: arrivals, failures, completions, the end of a delay.
  load = 1,         ///< Load is advanced and spread over the capacity that the facts left.
  metrics = 2,      ///< Metrics are scraped and published, and alarms evaluated.
  controllers = 3,  ///< Controllers wake, decide and send commands.
  scheduler = 4,    ///< Pods are placed on what the controllers made.
  billing = 5,      ///< Meters are read and samples taken of the settled state.
  end = 6,          ///< The run, or a part of it, ends.
};
inline constexpr int kPhaseCount = 7;

/// One pending event. The payload belongs to the handler: an id, a packed pair, or an index into the handler's own
/// state.
struct Event {
  std::int64_t when;      ///< microseconds of simulated time
  std::uint64_t order;    ///< phase in the top 8 bits, sequence number in the low 56
  std::uint32_t handler;  ///< index of the receiver
  std::uint32_t slot;     ///< cancellation slot, kNoSlot for events that nobody can cancel
  std::uint64_t payload;

  static constexpr std::uint32_t kNoSlot = 0xffffffffu;
  static constexpr int kSequenceBits = 56;

  constexpr Phase phase() const { return static_cast<Phase>(order >> kSequenceBits); }
  constexpr Time time() const { return Time{Duration{when}}; }
  constexpr HandlerId handler_id() const { return HandlerId{handler}; }

  /// The total order of events: instant, phase, sequence.
  friend constexpr bool operator<(const Event& a, const Event& b) {
    return a.when != b.when ? a.when < b.when : a.order < b.order;
  }
  friend constexpr bool operator==(const Event&, const Event&) = default;
};
static_assert(sizeof(Event) == 32 && std::is_trivially_copyable_v<Event>);

/// Names one cancellable event. Stale handles are harmless: they name nothing.
struct EventHandle {
  std::uint32_t slot = Event::kNoSlot;
  std::uint32_t stamp = 0;
  constexpr explicit operator bool() const { return slot != Event::kNoSlot; }
  friend constexpr bool operator==(EventHandle, EventHandle) = default;
};

}  // namespace plimsoll
