#include "models/aws/billing/cloudwatch.h"

namespace plimsoll::aws::charges {

LogsCharge cloudwatch_logs_charge(Ratio ingest_gb, Ratio stored_gb_months, Ratio scanned_gb, Rate per_gb_in,
                                  Rate per_gb_month, Rate per_gb_scanned) {
  return {round_money(in_dollars(per_gb_in) * ingest_gb), round_money(in_dollars(per_gb_month) * stored_gb_months),
          round_money(in_dollars(per_gb_scanned) * scanned_gb)};
}

Money cloudwatch_alarm_charge(Ratio metric_months, Rate per_metric_month) {
  return round_money(in_dollars(per_metric_month) * metric_months);
}

}  // namespace plimsoll::aws::charges
