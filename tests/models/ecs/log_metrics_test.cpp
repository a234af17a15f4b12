#include "models/ecs/log_metrics.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::ecs {
namespace {

struct Read {
  LogPlan plan;
  std::string complaints;
};

Read read(const std::string& text, const std::string& as_of = "today") {
  Setting setting;
  setting.region = "us-east-1";
  setting.as_of = as_of;
  WorkloadSpec w;
  w.name = "web";
  setting.workloads.push_back(w);
  document::Diagnostics d;
  Read out;
  {
    const document::Node root = document::load_text(text, "s.yaml", d).front();
    document::Fields f(root, d, "platforms.a");
    const auto prices = aws::PriceBook::open(f, setting);
    REQUIRE(prices != nullptr);
    out.plan = LogPlan::read(f, setting, *prices);
  }
  out.complaints = d.text();
  return out;
}

const std::string kGroups = R"(logs:
  groups:
    shop:
      lines:
        - {text: '{"level": "error", "bytes": 300}', rate: web.arrived * 0.01}
        - {text: '{"level": "error", "bytes": 200}', rate: 2}
        - {text: '{"level": "info"}', rate: web.arrived}
)";

TEST_CASE("a filter's metric is the flow of the lines that match, each with its value") {
  const Read r = read(kGroups + R"(  metricFilters:
    Errors: {logGroup: shop, filterPattern: '{ $.level = "error" }', metricName: Errors, metricNamespace: Shop}
    Bytes: {logGroup: shop, metricName: Bytes, metricValue: $.bytes, defaultValue: 0}
)");
  CHECK(r.complaints == "");
  REQUIRE(r.plan.metrics.size() == 2);
  CHECK(r.plan.metrics[0].per_second == "(web.arrived * 0.01) * (1.0) + (2) * (1.0)");
  CHECK_FALSE(r.plan.metrics[0].has_default);
  // The third line has no bytes and counts nothing.
  CHECK(r.plan.metrics[1].per_second == "(web.arrived * 0.01) * (300.0) + (2) * (200.0)");
  CHECK(r.plan.metrics[1].has_default);
  CHECK(r.plan.find("Shop", "Errors") == &r.plan.metrics[0]);
  CHECK(r.plan.find("LogMetrics", "Bytes") == &r.plan.metrics[1]);
  CHECK(r.plan.find("Shop", "Bytes") == nullptr);
}

TEST_CASE("queries and the cluster's setting") {
  const Read r = read("containerInsights: enabled\nlogs: {queries: {board: {scan: 20GB, perDay: 48}}}\n");
  CHECK(r.complaints == "");
  CHECK(r.plan.container_insights);
  REQUIRE(r.plan.queries.size() == 1);
  CHECK(r.plan.queries[0].per_day == 48);
  CHECK(r.plan.scan_gb.raw() == 5'000'000'000);                // $0.005
  CHECK(r.plan.custom_metric_month.raw() == 300'000'000'000);  // $0.30
  // The example of the price page: one cluster, 5 services, 20 task names: 8 + 55 + 120 metrics.
  CHECK(LogPlan::insight_metrics(5, 20) == 183);
}

TEST_CASE("faults are told at their place") {
  struct Row {
    std::string text;
    const char* said;
  };
  const auto filter = [](const char* keys) {
    return kGroups + "  metricFilters: {F: {metricName: M, " + keys + "}}\n";
  };
  for (const Row& r : {Row{filter("logGroup: shopp"), "no log group 'shopp' under logs.groups"},
                       Row{filter("logGroup: shop, filterPattern: 'a.b'"), "'a.b', character 2: the character ."},
                       Row{filter("logGroup: shop, metricValue: x"), "'x' is neither a number nor a selector"},
                       Row{filter("logGroup: shop, defaultValue: 3"), "only the default value 0"},
                       Row{filter("logGroup: shop, filterPattern: FATAL"), "no line of the group shop matches"},
                       Row{"logs: {groups: {g: {lines: [{text: a, rate: wbe.arrived}]}}}\n", "wbe"},
                       Row{"logs: {grups: {}}\n", "unknown key 'grups'"}}) {
    CAPTURE(r.text);
    const Read got = read(r.text);
    CHECK_MESSAGE(got.complaints.find(r.said) != std::string::npos, got.complaints);
  }
  CHECK(read("containerInsights: enabled\n", "2019-02").complaints.find("Container Insights did not exist") !=
        std::string::npos);
}

TEST_CASE("put-metric-filter files count too, where the scenario has no filter of that name") {
  Setting setting;
  setting.region = "us-east-1";
  setting.as_of = "today";
  WorkloadSpec w;
  w.name = "web";
  setting.workloads.push_back(w);
  document::Diagnostics d;
  LogPlan plan;
  {
    const document::Node root =
        document::load_text(kGroups + "  metricFilters:\n    Mine: {logGroup: shop, metricName: Lines}\n", "s.yaml", d)
            .front();
    document::Fields f(root, d, "platforms.a");
    const auto prices = aws::PriceBook::open(f, setting);
    REQUIRE(prices != nullptr);
    plan = LogPlan::read(f, setting, *prices);
    api::MetricFilter file;
    file.node = root;
    file.log_group = "shop";
    file.pattern = "{ $.level = \"error\" }";
    file.metric = "Bytes";
    file.name_space = "Shop";
    file.value = "$.bytes";
    file.name = "Bytes";
    api::MetricFilter mine = file, lost = file;
    mine.name = "Mine";
    lost.name = "Lost";
    lost.metric = "Lost";
    lost.log_group = "shops";
    plan.add_files(f, setting, *prices, {file, mine, lost});
  }
  REQUIRE(plan.metrics.size() == 3);
  CHECK(plan.find("Shop", "Bytes")->per_second == "(web.arrived * 0.01) * (300.0) + (2) * (200.0)");
  CHECK(plan.find("LogMetrics", "Lines") != nullptr);
  CHECK(plan.find("Shop", "Lost")->per_second == "0");
  CHECK_FALSE(d.has_errors());
  CHECK(d.text().find("metric filter Lost: no log group 'shops'") != std::string::npos);
  CHECK(d.text().find("did you mean 'shop'?") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs
