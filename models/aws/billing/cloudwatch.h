#pragma once

#include <cstdint>

#include "models/aws/billing/ratio.h"

namespace plimsoll::aws::charges {

struct LogsCharge {
  Money ingest{}, store{}, scan{};
  constexpr Money total() const { return ingest + store + scan; }
};
/// GB written, GB-months kept (compressed), GB read by queries. SOURCE: Amazon CloudWatch pricing page.
LogsCharge cloudwatch_logs_charge(Ratio ingest_gb, Ratio stored_gb_months, Ratio scanned_gb, Rate per_gb_in,
                                  Rate per_gb_month, Rate per_gb_scanned);

/// Metrics that alarms watch, in metric-months; an anomaly-detection alarm counts three metrics, a metric-math alarm
/// one a metric. SOURCE: Amazon CloudWatch pricing page.
inline constexpr std::int64_t kAnomalyAlarmMetrics = 3;
Money cloudwatch_alarm_charge(Ratio metric_months, Rate per_metric_month);

}  // namespace plimsoll::aws::charges
