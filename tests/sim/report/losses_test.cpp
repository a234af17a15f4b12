#include "sim/report/losses.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "sim/report/page_data.h"
#include "sim/report/table.h"
#include "tests/sim/report/sample_comparison.h"

using namespace plimsoll;
using namespace plimsoll::report;

namespace {

constexpr std::int64_t kRequests = 1'000'000;

/// ui, whose calls go to carts; the first replication as given, a second in which nothing fails.
results::ColumnResult shop(std::int64_t carts_lost, std::int64_t ui_failed) {
  results::ColumnResult column;
  column.name = "eks-fargate";
  for (int k = 0; k < 2; ++k) {
    results::RunResult run;
    run.replication = k;
    run.window_us = 3'600'000'000;
    results::WorkloadResult ui, carts, dns;
    ui.name = "ui";
    ui.arrived = 2'000 * kRequests;
    carts.name = "carts";
    carts.arrived = 600 * kRequests;
    dns.name = "coredns";
    dns.system = true;
    dns.arrived = dns.lost = 7 * kRequests;
    if (k == 0) {
      carts.lost = carts_lost * kRequests;
      ui.failed = ui_failed * kRequests;
    }
    ui.served = ui.arrived;
    carts.served = carts.arrived - carts.lost;
    run.arrived = ui.arrived;
    run.served = ui.served;
    run.failed = ui.failed;
    run.workloads = {ui, carts, dns};
    column.replications.push_back(run);
  }
  return column;
}

}  // namespace

TEST_CASE("losses of an application are summed over replications, those of the platform's pods left out") {
  const std::vector<ApplicationLosses> all = losses(shop(600, 500));
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "ui");
  CHECK(all[0].lost_percent() == 0);
  CHECK(all[0].failed_percent() == doctest::Approx(12.5));  // 500 of 4,000
  CHECK(all[1].lost_percent() == doctest::Approx(50));      // 600 of 1,200
}

TEST_CASE("the remark names who lost, and what users saw of it") {
  results::ColumnResult one = shop(600, 500);
  CHECK(losses_remark(one) ==
        "carts lost 50.0 % of its requests; 12.5 % of the users' requests failed because a call failed");
  one.replications.pop_back();
  CHECK(losses_remark(one) ==
        "carts lost all of its requests; 25.0 % of the users' requests failed because a call failed");
  CHECK(losses_remark(shop(5, 4)).empty());  // 5 of 1,200 are less than a hundredth
  CHECK(losses_remark(shop(0, 0)).empty());
}

TEST_CASE("a lone column has a table of its applications when a request failed") {
  results::Comparison c;
  c.window_s = 3'600;
  c.columns = {shop(600, 500)};
  const std::string text = render_table(c, {100, false});
  CHECK(text.find("with calls %") != std::string::npos);
  CHECK(text.find("! eks-fargate: carts lost 50.0 %") != std::string::npos);
  CHECK(text.find("12.5") != std::string::npos);
  CHECK(text.find("coredns") == std::string::npos);
  CHECK(render_markdown(c).find("- eks-fargate: carts lost 50.0 %") != std::string::npos);
  const auto page = nlohmann::json::parse(page_json(c));
  CHECK(page.at("platforms")[0].at("notes")[0].get<std::string>().starts_with("carts lost 50.0 %"));
  c.columns = {shop(0, 0)};
  CHECK(render_table(c, {100, false}).find("with calls %") == std::string::npos);
}

TEST_CASE("revisions under weights have a row each") {
  results::ColumnResult column = shop(0, 0);
  CHECK(render_revisions(column, 80, false).empty());
  column.replications[0].revisions = {{"ui", 1, 950 * kRequests, 950 * kRequests, 0, 0, 10'000, 31'500},
                                      {"ui", 2, 50 * kRequests, 40 * kRequests, 10 * kRequests, 0, 25'000, 90'000}};
  const std::string text = render_revisions(column, 80, false);
  CHECK(text.find("ui:1") != std::string::npos);
  CHECK(text.find("10.0/31.5") != std::string::npos);
  CHECK(text.find("20.0") != std::string::npos);  // 10 of 50
}
