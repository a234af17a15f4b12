#include <doctest/doctest.h>

#include "models/aws/cloudwatch/cloudwatch.h"
#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

std::string percentile_alarm(const std::string& name, const std::string& statistic) {
  return "      - {AlarmName: " + name + ", Namespace: AWS/ApplicationELB, MetricName: TargetResponseTime, " +
         statistic + ", Period: 60, EvaluationPeriods: 1, Threshold: 0.03, ComparisonOperator: GreaterThanThreshold}\n";
}

TEST_CASE("an alarm on the 99th percentile of response times goes off where their median does not") {
  // 5 ms of work: at half of its CPU in use a request takes some 10 ms in the mean, and its tail reaches far beyond 30.
  const scenario::Scenario s = read_text(
      "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 400/s, for: 1h, warmup: 10m}\n"
      "apps: {web: {size: 1 vCPU/2Gi, work: 5ms, replicas: 4}}\n"
      "platforms:\n  a:\n    type: ecs\n    capacity: fargate\n    alarms:\n" +
      percentile_alarm("median", "ExtendedStatistic: p50") + percentile_alarm("tail", "ExtendedStatistic: p99") +
      percentile_alarm("most", "Statistic: Maximum"));
  Run run = build(s, 0, 0, {true, true});
  run.world.run();
  const auto& cw = *run.world.find_component<aws::CloudWatch>();
  // In the order in which they are given.
  const aws::AlarmId median{0}, tail{1}, most{2};
  REQUIRE(cw.name(tail) == "tail");
  CHECK(cw.state(median) == aws::AlarmState::ok);
  CHECK(cw.state(tail) == aws::AlarmState::alarm);
  CHECK(cw.state(most) == aws::AlarmState::alarm);
  // The datapoint is near the percentile that the run reports, in microseconds.
  const results::RunResult result = summarise(run, s, 0, 0);
  const auto p99 = static_cast<double>(cw.latest(tail).value());
  CHECK(p99 == doctest::Approx(static_cast<double>(result.latency_p99_us)).epsilon(0.3));
}

}  // namespace
}  // namespace plimsoll::engine
