#include "sim/report/compare.h"

#include <doctest/doctest.h>

#include "tests/sim/report/sample_comparison.h"

using namespace plimsoll;
using namespace plimsoll::report;

namespace {

results::RunResult run(std::int64_t replication, double choice_usd, double same_usd) {
  results::RunResult r;
  r.replication = replication;
  r.window_us = 86'400'000'000;
  r.choice = Money{static_cast<std::int64_t>(choice_usd * 1e9)};
  r.same = Money{static_cast<std::int64_t>(same_usd * 1e9)};
  r.total = r.choice + r.same;
  r.arrived = 2'000'000LL * 1'000'000;
  r.served = 1'999'000LL * 1'000'000;
  r.lost = 1'000LL * 1'000'000;
  return r;
}

results::Comparison columns(const std::vector<std::vector<double>>& costs) {
  results::Comparison c;
  c.window_s = 86'400;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    results::ColumnResult column;
    column.name = std::string(1, static_cast<char>('a' + i));
    for (std::size_t k = 0; k < costs[i].size(); ++k)
      column.replications.push_back(run(static_cast<std::int64_t>(k), costs[i][k], 5));
    c.columns.push_back(std::move(column));
  }
  return c;
}

}  // namespace

TEST_CASE("means have the half width of Student's t") {
  // 10, 12, 14: s = 2, t(2, 0.975) = 4.302653, 4.302653 * 2 / sqrt(3) = 4.968276
  const Figures f = figures(columns({{10, 12, 14}}));
  CHECK(f.columns[0].choice_usd_per_day.mean == doctest::Approx(12));
  CHECK(f.columns[0].choice_usd_per_day.half_width == doctest::Approx(4.968276));
  CHECK(f.columns[0].usd_per_hour.mean == doctest::Approx(17.0 / 24));
  CHECK(f.columns[0].usd_per_1000.mean == doctest::Approx(17.0 / 1999.0));
  CHECK(f.columns[0].lost_percent.mean == doctest::Approx(0.05));
  CHECK(f.columns[0].failed_percent.mean == doctest::Approx(0.05));
}

TEST_CASE("requests answered with an error are neither good ones nor forgotten") {
  results::Comparison c = columns({{10}});
  c.columns[0].replications[0].failed = 999'000LL * 1'000'000;
  const Figures f = figures(c);
  // 1,000 lost and 999,000 wrong of 2,000,000; 15 dollars for the million that was served right.
  CHECK(f.columns[0].lost_percent.mean == doctest::Approx(0.05));
  CHECK(f.columns[0].failed_percent.mean == doctest::Approx(50));
  CHECK(f.columns[0].usd_per_1000.mean == doctest::Approx(0.015));
}

TEST_CASE("differences are taken pair by pair") {
  // Wide apart over replications, but always one dollar (plus or minus a cent) between the two.
  const Figures f = figures(columns({{20, 40, 60, 80}, {21.01, 40.99, 61.01, 80.99}}));
  CHECK(f.winner == 0u);
  const Difference& d = f.columns[1].whole;
  CHECK(d.per_day.mean == doctest::Approx(1.0));
  // s = 0.0115470, t(3, 0.975) = 3.182446, half width = 3.182446 * 0.0115470 / 2
  CHECK(d.per_day.half_width == doctest::Approx(0.0183739).epsilon(1e-4));
  CHECK(d.significant);
  CHECK(d.percent == doctest::Approx(100 * 1.0 / 55));
  CHECK(f.columns[1].choice.percent == doctest::Approx(100 * 1.0 / 50));
}

TEST_CASE("an interval that covers zero leaves no winner") {
  const Figures f = figures(columns({{10, 11, 12}, {11, 10, 12.5}, {30, 31, 33}}));
  CHECK_FALSE(f.winner.has_value());
  CHECK(f.reference == 0u);
  CHECK(f.tied == std::vector<std::size_t>{1});
  CHECK(f.columns[2].whole.significant);
  CHECK(verdict(columns({{10, 11, 12}, {11, 10, 12.5}, {30, 31, 33}}), f).headline.starts_with("No winner"));
}

TEST_CASE("two identical columns differ by exactly nothing and neither wins") {
  const Figures f = figures(columns({{10.123456789, 11.3, 9.7}, {10.123456789, 11.3, 9.7}}));
  CHECK(f.columns[1].whole.per_day.mean == 0.0);
  CHECK(f.columns[1].whole.per_day.half_width == 0.0);
  CHECK_FALSE(f.columns[1].whole.significant);
  CHECK_FALSE(f.winner.has_value());
}

TEST_CASE("one replication names no winner") {
  const Figures f = figures(columns({{10}, {20}}));
  CHECK_FALSE(f.winner.has_value());
  CHECK(f.reference == 0u);
  CHECK_FALSE(f.columns[1].whole.per_day.has_interval());
}

TEST_CASE("a column that breaks a promise in most replications is never ranked") {
  results::Comparison c = columns({{1, 1, 1}, {10, 10, 10}, {20, 20, 20}});
  for (int k = 0; k < 3; ++k) {
    for (auto& column : c.columns)
      column.replications[static_cast<std::size_t>(k)].expectations = {{"lost < 1 %", true, 1, "lost 0 %"}};
  }
  for (int k = 0; k < 2; ++k) c.columns[0].replications[static_cast<std::size_t>(k)].expectations[0].kept = false;
  c.columns[1].replications[2].expectations[0].kept = false;
  const Figures f = figures(c);
  CHECK(f.columns[0].broken);
  CHECK(f.columns[0].promises[0].broken_in == 2);
  CHECK_FALSE(f.columns[1].broken);
  CHECK(f.columns[1].promises[0].broken_in == 1);
  CHECK(f.reference == 1u);
  CHECK(f.winner == 1u);
  CHECK(f.order == std::vector<std::size_t>{1, 2, 0});
  CHECK(verdict(c, f).detail.find("Not ranked") != std::string::npos);
}

