#include "models/aws/cloudwatch/alarm.h"

#include <algorithm>

#include "sim/core/assert.h"
#include "sim/core/units.h"

namespace plimsoll::aws {

std::string_view to_string(AlarmState state) {
  constexpr std::string_view kNames[] = {"OK", "ALARM", "INSUFFICIENT_DATA"};
  return kNames[static_cast<std::size_t>(state)];
}

bool breaches(const AlarmDefinition& alarm, std::int64_t value) {
  switch (alarm.comparison) {
    case AlarmComparison::greater:
      return value > alarm.threshold;
    case AlarmComparison::greater_or_equal:
      return value >= alarm.threshold;
    case AlarmComparison::less:
      return value < alarm.threshold;
    case AlarmComparison::less_or_equal:
      return value <= alarm.threshold;
  }
  return false;
}

std::optional<AlarmState> evaluate_alarm(std::span<const AlarmPoint> points, std::int64_t n, std::int64_t m,
                                         MissingData treatment) {
  PLIMSOLL_ASSERT(1 <= m && m <= n);
  const auto state = [&](std::int64_t breaching) { return breaching >= m ? AlarmState::alarm : AlarmState::ok; };
  std::int64_t real = 0, breaching = 0, newest_breaching = 0, oldest_real = 0;
  for (std::int64_t position = 1; position <= static_cast<std::int64_t>(points.size()); ++position) {
    const AlarmPoint p = points[points.size() - static_cast<std::size_t>(position)];
    if (p == AlarmPoint::absent) continue;
    ++real;
    oldest_real = position;
    if (p == AlarmPoint::breaching) {
      ++breaching;
      if (real <= n) ++newest_breaching;
    }
  }
  if (real >= n) return state(newest_breaching);
  switch (treatment) {
    case MissingData::breaching:
      return state(breaching + n - real);
    case MissingData::not_breaching:
      return state(breaching);
    case MissingData::missing:
      if (real == 0) return AlarmState::insufficient_data;
      if (breaching < real) return state(breaching);
      if (oldest_real >= m) return AlarmState::alarm;
      return std::nullopt;
    case MissingData::ignore:
      if (breaching == real) return std::nullopt;
      return state(breaching);
  }
  return std::nullopt;
}

std::vector<std::int64_t> minutes_in_window(Duration period, std::int64_t n, std::int64_t evaluated_at_minute) {
  const std::int64_t count = div_ceil(to_microseconds(evaluation_interval(period, n)), to_microseconds(minutes(1)));
  std::vector<std::int64_t> out;
  for (std::int64_t m = std::max<std::int64_t>(evaluated_at_minute - count + 1, 1); m <= evaluated_at_minute; ++m) {
    out.push_back(m);
  }
  return out;
}

std::int64_t least_percentile_samples(std::int64_t ppm) {
  const std::int64_t shorter = ppm >= 500'000 ? 1'000'000 - ppm : ppm;
  if (shorter <= 0) return 0;  // p0 and p100 have no side to be short of
  return (10'000'000 + shorter - 1) / shorter;
}

std::string alarm_error(const AlarmDefinition& a) {
  const bool short_period = a.period == seconds(10) || a.period == seconds(20) || a.period == seconds(30);
  if (!short_period && (a.period <= Duration{} || a.period % seconds(60) != Duration{})) {
    return "the period must be 10, 20 or 30 s, or a multiple of 60 s";
  }
  if (a.evaluation_periods < 1) return "evaluationPeriods must be at least 1";
  const std::int64_t m = a.datapoints_to_alarm.value_or(a.evaluation_periods);
  if (m < 1 || m > a.evaluation_periods) return "datapointsToAlarm must be from 1 to evaluationPeriods";
  const Duration longest = a.period >= hours(1) ? hours(7 * 24) : hours(24);
  if (evaluation_interval(a.period, a.evaluation_periods) > longest) {
    return "evaluationPeriods x period is longer than CloudWatch keeps in view";
  }
  return {};
}

Alarm::Alarm(const AlarmDefinition& definition) : definition_(definition) {
  PLIMSOLL_ASSERT(alarm_error(definition).empty());
}

AlarmState Alarm::add(std::optional<std::int64_t> value) {
  if (static_cast<std::int64_t>(points_.size()) == evaluation_range(definition_.evaluation_periods)) {
    points_.erase(points_.begin());
  }
  points_.push_back(!value                          ? AlarmPoint::absent
                    : breaches(definition_, *value) ? AlarmPoint::breaching
                                                    : AlarmPoint::ok);
  const std::int64_t n = definition_.evaluation_periods;
  const auto next = evaluate_alarm(points_, n, definition_.datapoints_to_alarm.value_or(n), definition_.treat_missing);
  changed_ = next && *next != state_;
  if (next) state_ = *next;
  return state_;
}

}  // namespace plimsoll::aws
