#include "models/ecs/api/metric_filter.h"

#include <doctest/doctest.h>

#include "models/ecs/api/documents.h"
#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs::api {
namespace {

const std::string kFilter =
    "{'logGroupName':'shop','filterName':'Errors','filterPattern':'{ $.level = \\\"error\\\" "
    "}','metricTransformations':"
    "[{'metricName':'ErrorCount','metricNamespace':'Shop','metricValue':'1','defaultValue':0,'unit':'Count'}]}";

TEST_CASE("a filter of put-metric-filter, and those that describe-metric-filters tells") {
  document::Diagnostics d;
  const auto f = read_metric_filter(json(kFilter), d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(f.has_value());
  CHECK(f->name == "Errors");
  CHECK(f->log_group == "shop");
  CHECK(f->pattern == "{ $.level = \"error\" }");
  CHECK(f->metric == "ErrorCount");
  CHECK(f->name_space == "Shop");
  CHECK(f->value == "1");
  CHECK(f->default_value == 0);
  const document::Node answer = json("{'metricFilters':[" + kFilter + "," + kFilter + "]}");
  CHECK(detect(answer) == DocumentKind::metric_filter);
  Documents all;
  read_document(answer, d, all);
  CHECK(all.filters.size() == 2);
}

TEST_CASE("a filter needs its log group, its pattern and one transformation") {
  document::Diagnostics d;
  CHECK_FALSE(read_metric_filter(json("{'filterName':'Errors','metricTransformations':[]}"), d).has_value());
  CHECK(d.text().find("logGroupName") != std::string::npos);
  CHECK(d.text().find("filterPattern") != std::string::npos);
  CHECK(d.text().find("exactly one transformation") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs::api