TEST_CASE("when every column breaks a promise none is ranked") {
  results::Comparison c = columns({{1, 1}, {2, 2}});
  for (auto& column : c.columns) {
    for (auto& r : column.replications) r.expectations = {{"lost < 1 %", false, 0, "lost 3 %"}};
  }
  const Figures f = figures(c);
  CHECK_FALSE(f.reference.has_value());
  CHECK(f.columns[1].whole.per_day.empty());
  CHECK(verdict(c, f).headline.starts_with("No platform keeps"));
}

TEST_CASE("only replications that both columns have are paired") {
  results::Comparison c = columns({{10, 10, 10}, {11, 12, 13}});
  c.columns[1].replications.erase(c.columns[1].replications.begin());
  const Figures f = figures(c);
  CHECK(f.columns[1].whole.per_day.count == 2);
  CHECK(f.columns[1].whole.per_day.mean == doctest::Approx(2.5));
}

TEST_CASE("the pairs of an interrupted run say how sure it is, not the replications of one column") {
  const results::Comparison one = columns({{10, 10.5}, {11}});
  CHECK(verdict(one, figures(one)).headline == "No winner: one replication cannot tell a from the others.");
  const results::Comparison two = columns({{10, 11, 12}, {11, 10}});
  CHECK(verdict(two, figures(two)).detail.find("(2 paired replications)") != std::string::npos);
}

TEST_CASE("an interrupted comparison says by how many of how many replications it judges, first of all") {
  results::Comparison c = columns({{10, 11, 12}, {20, 21, 22}});
  c.replications_wanted = 10;
  CHECK(interruption(c).empty());
  c.interrupted = true;
  const Verdict v = verdict(c, figures(c));
  CHECK(v.headline.find("a is cheapest: $16.00 a day.") == 0);
  CHECK(v.detail.find("Interrupted after 3 of 10 replications: all columns are judged by these alone. The difference "
                      "is $10.00 ± 0.00 a day (3 paired replications)") == 0);
  results::Comparison one = columns({{10}, {20}});
  one.replications_wanted = 4;
  one.interrupted = true;
  CHECK(verdict(one, figures(one)).headline == "No winner: one replication cannot tell a from the others.");
  CHECK(verdict(one, figures(one))
            .detail.find("Interrupted after 1 of 4 replications: all columns are judged by that one alone. ") == 0);
  results::Comparison alone = columns({{10, 11}});
  alone.replications_wanted = 3;
  alone.interrupted = true;
  CHECK(interruption(alone) == "Interrupted after 2 of 3 replications: it is judged by these alone.");
}

TEST_CASE("the cheapest column that fails many requests is not praised for it") {
  results::Comparison c = columns({{10, 10.1, 10.2}, {20, 20.1, 20.2}});
  for (auto& r : c.columns[0].replications) {
    r.lost = 980'000LL * 1'000'000;
    r.failed = 20'000LL * 1'000'000;
  }
  const Verdict v = verdict(c, figures(c));
  CHECK(v.headline.find("a is cheapest, but fails 50.0 % of its requests: $15.10 a day. b, the next, costs") == 0);
  CHECK(v.detail.find("a fails 50.0 % of the requests and is ranked all the same: no promise forbids it") !=
        std::string::npos);
  // Who has said how many may be lost has been heard.
  for (auto& column : c.columns) {
    for (auto& r : column.replications) r.expectations = {{"requests.lost < 60 %", true, 1, "lost 49 %"}};
  }
  CHECK(verdict(c, figures(c)).detail.find("no promise") == std::string::npos);
}

TEST_CASE("a column that has not run is no loser") {
  results::Comparison c = columns({{10, 11}, {}, {}});
  c.interrupted = true;
  const Figures f = figures(c);
  CHECK_FALSE(f.winner.has_value());
  CHECK(verdict(c, f).headline == "No verdict: b and c have not run.");
  CHECK(verdict(c, f).detail == "Interrupted: only what had finished is counted.");
  results::Comparison two = columns({{10, 11}, {30, 31}, {}});
  CHECK_FALSE(figures(two).winner.has_value());
  CHECK(verdict(two, figures(two)).headline == "No verdict: c has not run.");
}

TEST_CASE("a month is shown from seven days on") {
  results::Comparison c = columns({{10, 11}});
  CHECK_FALSE(figures(c).columns[0].usd_per_month.has_value());
  c.window_s = 7 * 86'400;
  for (auto& r : c.columns[0].replications) r.window_us = 7 * 86'400'000'000;
  const Figures f = figures(c);
  REQUIRE(f.columns[0].usd_per_month.has_value());
  CHECK(f.columns[0].usd_per_month->mean == doctest::Approx(15.5 / 168 * 730));
}

TEST_CASE("nothing finished gives no figures and no ranks") {
  const Figures f = figures(columns({{}, {}}));
  CHECK_FALSE(f.reference.has_value());
  CHECK(f.columns[0].usd_per_day.empty());
  CHECK(verdict(columns({{}, {}}), f).headline == "Nothing has finished yet.");
}

TEST_CASE("the sample has a winner and one column that broke its promise") {
  const results::Comparison c = sample::comparison();
  const Figures f = figures(c);
  CHECK(f.winner == 3u);
  CHECK(f.columns[4].broken);
  CHECK(f.order.back() == 4u);
}
