#include "sim/report/standing.h"

#include <doctest/doctest.h>

#include "sim/report/table.h"
#include "tests/sim/report/sample_comparison.h"

using namespace plimsoll;
using namespace plimsoll::report;

namespace {

/// One application with `served` and `lost` requests in each replication.
results::ColumnResult column(const std::vector<std::pair<std::int64_t, std::int64_t>>& served_and_lost) {
  results::ColumnResult c;
  c.name = "x";
  for (const auto& [served, lost] : served_and_lost) {
    results::RunResult r;
    r.replication = static_cast<std::int64_t>(c.replications.size());
    r.window_us = 3'600'000'000;
    r.arrived = served + lost;
    r.served = served;
    r.lost = lost;
    results::WorkloadResult w;
    w.name = "web";
    w.replicas_peak = served > 0 ? 2 : 0;
    w.arrived = served + lost;
    w.served = served;
    w.lost = lost;
    r.workloads.push_back(w);
    c.replications.push_back(std::move(r));
  }
  return c;
}

}  // namespace

TEST_CASE("a column that loses every request serves nothing") {
  CHECK(not_serving(column({{0, 9}, {0, 8}})) == "serves no request of web");
  CHECK(not_serving(column({{0, 9}, {0, 8}, {1, 0}})) == "serves no request of web");  // two of three
  CHECK(not_serving(column({{0, 9}, {1, 8}})).empty());                                // half is not more than half
  CHECK(not_serving(column({{1, 1'000'000}})).empty());
  CHECK(not_serving(column({{0, 0}})).empty());  // nothing was asked of it
  CHECK(not_serving({}).empty());
}

TEST_CASE("an application without requests has to find a place") {
  results::ColumnResult c = column({{0, 0}});
  c.replications[0].unfinished = 2;
  CHECK(not_serving(c) == "no application ever found a place");
  c.replications[0].workloads[0].replicas_peak = 1;  // two more wait, as when it grows
  CHECK(not_serving(c).empty());
  c.replications[0].workloads[0].replicas_peak = 0;
  c.replications[0].workloads[0].runs_to_completion = true;  // work that waits for its turn
  CHECK(not_serving(c).empty());
}

TEST_CASE("what serves nothing is listed behind all that is ranked and wins nothing, however cheap it is") {
  results::Comparison c = sample::comparison(3);
  // ecs-ec2, the second column, made free of charge and useless.
  for (results::RunResult& r : c.columns[1].replications) {
    r.total = r.choice = r.same = Money{};
    for (results::WorkloadResult& w : r.workloads) {
      if (w.name == "carts") w.lost = w.arrived, w.served = 0;
    }
  }
  const Figures f = figures(c);
  CHECK(f.columns[1].not_serving == "serves no request of carts");
  CHECK_FALSE(f.columns[1].broken);
  CHECK_FALSE(f.columns[1].ranked());
  // Behind the three that are ranked, and before eks-fargate, which breaks its promise and costs more than nothing.
  CHECK(f.order[3] == 1u);
  CHECK(f.ranked == 3);
  CHECK(f.reference != 1u);
  CHECK(verdict(c, f).detail.find("Not ranked, because it does not serve its load: ecs-ec2.") != std::string::npos);
  const std::string text = render_table(c, {120, false});
  CHECK(text.find("✗ ecs-ec2: serves no request of carts") != std::string::npos);
  CHECK(text.find("not ranked") != std::string::npos);
  CHECK(render_json(c).find("\"not_serving\": \"serves no request of carts\"") != std::string::npos);
  CHECK(render_csv(c).find("ecs-ec2,3,false,") != std::string::npos);
}

TEST_CASE("when nothing serves, nothing is ranked") {
  results::Comparison c;
  c.window_s = 3600;
  c.columns = {column({{0, 9}})};
  CHECK(verdict(c, figures(c)).headline == "x serves no request of web.");
  c.columns.push_back(column({{0, 9}}));
  CHECK(verdict(c, figures(c)).headline == "No platform serves its load, so none is ranked.");
  c.columns.push_back(column({{9, 0}}));
  CHECK(verdict(c, figures(c)).headline == "x: the only one that serves its load, $0.00 a day.");
}

TEST_CASE("a maximum that binds is said when it binds for more than a hundredth of the span") {
  results::Comparison c = sample::comparison(2);
  CHECK(binding_limits(c.columns[0]).empty());
  // Mean of 100 % and 95.2 %; 1 % is not more than a hundredth.
  c.columns[0].replications[0].workloads[0].at_maximum_share = 1;
  c.columns[0].replications[1].workloads[0].at_maximum_share = 0.952;
  for (results::RunResult& r : c.columns[0].replications) r.workloads[1].at_maximum_share = 0.01;
  CHECK(binding_limits(c.columns[0]) == std::vector<std::string>{"the maximum of ui binds for 97.6 % of the span"});
  // Groups, pools and quotas, after the applications: mean over replications, those that did not bind included.
  c.columns[0].replications[1].limits = {{"the maximum of node group a", 0.5}, {"the launch quota of Fargate", 0.019}};
  CHECK(binding_limits(c.columns[0]) == std::vector<std::string>{"the maximum of ui binds for 97.6 % of the span",
                                                                 "the maximum of node group a binds for 25.0 % of "
                                                                 "the span"});
  CHECK(render_table(c, {120, false}).find("! ecs-fargate: the maximum of ui binds for 97.6 % of the span") !=
        std::string::npos);
  CHECK(render_markdown(c).find("- ecs-fargate: the maximum of ui binds for 97.6 % of the span\n") !=
        std::string::npos);
}
