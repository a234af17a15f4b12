#pragma once

#include <cstdint>
#include <span>

#include "sim/core/random.h"
#include "sim/core/time.h"
#include "sim/load/share.h"

namespace plimsoll::load {

/// The arrivals of one grid step, drawn once: a Poisson count with this mean, whole requests, given in micro-requests.
/// `item` is the number of the grid step. With `extra_scv` > 0 the mean is first multiplied by a lognormal of mean 1
/// and this squared coefficient of variation, because measured traffic is burstier than Poisson from minute to minute
/// (index of dispersion 3.6 at 60 s in the NASA 1995 and Twitter 2021 logs). Uses sub-draws 0 and 1.
/// @pre expected_micro >= 0 and below 1e15.
std::int64_t draw_step_arrivals(const Stream& stream, std::uint64_t item, std::int64_t expected_micro,
                                double extra_scv = 0);

/// totals[i] = draw_step_arrivals(streams[i], item, expected_micro[i], extra_scv): the draws of many streams, by
/// stages, so that the processor works at several while one waits for a division. What a thread drew in its last run is
/// kept for the next, which mostly is another column under the same random numbers. @pre sizes equal.
void draw_step_arrivals(std::span<const Stream> streams, std::uint64_t item,
                        std::span<const std::int64_t> expected_micro, double extra_scv, std::span<std::int64_t> totals);

/// What of `total` has arrived when `elapsed` of a step of length `step` is over, rounded down. Differences between the
/// ends of adjoining segments add up to `total` exactly. @pre 0 <= elapsed <= step, step > 0, total >= 0.
constexpr std::int64_t arrived_by(std::int64_t total, Duration elapsed, Duration step) {
  if (elapsed == step) return total;
  return share(total, elapsed.count(), step.count());
}

/// Splits `total` over parts in proportion to `weights`; the parts are whole and add up to `total` exactly (running
/// sums are rounded down). All zero when no weight is positive. @pre sizes equal, weights >= 0, total >= 0.
void split_by_weight(std::int64_t total, std::span<const std::int64_t> weights, std::span<std::int64_t> parts);

}  // namespace plimsoll::load
