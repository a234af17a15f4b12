#include "sim/billing/bill.h"

#include <algorithm>

#include "sim/core/assert.h"

namespace plimsoll::billing {

namespace {

constexpr std::int64_t kHourMicroseconds = 3'600'000'000;

Time clip(Time t, Time low, Time high) { return std::min(std::max(t, low), high); }

}  // namespace

LineItemId Bill::line(const LineItem& item) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].what.item == item.item) {
      PLIMSOLL_ASSERT(lines_[i].what.rate == item.rate);
      return LineItemId{i};
    }
  }
  Line& line = lines_.emplace_back();
  line.what = item;
  line.at = window_start_;
  return LineItemId{lines_.size() - 1};
}

void Bill::accrue(Line& line, Time now) const {
  const Time t = clip(now, window_start_, end_);
  if (t > line.at) {
    line.accrued += static_cast<__int128>(line.open_quantity) * (t - line.at).count();
    line.at = t;
  }
}

MeterId Bill::open(LineItemId id, std::int64_t quantity, Time now) {
  Line& line = lines_[id.index()];
  PLIMSOLL_ASSERT(line.what.per_hour);
  accrue(line, now);
  line.open_quantity += quantity;
  meters_.push_back({id, quantity, clip(now, window_start_, end_), true, now < window_start_});
  return MeterId{meters_.size() - 1};
}

void Bill::close(MeterId id, Time now) {
  Meter& meter = meters_[id.index()];
  PLIMSOLL_ASSERT(meter.open);
  meter.open = false;
  Line& line = lines_[meter.line.index()];
  accrue(line, now);
  line.open_quantity -= meter.quantity;
  const Time t = clip(now, window_start_, end_);
  const Duration used = t - meter.start;
  if (now <= window_start_ || meter.start >= end_) return;
  Duration billed{div_ceil(used.count(), line.what.granularity.count()) * line.what.granularity.count()};
  if (!meter.from_before) billed = std::max(billed, line.what.minimum);
  line.accrued += static_cast<__int128>(meter.quantity) * (billed - used).count();
}

void Bill::cancel(MeterId id, Time now) {
  Meter& meter = meters_[id.index()];
  PLIMSOLL_ASSERT(meter.open);
  meter.open = false;
  Line& line = lines_[meter.line.index()];
  accrue(line, now);
  line.open_quantity -= meter.quantity;
  const Time t = clip(now, window_start_, end_);
  if (t > meter.start) line.accrued -= static_cast<__int128>(meter.quantity) * (t - meter.start).count();
}

void Bill::add(LineItemId id, __int128 quantity, Time now) {
  Line& line = lines_[id.index()];
  PLIMSOLL_ASSERT(!line.what.per_hour);
  if (now < window_start_ || now > end_) return;
  line.accrued += quantity;
}

Money Bill::amount(const Line& line) const {
  const __int128 denominator =
      static_cast<__int128>(line.what.scale) * (line.what.per_hour ? kHourMicroseconds : 1) * 1'000;
  return Money{static_cast<std::int64_t>(div_round(line.accrued * line.what.rate.raw(), denominator))};
}

Money Bill::total() const {
  Money sum;
  for (const Line& line : lines_) sum += amount(line);
  return sum;
}

Money Bill::total(Block block) const {
  Money sum;
  for (const Line& line : lines_) {
    if (line.what.block == block) sum += amount(line);
  }
  return sum;
}

Money Bill::total_at(Time now) const {
  Money sum;
  for (const Line& line : lines_) {
    Line copy;
    copy.what.rate = line.what.rate;
    copy.what.scale = line.what.scale;
    copy.what.per_hour = line.what.per_hour;
    copy.accrued = line.accrued;
    copy.open_quantity = line.open_quantity;
    copy.at = line.at;
    accrue(copy, now);
    sum += amount(copy);
  }
  return sum;
}

void Bill::start(World& world) {
  if (window_start_ + hours(1) <= end_) world.wake(handler, window_start_ + hours(1), Phase::billing);
}

void Bill::handle(World& world, const Event&) {
  book_hour(world.now());
  if (world.now() + hours(1) <= end_) world.wake(handler, world.now() + hours(1), Phase::billing);
}

void Bill::book_hour(Time now) {
  const auto finished =
      static_cast<std::size_t>((clip(now, window_start_, end_) - window_start_).count() / kHourMicroseconds);
  for (Line& line : lines_) {
    accrue(line, now);
    const Money cumulative = amount(line);
    line.hourly.resize(std::max(line.hourly.size(), finished), Money{});
    if (finished > 0) line.hourly[finished - 1] += cumulative - line.booked;
    line.booked = cumulative;
  }
}

void Bill::finish(World&) {
  for (std::size_t i = 0; i < meters_.size(); ++i) {
    if (meters_[i].open) close(MeterId{i}, end_);
  }
  // What the last hour's row does not hold yet: rounding up of meters that close at the end, or a part of an hour.
  const auto rows = static_cast<std::size_t>(div_ceil((end_ - window_start_).count(), kHourMicroseconds));
  for (Line& line : lines_) {
    line.hourly.resize(std::max<std::size_t>(rows, 1), Money{});
    line.hourly.back() += amount(line) - line.booked;
    line.booked = amount(line);
  }
}

}  // namespace plimsoll::billing
