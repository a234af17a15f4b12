#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plimsoll::bench {

/// The hold model: `pending` events wait; one hold pops the earliest and schedules it again a step later. Steps are
/// read in a circle, the same for every structure, so that all must pop the same events in the same order.
struct HoldInput {
  std::size_t pending = 0;
  std::uint64_t holds = 0;
  std::vector<std::int64_t> first;  ///< microseconds, one an event
  std::vector<std::int64_t> steps;  ///< microseconds; a power of two of them
};

enum class HoldSteps { exponential, constant, ties };

inline constexpr double kHoldMeanStep = 1e9;  ///< microseconds

/// The same input in every process.
HoldInput make_input(std::size_t pending, std::uint64_t holds, HoldSteps steps);

struct HoldOutput {
  double nanoseconds = 0;      ///< process CPU time per hold
  double bytes_per_event = 0;  ///< of the structure; 0 when not known
  std::uint64_t checksum = 0;  ///< over the popped instants and payloads, in order; 0 when not known
};

/// Adds one popped event to a checksum that depends on the order.
inline std::uint64_t mix_in(std::uint64_t checksum, std::int64_t when, std::uint64_t payload) {
  return (checksum ^ static_cast<std::uint64_t>(when) ^ (payload << 40)) * 0x9e3779b97f4a7c15ull + (checksum >> 29);
}

HoldOutput hold_event_queue(const HoldInput& input);     ///< ours: the whole agenda, clock and phases included
HoldOutput hold_heap_event_set(const HoldInput& input);  ///< ours, with the reference heap
HoldOutput hold_priority_queue(const HoldInput& input);  ///< std::priority_queue of the same event
HoldOutput hold_boost_heap(const HoldInput& input);      ///< boost::heap::d_ary_heap<4> of the same event

}  // namespace plimsoll::bench
