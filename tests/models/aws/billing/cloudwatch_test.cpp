#include "models/aws/billing/cloudwatch.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws::charges;

TEST_CASE("logs are paid in, kept and read") {
  const LogsCharge c = cloudwatch_logs_charge(Ratio{1000}, Ratio{500}, Ratio{250}, Rate{500'000'000'000},
                                              Rate{30'000'000'000}, Rate{5'000'000'000});
  CHECK(c.ingest == dollars(500));
  CHECK(c.store == dollars(15));
  CHECK(c.scan == Money{1'250'000'000});
}

TEST_CASE("the two alarms of a tracked service cost twenty cents a month") {
  CHECK(cloudwatch_alarm_charge(Ratio{2}, Rate{100'000'000'000}) == Money{200'000'000});
  CHECK(cloudwatch_alarm_charge(Ratio{kAnomalyAlarmMetrics}, Rate{100'000'000'000}) == Money{300'000'000});
}
