#include "sim/load/fluid.h"

#include <algorithm>

#include "sim/core/assert.h"
#include "sim/load/rate_series.h"
#include "sim/load/share.h"

namespace plimsoll::load {

FluidOutcome FluidWorkload::advance(const RequestShape& shape, const FluidSegment& segment) {
  PLIMSOLL_ASSERT(shape.cpu_per_request > 0 && segment.arrivals >= 0 && segment.duration.count() >= 0);
  FluidOutcome out;
  if (segment.capacity.raw() <= 0 || segment.replicas <= 0) {
    out.lost = backlog_ + segment.arrivals;
    backlog_ = 0;
    return out;
  }
  const std::int64_t duration = segment.duration.count();
  // Micro-requests that the capacity serves in the segment, and those whose work fits before the timeout.
  const std::int64_t rate = segment.capacity.raw() * kMicroRequests;  // numerator of the service rate
  const auto room_for = [&] { return share(rate, segment.timeout.count(), shape.cpu_per_request); };
  std::int64_t room = 0;  // not asked for while nothing waits
  if (backlog_ > 0) {
    room = room_for();
    if (backlog_ > room) {  // the capacity has dropped: these can no longer be served in time
      out.lost = backlog_ - room;
      backlog_ = room;
    }
  }
  if (duration == 0) {
    PLIMSOLL_ASSERT(segment.arrivals == 0);
    out.backlog = backlog_;
    return out;
  }
  const std::int64_t most = share(rate, duration, shape.cpu_per_request);
  const std::int64_t before = backlog_;
  const std::int64_t served = std::min(before + segment.arrivals, most);
  std::int64_t after = before + segment.arrivals - served;
  const std::int64_t unclipped = after;
  if (after > 0) {
    room = room_for();
    if (after > room) {
      out.lost += after - room;
      after = room;
    }
  }
  backlog_ = after;
  out.served = served;
  out.backlog = after;
  static_assert(kMicroRequests == 1'000'000);
  out.cpu_used = millionths_of(served, shape.cpu_per_request);
  if (most == 0) return out;
  const auto capacity = static_cast<double>(most);
  out.utilization = static_cast<double>(served) / capacity;
  if (served == 0) return out;

  const Cpu cap{segment.capacity.raw() / segment.replicas};
  const std::int64_t offered = segment.expected >= 0 ? segment.expected : segment.arrivals;
  out.latency = sharing_latency(shape, std::max(cap, Cpu{1}), static_cast<double>(offered) / capacity);
  if (before > 0 || after > 0 || unclipped > 0) {
    // Q(t) is piecewise linear; its integral over what was served is the mean wait (Little), with second moment
    // integral of Q^2 over service rate and served.
    const auto d = static_cast<double>(duration);
    const double q0 = static_cast<double>(before);
    const double slope = (static_cast<double>(segment.arrivals) - capacity) / d;  // micro-requests per microsecond
    double t = d;
    double q1 = static_cast<double>(after);
    double flat = 0;
    if (slope < 0 && unclipped == 0) {
      t = std::min(d, q0 / -slope);
      q1 = 0;
    } else if (unclipped > after && slope > 0) {
      t = std::clamp((static_cast<double>(room) - q0) / slope, 0.0, d);
      flat = d - t;
    }
    const double service_rate = capacity / d;
    const double total = static_cast<double>(served);
    const double first = (0.5 * (q0 + q1) * t + q1 * flat) / total;
    const double second = ((q0 * q0 + q0 * q1 + q1 * q1) / 3 * t + q1 * q1 * flat) / (service_rate * total);
    out.latency += {first, std::max(0.0, second - first * first)};
  }
  return out;
}

Cpu cpu_demand(const RequestShape& shape, std::int64_t arrivals, Duration duration) {
  PLIMSOLL_ASSERT(duration.count() > 0);
  std::int64_t short_work = 0, short_divisor = 0;
  const bool divisor_fits = !__builtin_mul_overflow(duration.count(), kMicroRequests, &short_divisor);
  if (divisor_fits && !__builtin_mul_overflow(arrivals, shape.cpu_per_request, &short_work) &&
      !__builtin_add_overflow(short_work, short_divisor - 1, &short_work))
    return Cpu{short_work / short_divisor};
  if (divisor_fits && arrivals >= 0) return Cpu{wide_share_up(arrivals, shape.cpu_per_request, short_divisor)};
  const __int128 work = static_cast<__int128>(arrivals) * shape.cpu_per_request;
  const __int128 divisor = static_cast<__int128>(duration.count()) * kMicroRequests;
  return Cpu{static_cast<std::int64_t>((work + divisor - 1) / divisor)};
}

}  // namespace plimsoll::load
