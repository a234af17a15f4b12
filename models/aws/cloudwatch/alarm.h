#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/time.h"

namespace plimsoll::aws {

enum class AlarmState : std::uint8_t { ok, alarm, insufficient_data };
/// "OK", "ALARM", "INSUFFICIENT_DATA".
std::string_view to_string(AlarmState state);

/// TreatMissingData of an alarm.
enum class MissingData : std::uint8_t { missing, ignore, breaching, not_breaching };
/// One period of the evaluation range, compared with the threshold.
enum class AlarmPoint : std::uint8_t { ok, breaching, absent };
enum class AlarmComparison : std::uint8_t { greater, greater_or_equal, less, less_or_equal };

struct AlarmDefinition {
  AlarmComparison comparison = AlarmComparison::greater;
  std::int64_t threshold = 0;  ///< in the unit of the metric's values (millionths where both are)
  Duration period = seconds(60);
  std::int64_t evaluation_periods = 1;                ///< N
  std::optional<std::int64_t> datapoints_to_alarm{};  ///< M, N when absent
  MissingData treat_missing = MissingData::missing;
  /// EvaluateLowSampleCountPercentile `ignore`: while the newest period has fewer samples the state stays; 0: never.
  std::int64_t least_samples = 0;
};

/// Samples that a percentile of `ppm` millionths needs to count under EvaluateLowSampleCountPercentile `ignore`: ten
/// beyond it on its shorter side. SOURCE: CloudWatch user guide, "Percentile-based alarms and low data samples".
std::int64_t least_percentile_samples(std::int64_t ppm);

bool breaches(const AlarmDefinition& alarm, std::int64_t value);

/// State after looking at the points of the evaluation range, oldest first; none keeps the previous state.
/// With at least N real points the newest N decide (M breaching: ALARM). With fewer, absent points count as the
/// treatment says; `missing` with only breaching points is ALARM when the oldest lies at least M periods back, so that
/// a late single point cannot raise the alarm early.
/// SOURCE: "Configuring how CloudWatch alarms treat missing data" (Amazon CloudWatch user guide), both tables.
std::optional<AlarmState> evaluate_alarm(std::span<const AlarmPoint> points, std::int64_t n, std::int64_t m,
                                         MissingData treatment);

/// Periods that CloudWatch fetches for an alarm of N periods: N + 2. The guide shows 5 for N = 3; the general size is
/// not published.
constexpr std::int64_t evaluation_range(std::int64_t n) { return n + 2; }

/// An alarm is evaluated each minute, each 10 s when its period is shorter than a minute.
constexpr Duration evaluation_cadence(Duration period) { return period < seconds(60) ? seconds(10) : seconds(60); }
/// Time from the start of the oldest of the N periods to now: N x period.
constexpr Duration evaluation_interval(Duration period, std::int64_t n) { return period * n; }
/// The minutes (1 is the first) that an alarm looks at when it is evaluated at the end of a minute, oldest first.
std::vector<std::int64_t> minutes_in_window(Duration period, std::int64_t n, std::int64_t evaluated_at_minute);

/// Why PutMetricAlarm would refuse it; empty when it would not: period 10, 20, 30 or a multiple of 60 s, 1 <= M <= N,
/// N x period at most a day (7 days for periods of an hour or more).
std::string alarm_error(const AlarmDefinition& alarm);

/// The sliding window of one alarm: feed it a value (or none) a period, read its state.
class Alarm {
 public:
  explicit Alarm(const AlarmDefinition& definition);
  /// Adds the newest period and evaluates; returns the state.
  AlarmState add(std::optional<std::int64_t> value);
  AlarmState state() const { return state_; }
  /// Whether the last `add` changed the state.
  bool changed() const { return changed_; }
  const AlarmDefinition& definition() const { return definition_; }

 private:
  AlarmDefinition definition_;
  std::vector<AlarmPoint> points_;  // oldest first, at most the evaluation range
  AlarmState state_ = AlarmState::insufficient_data;
  bool changed_ = false;
};

}  // namespace plimsoll::aws
