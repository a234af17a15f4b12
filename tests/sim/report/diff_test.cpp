// Also tests: diff_text
#include "sim/report/diff.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/sim/report/sample_comparison.h"

using namespace plimsoll;
using namespace plimsoll::report;

namespace {

/// One column, one replication, one day; two lines.
results::Comparison small() {
  results::Comparison c = sample::comparison(1);
  c.columns.resize(1);
  c.columns[0].name = "eks";
  results::RunResult& r = c.columns[0].replications[0];
  r.lines.resize(2);
  r.lines[0].item = "ec2/m5.large/on-demand";
  r.lines[0].label = "EC2 m5.large on-demand";
  r.lines[0].amount = Money{40'000'000'000};
  r.lines[1].item = "alb/hour";
  r.lines[1].label = "Load balancer";
  r.lines[1].amount = Money{10'000'000'000};
  r.total = Money{50'000'000'000};
  r.expectations = {{"latency.p99 < 1s", true, 1, ""}};
  results::EventRow created, bound;
  created.at_us = r.window_start_us;
  created.fact = "pod_created";
  created.pod = bound.pod = "web-0";
  created.workload = "web";
  bound.at_us = r.window_start_us + 61'500'000;
  bound.fact = "pod_bound";
  bound.node = "i-00001";
  r.events = {created, bound};
  c.resolved_yaml = "apps: {web: {size: 500m/1Gi}}\nzones: 3\n";
  return c;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("equal results have no difference") {
  const auto a = small();
  const Diff d = diff(a, "a", a, "b");
  REQUIRE(d.columns.size() == 1);
  CHECK(d.columns[0].symbol == '=');
  CHECK(d.columns[0].unchanged_lines == 2);
  CHECK(d.scenario.empty());
  CHECK(d.largest_growth() == 0);
  CHECK(d.summary == "Nothing changed in 1 column.");
  CHECK(has(render(d, Format::table, {}), "nothing changed"));
}

TEST_CASE("lines come, go and change; the bill is their sum") {
  const auto a = small();
  auto b = small();
  results::RunResult& r = b.columns[0].replications[0];
  r.lines[0].amount = Money{25'000'000'000};  // 40 -> 25: -37.5 %
  r.lines[1].item = "nlb/hour";
  r.lines[1].label = "Network balancer";
  r.lines[1].amount = Money{12'000'000'000};
  r.total = Money{37'000'000'000};  // 50 -> 37: -26 %
  r.evictions += 7;
  const Diff d = diff(a, "a", b, "b");
  const ColumnDiff& c = d.columns[0];
  CHECK(c.symbol == '~');
  CHECK(*c.total.before == doctest::Approx(50));
  CHECK(*c.total.after == doctest::Approx(37));
  CHECK(*c.total.percent() == doctest::Approx(-26));
  REQUIRE(c.lines.size() == 3);  // by size of the change: -15, +12, -10
  CHECK(c.lines[0].key == "ec2/m5.large/on-demand");
  CHECK(c.lines[0].symbol() == '~');
  CHECK(*c.lines[0].percent() == doctest::Approx(-37.5));
  CHECK(c.lines[1].key == "nlb/hour");
  CHECK(c.lines[1].symbol() == '+');
  CHECK_FALSE(c.lines[1].percent());
  CHECK(c.lines[2].key == "alb/hour");
  CHECK(c.lines[2].symbol() == '-');
  double sum = 0;
  for (const Change& line : c.lines) sum += line.amount();
  CHECK(sum == doctest::Approx(c.total.amount()));
  REQUIRE(c.figures.size() == 1);
  CHECK(c.figures[0].key == "evictions");
  CHECK(c.figures[0].amount() == 7);
  CHECK(d.summary == "eks costs $13.00 a day less (-26.0 %).");
  const std::string text = render(d, Format::table, {});
  CHECK(has(text, "+ Network balancer"));
  CHECK(has(text, "- Load balancer"));
  CHECK(has(text, "~ EC2 m5.large on-demand"));
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    CHECK(end - at <= 80);
    at = end + 1;
  }
}

TEST_CASE("a change inside its half width is said to be none") {
  auto a = sample::comparison(3);
  a.columns.resize(1);
  auto b = a;
  // +1, -1, +1 evictions: mean 1/3, s = 1.1547, half width 4.302653 * 1.1547 / sqrt(3) = 2.87. Interruptions: +5 each.
  for (int k = 0; k < 3; ++k) {
    results::RunResult& was = a.columns[0].replications[static_cast<std::size_t>(k)];
    results::RunResult& is = b.columns[0].replications[static_cast<std::size_t>(k)];
    was.evictions = 10;
    is.evictions = k == 1 ? 9 : 11;
    is.interruptions = was.interruptions + 5;
  }
  const Diff d = diff(a, "a", b, "b");
  REQUIRE(d.columns[0].figures.size() == 2);
  CHECK(d.columns[0].figures[0].is_noise());
  CHECK_FALSE(d.columns[0].figures[1].is_noise());
  const std::string text = render(d, Format::table, {});
  const std::size_t evictions = text.find("~ evictions"), interruptions = text.find("interruptions");
  REQUIRE(evictions != text.npos);
  REQUIRE(interruptions != text.npos);
  CHECK(has(text.substr(evictions, text.find('\n', evictions) - evictions), "n.s."));
  CHECK_FALSE(has(text.substr(interruptions, text.find('\n', interruptions) - interruptions), "n.s."));
  CHECK(has(text, "n.s.: the 95 % interval of the change covers zero."));
  const auto json = nlohmann::json::parse(render(d, Format::json, {}));
  CHECK(json.at("platforms").at(a.columns[0].name).at("figures")[0].at("significant") == false);
}

TEST_CASE("growth is of the whole bill, in per cent") {
  const auto a = small();
  auto b = small();
  b.columns[0].replications[0].total = Money{53'000'000'000};
  CHECK(diff(a, "a", b, "b").largest_growth() == doctest::Approx(6));
  CHECK(diff(b, "b", a, "a").largest_growth() == 0);
}

TEST_CASE("promises that break, and the first fact that differs") {
  const auto a = small();
  auto b = small();
  results::RunResult& r = b.columns[0].replications[0];
  r.expectations[0].kept = false;
  r.events[1].node = "i-00002";
  const Diff d = diff(a, "a", b, "b");
  const ColumnDiff& c = d.columns[0];
  REQUIRE(c.promises.size() == 1);
  CHECK(c.promises[0].broken_before == 0);
  CHECK(c.promises[0].broken_after == 1);
  REQUIRE(c.first);
  CHECK(c.first->equal == 1);
  CHECK(c.first->before->node == "i-00001");
  CHECK(c.first->after->node == "i-00002");
  CHECK(has(d.summary, "1 promise newly broken"));
  const std::string text = render(d, Format::table, {});
  CHECK(has(text, "first difference at 00:01:01.5, after 1 equal facts"));
  CHECK(has(text, "pod_bound web-0 on i-00002"));
  CHECK(has(text, "kept -> broken"));
}

TEST_CASE("a run that goes on longer differs where the other ends") {
  const auto a = small();
  auto b = small();
  b.columns[0].replications[0].events.pop_back();
  const Diff d = diff(a, "a", b, "b");
  REQUIRE(d.columns[0].first);
  CHECK(d.columns[0].first->before);
  CHECK_FALSE(d.columns[0].first->after);
}

TEST_CASE("what changed in the scenario, by path") {
  const auto a = small();
  auto b = small();
  b.resolved_yaml = "apps: {web: {size: 1/1Gi, work: 5ms}}\n";
  const Diff d = diff(a, "a", b, "b");
  REQUIRE(d.scenario.size() == 3);
  CHECK(d.scenario[0].path == "apps.web.size");
  CHECK(d.scenario[0].before == "500m/1Gi");
  CHECK(d.scenario[0].after == "1/1Gi");
  CHECK(d.scenario[1].path == "apps.web.work");
  CHECK_FALSE(d.scenario[1].before);
  CHECK(d.scenario[2].path == "zones");
  CHECK_FALSE(d.scenario[2].after);
}

TEST_CASE("columns are matched by name; the only ones of both are put together") {
  auto a = sample::comparison(2), b = sample::comparison(2);
  b.columns[1].name = "other";
  const Diff d = diff(a, "a", b, "b");
  REQUIRE(d.columns.size() == a.columns.size() + 1);
  CHECK(d.columns[1].symbol == '-');
  CHECK(d.columns.back().symbol == '+');
  CHECK(d.columns.back().name == "other");
  auto one = small(), renamed = small();
  renamed.columns[0].name = "eks-2";
  renamed.columns[0].replications[0].total = Money{51'000'000'000};
  const Diff pair = diff(one, "a", renamed, "b");
  REQUIRE(pair.columns.size() == 1);
  CHECK(pair.columns[0].other_name == "eks-2");
  CHECK(pair.columns[0].symbol == '~');
}

TEST_CASE("a difference of pairs has the interval of the pairs") {
  auto a = sample::comparison(5), b = sample::comparison(5);
  for (auto& r : b.columns[0].replications) r.total += Money{2'000'000'000};
  const Diff d = diff(a, "a", b, "b");
  CHECK(d.columns[0].total.difference.mean == doctest::Approx(2));
  CHECK(d.columns[0].total.difference.half_width == doctest::Approx(0).epsilon(1e-6));
  CHECK(d.columns[0].total.difference.count == 5);
}

TEST_CASE("JSON and Markdown say the same") {
  const auto a = small();
  auto b = small();
  b.columns[0].replications[0].total = Money{53'000'000'000};
  b.columns[0].replications[0].lines[0].amount = Money{43'000'000'000};
  const Diff d = diff(a, "a", b, "b");
  const auto j = nlohmann::json::parse(render(d, Format::json, {}));
  CHECK(j["format_version"] == "1.0");
  CHECK(j["platforms"]["eks"]["change"] == "~");
  CHECK(j["platforms"]["eks"]["usd_per_day"]["before"] == "50.000000000");
  CHECK(j["platforms"]["eks"]["usd_per_day"]["after"] == "53.000000000");
  CHECK(j["platforms"]["eks"]["usd_per_day"]["percent"].get<double>() == doctest::Approx(6));
  CHECK(j["platforms"]["eks"]["lines_usd_per_day"][0]["key"] == "ec2/m5.large/on-demand");
  CHECK(j["platforms"]["eks"]["first_difference"].is_null());
  const std::string md = render(d, Format::markdown, {});
  CHECK(has(md, "| ~ | **bill, $ a day** | 50.00 | 53.00 | +3.00 | +6.0 % |"));
}

TEST_CASE("instants count from the window") {
  CHECK(clock_text(0) == "00:00:00");
  CHECK(clock_text(34'265'500'000) == "09:31:05.5");
  CHECK(clock_text(90'061'000'000) == "1d 01:01:01");
  CHECK(clock_text(-600'000'000) == "-00:10:00");
  CHECK(clock_text(-1) == "00:00:00");
}
