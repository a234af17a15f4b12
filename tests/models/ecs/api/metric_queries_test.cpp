#include "models/ecs/api/metric_queries.h"

#include <doctest/doctest.h>

#include "models/ecs/api/metric_alarm.h"
#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs::api {
namespace {

std::string stat_query(const std::string& id, const std::string& metric, int period = 60) {
  return "{'Id':'" + id +
         "','ReturnData':false,'MetricStat':{'Metric':{'Namespace':'AWS/ApplicationELB','MetricName':'" + metric +
         "'},'Period':" + std::to_string(period) + ",'Stat':'Sum'}}";
}

std::string math_alarm(const std::string& queries, const std::string& more = "") {
  return "{'AlarmName':'errors','EvaluationPeriods':3,'Threshold':5,'ComparisonOperator':'GreaterThanThreshold'," +
         more + "'Metrics':[" + queries + "]}";
}

const std::string kErrorRate = "{'Id':'rate','Expression':'100 * errors / requests','Label':'percent'}";

TEST_CASE("an alarm on metric math: metrics, an expression over them, and the one that is returned") {
  document::Diagnostics d;
  const auto a = read_metric_alarm(
      json(math_alarm(stat_query("errors", "HTTPCode_Target_5XX_Count", 300) + "," + kErrorRate + "," +
                      stat_query("requests", "RequestCount", 300) + "," + stat_query("unused", "RequestCount", 300))),
      d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(a.has_value());
  REQUIRE(a->queries.has_value());
  CHECK(a->definition.period == seconds(300));
  CHECK(a->queries->metrics() == 3);
  CHECK(a->queries->result == 1);
  const MetricQueries::Query& rate = a->queries->queries[1];
  REQUIRE(rate.math.has_value());
  CHECK(rate.operands == std::vector<std::size_t>{0, 2});
  CHECK(rate.math->reads() == std::vector<std::size_t>{0, 1});  // of its operands
  CHECK(a->queries->queries[0].metric->statistic == aws::Statistic::sum);
}

TEST_CASE("what is wrong with Metrics is told at its place") {
  const auto faults = [](const std::string& text) {
    document::Diagnostics d;
    CHECK_FALSE(read_metric_alarm(json(text), d).has_value());
    return d.text();
  };
  const std::string two =
      stat_query("errors", "HTTPCode_Target_5XX_Count") + "," + stat_query("requests", "RequestCount");
  CHECK(faults(math_alarm(two + ",{'Id':'rate','Expression':'errors / request'}"))
            .find("no metric has the id 'request' (did you mean 'requests'?) at character 10") != std::string::npos);
  CHECK(faults(math_alarm(two)).find("one query returns its data, not 0") != std::string::npos);
  CHECK(faults(math_alarm(two + "," + kErrorRate + ",{'Id':'e2','Expression':'errors'}"))
            .find("one query returns its data, not 2") != std::string::npos);
  CHECK(faults(math_alarm(two + "," + kErrorRate, "'MetricName':'RequestCount',"))
            .find("an alarm has Metrics or a MetricName") != std::string::npos);
  CHECK(faults(math_alarm(stat_query("errors", "RequestCount", 60) + "," + stat_query("requests", "RequestCount", 300) +
                          "," + kErrorRate))
            .find("the metrics of one alarm have one period") != std::string::npos);
  CHECK(
      faults(math_alarm(stat_query("Errors", "RequestCount") + "," + kErrorRate)).find("begins with a small letter") !=
      std::string::npos);
  CHECK(faults(math_alarm(two + ",{'Id':'a','Expression':'b + errors'},{'Id':'b','Expression':'a','ReturnData':false}"))
            .find("leads back to itself") != std::string::npos);
  CHECK(faults(math_alarm(two + ",{'Id':'both','Expression':'errors','MetricStat':{}}")).find("one of the two") !=
        std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs::api
